"""Laws of the chain: whatever is recorded, in whatever groups, erased in whatever order."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.audit.entry import new_id
from service.audit.erasure import erase_before, erase_patient
from tests.audit.places import draft, verified

deterministic = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=200)
DAYS = st.integers(1, 28).map(lambda day: f"2026-02-{day:02}")
DRAFTS = st.builds(
    lambda kind, day, **told: draft(kind, created_at=f"{day}T12:00:00.000000Z", **told),
    kind=st.sampled_from(["assessment", "review", "reading", "search", "feedback", "export"]),
    day=DAYS,
    caller=TEXTS,
    subject=st.none() | st.uuids().map(str),
    patient_id=st.none() | TEXTS.filter(bool),
    ground=TEXTS,
    request=st.binary(max_size=4000),
    answer=st.binary(max_size=4000),
    idempotency_key=st.none() | st.builds(new_id),
)
GROUPS = st.lists(st.lists(DRAFTS, min_size=1, max_size=5), max_size=6)


@deterministic
@given(groups=GROUPS, again=st.data())
def test_any_drafts_in_any_groups_make_a_chain_with_each_of_them_once_and_byte_by_byte(store, groups, again):
    before = verified(store)
    entries = [entry for group in groups for entry in store.append(group)]
    told = [each for group in groups for each in group]
    assert [entry.draft for entry in entries] == told
    assert [entry.position for entry in entries] == [before.entries + number for number in range(1, len(told) + 1)]
    after = verified(store)
    assert (after.entries, after.findings) == (before.entries + len(told), ())
    assert [store.find(each.id, each.kind) for each in told] == entries
    if told:
        repeated = again.draw(st.lists(st.sampled_from(told), min_size=1, max_size=5))
        assert [entry.draft for entry in store.append(repeated)] == repeated
        assert verified(store) == after


@deterministic
@given(
    patients=st.lists(st.tuples(st.sampled_from("abcd"), DAYS), min_size=1, max_size=12),
    erasures=st.lists(st.sampled_from("abcdef") | DAYS, max_size=5),
)
def test_whatever_is_erased_in_whatever_order_is_gone_and_the_chain_holds(store, patients, erasures):
    run = new_id()
    drafts = [
        draft(patient_id=f"{run}-{name}", created_at=f"{day}T12:00:00.000000Z", request=b"request", answer=b"answer")
        for name, day in patients
    ]
    store.append(drafts)
    for erasure in erasures:
        if len(erasure) == 1:
            erase_patient(store, f"{run}-{erasure}", "tester")
        else:
            erase_before(store, erasure, "tester")
        assert verified(store).findings == ()
    days = [erasure for erasure in erasures if len(erasure) > 1]
    for each, (name, day) in zip(drafts, patients, strict=True):
        goes = name in erasures or any(day < before for before in days)
        entry = store.find(each.id)
        assert entry.is_erased == goes
        blank = replace(each, patient_id=None, request=b"", answer=b"")
        assert entry.draft == (blank if goes else each)
