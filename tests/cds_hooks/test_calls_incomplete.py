"""Calls with less than the whole truth: what was cut, could not be had or was not used is said on a card; the dead are let be."""

# ruff: noqa: N802  # I-nn is the number of a requirement

import pytest

from tests.cds_hooks.calling import ID_OF, KIT, cards, kit, not_used, recorded, signing, topic, view
from tests.intake.hospital import ICD, administration, condition, lab, order

CUT = {
    "a link to the next page": {"link": [{"relation": "self", "url": "a"}, {"relation": "next", "url": "b"}]},
    "more in total than there are entries": {"total": 1000},
}
PARTIAL = "Bundle holds only a part of what was found"
CONCERNED = [name for name in KIT if name != "patient-view-almost-no-data"]
SAID = ("what was searched for may be incomplete", "there is no FHIR server that may be asked")
CARCINOID = condition("C7A.012", ICD)
OUTCOME = {"resourceType": "OperationOutcome", "id": "o", "issue": [{"severity": "warning", "code": "incomplete"}]}

each_cut = pytest.mark.parametrize("cut", CUT.values(), ids=CUT)


@each_cut
@pytest.mark.parametrize("name", CONCERNED)
def test_I_48_a_search_that_was_cut_is_said_on_a_card_to_be(shared, name, cut):
    told = kit(name)
    told["prefetch"]["laboratory"] |= cut
    assert PARTIAL in not_used(cards(shared, told))


@each_cut
@pytest.mark.parametrize("key", ["laboratory", "conditions", "treatments", "reports", "service_orders"])
def test_I_48_whatever_was_cut_is_said(shared, key, cut):
    told = kit("patient-view-skeletal-metastases-cycle-3")
    told["prefetch"][key] |= cut
    assert PARTIAL in not_used(cards(shared, told))


@each_cut
def test_I_48_a_bundle_without_a_type_that_was_cut_is_said_to_be(shared, cut):
    told = kit("patient-view-skeletal-metastases-cycle-3")
    del told["prefetch"]["laboratory"]["type"]
    told["prefetch"]["laboratory"] |= cut
    assert PARTIAL in not_used(cards(shared, told))


@each_cut
def test_I_48_a_search_under_a_key_of_the_client_that_was_cut_is_said_to_be(shared, cut):
    told = view(CARCINOID)
    told["prefetch"]["everything"] |= cut
    assert PARTIAL in not_used(cards(shared, told))


@pytest.mark.parametrize("less", [0, 1])
def test_I_48_a_search_with_as_many_entries_as_it_found_is_whole(shared, less):
    told = kit("patient-view-skeletal-metastases-cycle-3")
    told["prefetch"]["laboratory"] |= {
        "total": len(told["prefetch"]["laboratory"]["entry"]) - less,
        "link": [{"relation": "self"}],
    }
    assert PARTIAL not in not_used(cards(shared, told))


@pytest.mark.parametrize("name", CONCERNED)
@pytest.mark.parametrize("as_entry", [False, True], ids=["as the value", "as an entry"])
def test_I_52_a_search_that_failed_is_said_on_a_card_to_have(shared, name, as_entry):
    told = kit(name)
    entries = [{"resource": OUTCOME, "search": {"mode": "outcome"}}]
    told["prefetch"]["reports"] = {"resourceType": "Bundle", "type": "searchset", "entry": entries} if as_entry else OUTCOME
    assert any(said in line for said in SAID for line in not_used(cards(shared, told)))


def test_I_52_a_search_that_failed_is_said_even_if_much_else_is_not_used(shared):
    """A patient has dozens of diagnoses that are not read; they must not push out what matters."""
    told = kit("patient-view-skeletal-metastases-cycle-3")
    unread = [condition(f"Z{number}", ICD, id=f"c{number}", subject={"reference": "Patient/demo-017"}) for number in range(30)]
    told["prefetch"]["conditions"]["entry"] += [{"resource": each} for each in unread]
    told["prefetch"]["service_orders"] = OUTCOME
    assert any(said in line for said in SAID for line in not_used(cards(shared, told)))


def test_a_laboratory_value_that_was_refused_is_said_even_if_much_else_is_not_used(shared):
    told = kit("patient-view-skeletal-metastases-cycle-3")
    subject = {"reference": "Patient/demo-017"}
    unread = [lab(f"{number}-0", id=f"other-{number}", subject=subject) for number in range(90_000, 90_030)]
    wrong = lab("751-8", 3000, "10*3/uL", id="neutrophils", subject=subject)
    told["prefetch"]["laboratory"]["entry"] += [{"resource": each} for each in [*unread, wrong]]
    assert any(line.startswith("Observation/neutrophils ") for line in not_used(cards(shared, told)))


