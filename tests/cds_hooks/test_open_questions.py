"""What keeps a decision open stands first: a cycle that may have been given, then the few questions that decide."""

import pytest

from service.cds_hooks.card_text import Wording, few, gaps
from service.cds_hooks.unread import Unread
from tests.cds_hooks.calling import assessment, cards, kit, searchset, signing
from tests.cds_hooks.showing import SKELETAL, shown_to_orders
from tests.cds_hooks.test_orders_against_the_decision import decision_of, drafted
from tests.intake.hospital import ATC, LUTETIUM, administration, coded, lab, order, service_request

OURS = {"reference": "Patient/demo-017"}
PROCEDURE = {
    "resourceType": "Procedure",
    "id": "x",
    "status": "completed",
    "subject": OURS,
    "code": {"text": "Lutathera cycle 3, 7.4 GBq"},
    "performedDateTime": "2026-02-28",
}
NOT_READ = "may be a cycle of PRRT and could not be read"


def with_known(told, *resources):
    told["prefetch"]["procedures"] = searchset(*resources)
    return told


def lines_of(told, service):
    return decision_of(cards(service, told))["detail"].splitlines()


def test_a_possible_cycle_is_the_first_line_and_the_reason_of_the_headline(shared):
    card = decision_of(cards(shared, with_known(drafted(), PROCEDURE)))
    assert card["detail"].startswith(f"- A procedure on 2026-02-28 {NOT_READ}.\n")
    assert card["summary"] == f"PRRT cycle: UNDETERMINED: do not sign yet; a procedure on 2026-02-28 {NOT_READ}"


def test_possible_cycles_stand_the_last_first_and_one_without_a_day_before_them(shared):
    earlier = PROCEDURE | {"id": "y", "performedDateTime": "2025-02-28"}
    given = administration(subject=OURS, medicationCodeableConcept={"text": "x"}, effectiveDateTime=None)
    found = lines_of(with_known(drafted(), earlier, PROCEDURE, given), shared)[:3]
    assert found == [
        f"- A drug given on a day that is not told {NOT_READ}.",
        f"- A procedure on 2026-02-28 {NOT_READ}.",
        f"- A procedure on 2025-02-28 {NOT_READ}.",
    ]


@pytest.mark.parametrize(
    "resource",
    [
        PROCEDURE | {"performedDateTime": "2026-01-19"},
        PROCEDURE | {"performedDateTime": "2026-04-01"},
        administration(subject=OURS, effectiveDateTime="2026-01-19"),
        administration(subject=OURS, medicationCodeableConcept=coded("H01CB02", ATC)),
    ],
    ids=["on the day of a cycle", "after today", "a double", "another drug"],
)
def test_what_is_no_further_cycle_is_not_said_to_be(shared, resource):
    """Beside a procedure that may be one."""
    found = lines_of(with_known(drafted(), PROCEDURE, resource), shared)
    assert [line for line in found if NOT_READ in line] == [f"- A procedure on 2026-02-28 {NOT_READ}."]


def test_where_all_cycles_are_told_nothing_is_said_of_others(shared):
    assert NOT_READ not in str(cards(shared, with_known(drafted(), PROCEDURE | {"performedDateTime": "2026-01-19"})))


@pytest.mark.parametrize(
    ("name", "advice"),
    [("order-sign", "do not sign yet"), ("order-select", "do not sign yet"), ("patient-view", "give no dose yet")],
)
def test_a_decision_that_is_open_advises_and_names_no_day_of_today(shared, name, advice):
    card = decision_of(cards(shared, with_known(kit(f"{name}-skeletal-metastases-cycle-3"), PROCEDURE)))
    assert f": UNDETERMINED: {advice}; " in card["summary"]
    assert "Not before" not in card["detail"]


def test_without_a_possible_cycle_the_first_thing_that_is_missing_is_the_reason(of_the_kit):
    (card,) = of_the_kit["order-sign-almost-no-data"]
    assert card["summary"] == "PRRT cycle: UNDETERMINED: do not sign yet; the treatments given so far were not told"


def test_without_anything_that_is_missing_the_rules_are_the_reason():
    answer = assessment(SKELETAL | {"treatments": None, "laboratory": None})
    answer["missing"] = []
    card = decision_of(shown_to_orders(answer, order()))
    assert "UNDETERMINED: do not sign yet; decided by Eligibility" in card["summary"]


def test_five_questions_stand_and_the_others_are_counted():
    assert few(list("abcde")) == list("abcde")
    assert few(list("abcdefg")) == [*"abcde", "And 2 more; see the whole assessment"]


def test_by_turns_what_was_not_used_and_what_is_asked_for(shared):
    unread = [lab("777-3", 148, "unheard of", id=f"lab-{number}", subject=OURS) for number in range(7)]
    told = kit("order-sign-almost-no-data")
    patient = {"reference": f"Patient/{told['context']['patientId']}"}
    found = lines_of(with_known(told, *(each | {"subject": patient} for each in unread)), shared)
    kinds = [line.split(":")[0] for line in found if line.startswith(("- Not used:", "- Missing:", "- Could not be read:"))]
    assert kinds == ["- Not used", "- Could not be read", "- Not used", "- Missing", "- Not used"]
    assert any(line.startswith("- And ") for line in found)


@pytest.mark.parametrize(
    "other",
    [
        order(id="other", status="active", medicationCodeableConcept=coded("H01CB03", ATC), subject=OURS),
        service_request(id="other", status="revoked", code={"text": "x"}, subject=OURS),
        order(id="other", status="cancelled", medicationCodeableConcept=LUTETIUM, subject=OURS),
    ],
    ids=["of another drug", "revoked", "cancelled"],
)
def test_an_order_that_leaves_nothing_open_is_no_gap(shared, other):
    assert lines_of(with_known(drafted(), other), shared) == lines_of(drafted(), shared)


def test_an_order_of_something_else_by_a_service_is_counted_and_not_listed(shared):
    other = service_request(id="other", code={"text": "x"}, subject=OURS)
    found = lines_of(with_known(drafted(), other), shared)
    assert "- Not used: 1 of a code that is not read, such as `ServiceRequest/other`" in found
    assert not any("orders no radiopharmaceutical" in line for line in found)


def test_what_could_not_be_had_is_one_line(shared):
    found = [line for line in lines_of(signing(order()), shared) if "not sent along" in line]
    assert len(found) == 1
    assert "`prefetch laboratory`, `prefetch findings`" in found[0]


def test_without_a_decision_a_possible_cycle_stands_among_the_gaps():
    answer = assessment(SKELETAL, ("Observation/a", "is not used"))
    wording = Wording({}, Unread(cycles={"Procedure/x": "A procedure may be a cycle"}))
    assert gaps(answer, wording) == ["A procedure may be a cycle.", "Not used: `Observation/a` is not used"]


def test_the_day_of_today_does_not_stand_beside_a_decision_that_is_open():
    answer = assessment(SKELETAL | {"laboratory": None})
    assert (answer["next_cycle"]["decision"], answer["next_cycle"]["earliest_on"]) == ("undetermined", answer["as_of"])
    assert "Not before" not in decision_of(shown_to_orders(answer, order()))["detail"]
    later = answer | {"next_cycle": answer["next_cycle"] | {"earliest_on": "2026-03-20"}}
    assert "\n- Not before: 2026-03-20" in f"\n{decision_of(shown_to_orders(later))['detail']}"
