"""What an order says is held against the decision: its day, its activity, its doubles, how it was recognised, whose it is."""

import copy
import re

import pytest

from service.cds_hooks.unread import unread_words
from service.intake.sources import gather_sources
from service.intake.trace import NotUsed
from tests.cds_hooks.calling import ORDER_HOOKS, assessment, cards, kit, not_used, recorded, signing, topic
from tests.cds_hooks.fhir_server import call, with_server
from tests.cds_hooks.showing import SKELETAL, shown_to_orders
from tests.intake.hospital import ATC, LUTETIUM, amount, coded, lab, order

TOO_SOON = assessment(SKELETAL | {"as_of": "2026-03-06"})  # less than seven weeks after the second cycle
EARLIEST = TOO_SOON["next_cycle"]["earliest_on"]
WHOLE = assessment(SKELETAL)
AFTER_AN_ANALOGUE = assessment(
    SKELETAL
    | {
        "treatments": [
            *SKELETAL["treatments"],
            {"kind": "somatostatin_analogue", "agent": "lanreotide", "given_on": "2026-03-09", "formulation": "long_acting"},
        ]
    }
)
LOW = {"analyte": "platelets", "value": 60, "unit": "10*9/L", "lower_limit": 150, "upper_limit": 400, "taken_on": "2026-02-05"}
REDUCED = assessment(SKELETAL | {"laboratory": [*SKELETAL["laboratory"], LOW]})
NO_CYCLE_LEFT = assessment(SKELETAL | {"plan": {"agent": "lutetium_177_dotatate", "planned_cycles": 2}})


def dose(value, unit="GBq"):
    return {"dosageInstruction": [{"doseAndRate": [{"doseQuantity": amount(value, unit, unit)}]}]}


def on(day):
    return {"dosageInstruction": [{"timing": {"event": [day]}}]}


def drafted(hook="order-sign", *others, **members):
    """A call of the kit whose draft has these members too, with other drafts beside it."""
    told = kit(f"{hook}-skeletal-metastases-cycle-3")
    told["context"]["draftOrders"]["entry"][0]["resource"] |= members
    told["context"]["draftOrders"]["entry"] += [{"resource": each} for each in others]
    return told


def decision_of(shown):
    return next(card for card in shown if topic(card) == "next_cycle")


def said_of_the_order(shown):
    return [(card["indicator"], card["summary"]) for card in shown if topic(card) == "order"]


@pytest.mark.parametrize("answer", [TOO_SOON, AFTER_AN_ANALOGUE], ids=["inside the interval", "after an analogue"])
@pytest.mark.parametrize(
    "draft", [order(), order(authoredOn="2026-01-01"), order(**on("2026-02-01"))], ids=["no day", "written", "for"]
)
def test_an_order_for_a_day_that_is_not_allowed_is_answered_with_the_first_that_is(answer, draft):
    card, earliest = shown_to_orders(answer, draft)[0], answer["next_cycle"]["earliest_on"]
    assert (topic(card), card["indicator"]) == ("next_cycle", "warning")
    assert card["summary"].startswith(
        f"Not before {earliest}: the order is for {answer['as_of']}; PRRT cycle 3: PROCEED from then on"
    )


@pytest.mark.parametrize(
    ("answer", "orders"),
    [(TOO_SOON, [order(**on(EARLIEST))]), (TOO_SOON, [order(authoredOn=EARLIEST)]), (TOO_SOON, []), (WHOLE, [order()])],
    ids=["on the first day", "written for it", "no order", "rested"],
)
def test_an_order_for_a_day_that_is_allowed_is_not_said_to_be_too_early(answer, orders):
    assert "Not before" not in decision_of(shown_to_orders(answer, *orders))["summary"]


@pytest.mark.parametrize("hook", ORDER_HOOKS)
@pytest.mark.parametrize(("value", "unit"), [(74, "GBq"), (7.4, "mCi"), (200, "MBq")])
def test_an_activity_that_cannot_be_right_is_the_first_card_and_critical_as_it_was_sent(shared, hook, value, unit):
    first = cards(shared, drafted(hook, **dose(value, unit)))[0]
    assert (topic(first), first["indicator"]) == ("order", "critical")
    assert first["summary"].startswith(f"DO NOT SIGN: this order says {value} {unit}, which cannot be right")


@pytest.mark.parametrize(
    "members",
    [
        {"dosageInstruction": [{"text": "200 mCi i.v."}]},
        {"note": [{"text": "give 7,4 GBq"}]},
        {"dosageInstruction": [{"doseAndRate": [{"doseRange": {"low": amount(7, "GBq")}}]}], "note": [{"text": "7.4 GBq"}]},
        {"dosageInstruction": [{"doseAndRate": [{"doseQuantity": amount(7.4, "GBq") | {"comparator": ">"}}]}]},
        {"dosageInstruction": dose(7.4)["dosageInstruction"] * 2},
        dose(1, "vial"),
    ],
    ids=["text", "note", "range", "bound", "two", "unit"],
)
def test_an_activity_that_is_there_and_cannot_be_read_is_said_to_be(shared, members):
    (said,) = said_of_the_order(cards(shared, drafted(**members)))
    assert said == ("warning", "The activity of the order could not be read: check it against the decision")