@pytest.mark.parametrize(("count", "more"), [(5, 0), (6, 1), (40, 35)])
def test_what_was_not_used_is_told_five_times_and_then_counted(shared, count, more):
    told = kit("patient-view-skeletal-metastases-cycle-3")
    subject = {"reference": "Patient/demo-017"}
    unread = [lab("1695-6", 1, "unheard of", id=f"lab-{number}", subject=subject) for number in range(count)]
    told["prefetch"]["laboratory"]["entry"] += [{"resource": each} for each in unread]
    (decision,) = [card for card in cards(shared, told) if topic(card) == "next_cycle"]
    assert len(not_used([decision])) == 5
    lines = [line for line in decision["detail"].splitlines() if "more; see" in line]
    assert lines == ([f"- And {more} more; see the whole assessment"] if more else [])


@pytest.mark.parametrize("count", [1, 30])
def test_what_has_no_code_that_is_read_is_counted_behind_what_may_matter(shared, count):
    subject = {"reference": "Patient/demo-017"}
    told = kit("patient-view-skeletal-metastases-cycle-3")
    unread = [lab(f"{90_000 + number}-0", id=f"other-{number}", subject=subject) for number in range(count)]
    wrong = lab("751-8", 3000, "10*3/uL", id="neutrophils", subject=subject)
    told["prefetch"]["laboratory"]["entry"] += [{"resource": each} for each in [*unread, wrong]]
    *others, last = not_used(cards(shared, told))
    assert any(line.startswith("Observation/neutrophils ") for line in others)
    assert last == f"{count} of a code that is not read, such as Observation/other-0"


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (administration(medicationCodeableConcept={"text": "unread"}), "- A drug given on 2026-01-19 may be a cycle of PRRT"),
        (order(medicationCodeableConcept={}), "- Not used: `MedicationRequest/order` orders no radiopharmaceutical"),
    ],
)
def test_a_treatment_or_an_order_that_is_not_read_is_named_and_not_only_counted(shared, resource, said):
    """It might have been a cycle, or become one."""
    detail = cards(shared, view(CARCINOID, resource))[0]["detail"]
    assert said in detail
    assert "of a code that is not read" not in detail


def test_resources_of_a_type_that_is_not_read_are_not_spoken_of(shared):
    told = kit("patient-view-skeletal-metastases-cycle-3")
    told["prefetch"]["coverage"] = {"resourceType": "Coverage", "id": "c"}
    assert not_used(cards(shared, told)) == []


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (lab("777-3", 40, "10*9/L", status="entered-in-error"), "has status entered-in-error"),
        (lab("777-3", 40, "10*9/L", status="cancelled"), "has status cancelled"),
        (lab("777-3", 40, "10*9/L", status="preliminary"), "has status preliminary"),
        (lab("777-3", 40, "10*9/L", subject={"reference": "Patient/p2"}), "is of another patient"),
        (lab("777-3", 40, "10*9/L", modifierExtension=[{"url": "x"}]), "has a modifier that is not understood"),
        (lab("777-3", None, "10*9/L", dataAbsentReason={"text": "x"}), "says that its value is absent"),
    ],
)
def test_what_was_not_used_is_told_with_the_reason(shared, resource, reason):
    (line,) = [
        each for each in not_used(cards(shared, signing(order(), known=[resource]))) if each.startswith("Observation/lab ")
    ]
    assert reason in line


DEAD = [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-02-01"}, {"deceasedDateTime": "2026"}]
ALIVE = [{}, {"deceasedBoolean": False}]


def of_patient(name, **members):
    told = kit(name)
    told["prefetch"]["patient"] |= members
    return told


@pytest.mark.parametrize("dead", DEAD)
@pytest.mark.parametrize("hook", ID_OF)
def test_for_a_patient_who_has_died_nothing_says_to_proceed_and_no_survival_is_predicted(shared, hook, dead):
    shown = cards(shared, of_patient(f"{hook}-skeletal-metastases-cycle-3", **dead))
    assert [card["summary"] for card in shown if "PROCEED" in card["summary"]] == []
    assert [card["summary"] for card in shown if topic(card) == "prediction"] == []
    assert [card["summary"] for card in shown if "suggestions" in card] == []


@pytest.mark.parametrize("dead", DEAD)
@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_an_order_for_a_patient_who_has_died_is_told_of_the_death(shared, hook, dead):
    """Either nothing at all is said, or the death is: an order for the dead is an order in the wrong record."""
    shown = cards(shared, of_patient(f"{hook}-skeletal-metastases-cycle-3", **dead))
    assert shown == [] or "died" in shown[0]["summary"]


@pytest.mark.parametrize("alive", ALIVE)
def test_a_patient_who_lives_is_spoken_of(shared, alive):
    assert cards(shared, of_patient("patient-view-skeletal-metastases-cycle-3", **alive)) != []


def test_administrations_of_another_patient_are_no_cycles_of_this_one(service):
    told = view(CARCINOID, administration(subject={"reference": "Patient/p2"}))
    shown = cards(service, told)
    assert any("MedicationAdministration/given is of another patient" in line for line in not_used(shown))
    assert len(recorded(service)) == 1