@pytest.mark.parametrize("members", [{}, dose(7.4), dose(200, "mCi"), {"dosageInstruction": [{"text": "over 30 minutes"}]}])
def test_of_an_order_that_agrees_or_tells_no_activity_there_is_nothing_to_say(shared, members):
    assert said_of_the_order(cards(shared, drafted(**members))) == []


@pytest.mark.parametrize("value", [7.41, 7.77])
def test_a_little_more_than_the_label_in_one_administration_is_said_before_the_total_of_the_course(value):
    seen = shown_to_orders(WHOLE, order(**dose(value)))
    said = f"One administration of this order, {value} GBq, exceeds the labelled activity of a cycle, 7.4 GBq of Lu-177 DOTATATE"
    assert [topic(card) for card in seen[:2]] == ["next_cycle", "order"]
    assert "this order" in seen[0]["summary"]
    assert said_of_the_order(seen) == [("warning", said)]


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        ([order(**dose(7.4))], " (the order is of 7.4 GBq)"),
        ([order()], " (the order is of no activity that is told and could be read)"),
        ([order(**dose(3.7))], ""),
        ([], ""),
    ],
    ids=["full", "untold", "reduced", "no order"],
)
def test_where_the_next_dose_is_reduced_the_order_is_held_against_it(orders, said):
    card = decision_of(shown_to_orders(REDUCED, *orders))
    assert REDUCED["next_cycle"]["decision"] == "proceed_reduced"
    assert f"PROCEED REDUCED with 3.7 GBq (recalled){said}, " in card["summary"]
    assert card["indicator"] == "warning"


@pytest.mark.parametrize(
    ("other", "said"), [({"id": "b"}, "Duplicate order"), ({"id": "order"}, "Duplicate order"), (dose(7.4), "2 orders")]
)
def test_two_orders_of_prrt_are_said_to_be_two(shared, other, said):
    (seen,) = said_of_the_order(cards(shared, signing(order(), order(**other))))[:1]
    assert seen[0] == "warning"
    assert seen[1].startswith(said)


def test_an_order_that_does_not_agree_with_the_plan_is_said_to_with_its_activity(shared):
    (seen,) = said_of_the_order(cards(shared, drafted(**dose(3.7))))
    assert seen[0] == "warning"
    assert seen[1] == "This order says 3.7 GBq, the plan 7.4 GBq: settle which"


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"intent": "option"}, "has an intent that is not read"),
        ({"id": None, "intent": "option"}, "has an intent that is not read"),
        (on("1026-03-16"), "planned date must be"),
    ],
)
def test_an_order_that_is_not_used_is_said_not_to_be(shared, members, why):
    (seen,) = said_of_the_order(cards(shared, signing(order(**members))))
    assert seen[0] == "warning"
    assert seen[1].startswith(f"The order does not count in full: {why}")


NAMED = {
    "text": {"text": "Lutathera"},
    "lutetium": {"text": "LUTETIUM (177Lu) oxodotreotide"},
    "Lu-177": {"text": "Lu-177 dotatate, cycle 3"},
    "display": {"coding": [{"display": "lutetium (177Lu) oxodotreotide"}]},
    "a code of the house": coded("V10XX04", "http://example.org/drugs", display="Lutathera"),
    "a code of another drug": coded("V10XX05", ATC, display="lutetium (177Lu) oxodotreotide"),
}


@pytest.mark.parametrize("drug", NAMED.values(), ids=NAMED)
def test_an_order_that_names_prrt_in_words_alone_opens_the_question(shared, drug):
    seen = cards(shared, signing(order(medicationCodeableConcept=drug)))
    assert "UNDETERMINED" in decision_of(seen)["summary"]
    assert said_of_the_order(seen)[0][1].startswith("The order may be of PRRT: its drug was recognised by its words only")


def test_an_order_in_words_of_a_medication_beside_it_opens_the_question(shared):
    named = {"resourceType": "Medication", "id": "m", "code": {"text": "Lutathera"}}
    told = signing(order(medicationCodeableConcept=None, medicationReference={"reference": "Medication/m"}), named)
    assert said_of_the_order(cards(shared, told)) != []


def test_an_active_order_in_words_is_no_plan_and_is_spoken_of(shared):
    seen = cards(shared, signing(order(medicationCodeableConcept={"text": "Lutathera"}, status="active")))
    assert said_of_the_order(seen)[0][0] == "warning"


@pytest.mark.parametrize(
    "drug",
    [
        {"text": "Ga-68 dotatate PET/CT before PRRT"},
        {"text": "amino acids"},
        coded("H01CB02", ATC) | {"text": "octreotide, to be stopped before Lutathera"},
        coded("B05BA01", ATC) | {"text": "amino acids with Lutathera"},
    ],
)
def test_words_that_name_something_else_open_nothing(service, drug):
    assert cards(service, signing(order(medicationCodeableConcept=drug))) == []
    assert recorded(service) == []


def test_an_order_of_a_medication_that_cannot_be_had_is_said_to_be_unknown(shared):
    told = drafted(medicationCodeableConcept=None, medicationReference={"reference": "Medication/nowhere"})
    assert said_of_the_order(cards(shared, told)) == [
        ("warning", "The order may be of PRRT: it refers to a medication that could not be had")
    ]


def test_a_medication_that_is_fetched_says_what_is_ordered(service, ehr):
    ehr.holds = {**ehr.holds, "Medication/m": {"resourceType": "Medication", "id": "m", "code": coded("H01CB02", ATC)}}
    told = drafted(medicationCodeableConcept=None, medicationReference={"reference": "Medication/m"})
    assert call(service, with_server(told, ehr.base)).json() == {"cards": []}


ANOTHER = {"subject": {"reference": "Patient/somebody-else"}}


@pytest.mark.parametrize("hook", ORDER_HOOKS)
@pytest.mark.parametrize("members", [{}, {"medicationCodeableConcept": {"text": "Lutathera"}}], ids=["coded", "in words"])
def test_an_order_for_another_patient_is_said_to_be_without_naming_anybody(service, hook, members):
    (card,) = cards(service, signing(order(**ANOTHER | members), hook=hook))
    assert (topic(card), card["indicator"]) == ("another_patient", "critical")
    assert "another patient" in card["summary"]
    assert not re.search(r"somebody-else|p1\b", str(card))
    assert recorded(service) == []


def test_beside_the_order_for_this_patient_that_for_another_stands_first(service):
    seen = cards(service, signing(order(), order(id="b", **ANOTHER)))
    assert [topic(card) for card in seen[:2]] == ["another_patient", "next_cycle"]
    assert said_of_the_order(seen) == []


def test_of_an_order_of_something_else_for_another_patient_nothing_is_said(shared):
    assert cards(shared, signing(order(medicationCodeableConcept=coded("H01CB02", ATC), **ANOTHER))) == []


def test_when_the_order_for_another_patient_is_the_one_selected_it_alone_is_spoken_of(shared):
    told = signing(order(), order(id="b", **ANOTHER), hook="order-select", selections=["MedicationRequest/b"])
    assert [topic(card) for card in cards(shared, told)] == ["another_patient"]


def test_a_patient_named_by_the_uuid_of_a_bundle_is_this_one(shared):
    assert topic(cards(shared, signing(order(subject={"reference": "urn:uuid:p1"})))[0]) == "next_cycle"


def test_an_order_after_the_last_cycle_is_no_information():
    assert decision_of(shown_to_orders(NO_CYCLE_LEFT, order()))["indicator"] == "warning"


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (lab("777-3", 148, "unheard of", id="platelets"), "platelets"),
        (
            {"resourceType": "MedicationAdministration", "id": "given", "medicationCodeableConcept": {"text": "x"}},
            "treatments given so far",
        ),
    ],
)
def test_what_came_and_could_not_be_read_is_not_said_to_be_missing(shared, resource, said):
    told = signing(
        order(), known=[resource | {"status": resource.get("status", "completed"), "subject": {"reference": "Patient/p1"}}]
    )
    detail = decision_of(cards(shared, told))["detail"]
    assert f"- Could not be read: {said}. " in detail
    assert f"- Missing: {said}" not in detail


@pytest.mark.parametrize(
    ("kind", "members", "words"),
    [
        ("DiagnosticReport", {"category": [coded("LP29684-5")]}, {"imaging"}),
        ("DiagnosticReport", {"category": [coded("LAB", "http://terminology.hl7.org/CodeSystem/v2-0074")]}, set()),
        ("MedicationAdministration", {"medicationCodeableConcept": coded("H01CB02", ATC)}, set()),
        ("Observation", {"code": coded("89247-1")}, {"performance"}),
        ("Observation", {"code": coded("89247-1"), "status": "cancelled"}, set()),
        ("Observation", {"code": coded("89247-1"), "subject": {"reference": "Patient/p2"}}, set()),
        ("Encounter", {}, set()),
    ],
)
def test_only_what_may_answer_a_question_of_this_patient_counts_as_not_read(kind, members, words):
    came = {"resourceType": kind, "id": "x", "subject": {"reference": "Patient/p1"}} | members
    assert unread_words([NotUsed(f"{kind}/x", "is not read")], gather_sources([came]), "p1") == words
    assert unread_words([], gather_sources([came]), "p1") == set()


def test_what_could_not_be_used_stands_beside_the_decision_and_not_at_its_end(shared):
    told = copy.deepcopy(signing(order(medicationCodeableConcept=LUTETIUM), known=[lab("777-3", 148, "unheard of")]))
    seen = decision_of(cards(shared, told))
    assert not_used([seen])
    assert seen["detail"].rindex("\n- Not used: ") < seen["detail"].index("\n- Decided by: ")
