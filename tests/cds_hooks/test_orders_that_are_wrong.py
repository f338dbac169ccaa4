"""Orders that must not be signed as they are: too much, too often, of a look-alike; and those that are none any more."""

import pytest

from tests.cds_hooks.calling import ORDER_HOOKS, assessment, cards, recorded, signing, topic
from tests.cds_hooks.showing import SKELETAL, shown_to_orders
from tests.cds_hooks.test_orders_against_the_decision import (
    REDUCED,
    TOO_SOON,
    WHOLE,
    decision_of,
    dose,
    said_of_the_order,
)
from tests.intake.hospital import ATC, ICD, amount, coded, condition, order, service_request

NET = condition("C7A.012", ICD)
CARCINOMA = condition("C61", ICD)
PLUVICTO = {"text": "Pluvicto"}
LOOK_ALIKE = "A look-alike of PRRT is ordered"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(14.8, "GBq", "14.8 GBq"), (29.6, "GBq", "29.6 GBq"), (7.78, "GBq", "7.78 GBq"), (800, "mCi", "800 mCi")],
)
def test_more_than_the_label_in_one_administration_is_not_to_be_signed(value, unit, said):
    first, decision = shown_to_orders(WHOLE, order(**dose(value, unit)))[:2]
    assert (topic(first), first["indicator"]) == ("order", "critical")
    assert first["summary"].startswith(f"DO NOT SIGN: this order says {said}")
    assert first["summary"].endswith(" in one administration; a labelled cycle is 7.4 GBq")
    assert (topic(decision), decision["indicator"]) == ("next_cycle", "warning")


def test_more_than_the_label_in_another_unit_is_said_in_that_of_the_label_too():
    assert "says 800 mCi (29.6 GBq) in" in shown_to_orders(WHOLE, order(**dose(800, "mCi")))[0]["summary"]


@pytest.mark.parametrize("answer", [WHOLE, TOO_SOON, REDUCED], ids=["proceed", "too soon", "reduced"])
@pytest.mark.parametrize("members", [dose(29.6), dose(74), dose(200, "MBq")], ids=["too much", "74 GBq", "200 MBq"])
def test_beside_an_order_that_is_wrong_nothing_is_said_to_proceed(answer, members):
    card = decision_of(shown_to_orders(answer, order(**members)))
    assert "PRRT cycle 3: only after the order is corrected" in card["summary"]
    assert "PROCEED" not in card["summary"]
    assert "\n- Once the order is corrected: PROCEED" in card["detail"]


def test_what_else_has_to_be_looked_at_stands_beside_the_correction():
    card = decision_of(shown_to_orders(WHOLE, order(**dose(29.6))))
    assert card["summary"] == "PRRT cycle 3: only after the order is corrected, after a look at: ALP alert"


def repeated(**repeat):
    return {"timing": {"repeat": repeat}}


TOO_OFTEN = {
    "4 times, every day": repeated(count=4, frequency=1, period=1, periodUnit="d"),
    "every 6 weeks": repeated(period=6, periodUnit="wk"),
    "2 in every 8 weeks": repeated(frequency=2, period=8, periodUnit="wk"),
    "every month": repeated(period=1.0, periodUnit="mo"),
    "2 times": {"timing": {"event": ["2026-03-16", "2026-03-17", "soon"]}},
}
REPEATED = {
    "4 times, every 8 weeks": repeated(countMax=4, period=8, periodUnit="wk"),
    "every 7 weeks": repeated(period=7, periodUnit="wk"),
    "4 times": repeated(count=4),
    "2 times": {"timing": {"event": ["2026-03-16", "2026-05-11"]}},
    "by a schedule that is not read": {"timing": {"code": {"text": "QD"}}},
}
NOT_REPEATED = [
    {},
    repeated(),
    repeated(count=1, frequency=1, period=1, periodUnit="d"),
    repeated(duration=30, durationUnit="min"),
    repeated(boundsDuration={}, count="4"),
    repeated(count=0),
    repeated(count=True),
    {"timing": {"event": ["2026-03-16"]}},
    {"timing": {"code": {"coding": [{"code": "ONCE"}]}, "repeat": {"frequency": 1}}},
]


@pytest.mark.parametrize("timing", TOO_OFTEN.values(), ids=TOO_OFTEN)
def test_an_order_that_repeats_sooner_than_the_label_allows_is_not_to_be_signed(timing):
    words = next(words for words, each in TOO_OFTEN.items() if each is timing).replace("2 times", "3 times")
    first = shown_to_orders(WHOLE, order(dosageInstruction=[timing]))[0]
    assert (topic(first), first["indicator"]) == ("order", "critical")
    assert first["summary"] == f"DO NOT SIGN: this order is to be given {words}; the label has 8 weeks between two cycles"


@pytest.mark.parametrize("words", REPEATED)
def test_an_order_that_repeats_is_said_to(words):
    seen = said_of_the_order(shown_to_orders(WHOLE, order(dosageInstruction=[REPEATED[words]])))
    assert seen == [("warning", f"This order is to be given {words}: an order should be of one administration")]


@pytest.mark.parametrize(
    "members", [{"dosageInstruction": [{}, repeated(dayOfWeek=["mon"])]}, {"dosageInstruction": [repeated(period=9 * 10**9)]}]
)
def test_what_repeats_in_a_way_that_is_not_read_is_said_too(members):
    ((_, said),) = said_of_the_order(shown_to_orders(WHOLE, order(**members)))
    assert said.startswith("This order is to be given by a schedule that is not read")


def test_the_timing_of_a_service_request_counts_alike():
    seen = shown_to_orders(WHOLE, service_request(occurrenceTiming=TOO_OFTEN["every 6 weeks"]["timing"]))
    assert seen[0]["indicator"] == "critical"


@pytest.mark.parametrize("timing", NOT_REPEATED)
def test_of_an_order_of_one_administration_nothing_is_said(timing):
    assert said_of_the_order(shown_to_orders(WHOLE, order(dosageInstruction=[timing]))) == []


LOOK_ALIKES = {
    "by its ATC code": coded("V10XX05", ATC),
    "by RxNorm": coded("2594316", "http://www.nlm.nih.gov/research/umls/rxnorm"),
    "in words": PLUVICTO,
    "by its substance": {"text": "lutetium (177Lu) vipivotide tetraxetan"},
    "by its target": {"text": "177Lu-PSMA-617"},
}


@pytest.mark.parametrize("hook", ORDER_HOOKS)
@pytest.mark.parametrize("drug", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_an_order_of_a_look_alike_for_a_patient_of_prrt_is_a_warning(service, hook, drug):
    (card,) = cards(service, signing(order(medicationCodeableConcept=drug), hook=hook, known=[NET]))
    assert (topic(card), card["indicator"]) == ("look_alike", "warning")
    assert card["summary"].startswith(LOOK_ALIKE)
    assert recorded(service) == []


@pytest.mark.parametrize(
    ("drug", "known"),
    [(PLUVICTO, CARCINOMA), ({"text": "Ga-68 PSMA-11 PET/CT"}, NET), (coded("H01CB02", ATC) | {"text": "before Pluvicto"}, NET)],
    ids=["of another disease", "for imaging", "another drug"],
)
def test_of_a_look_alike_that_is_meant_nothing_is_said(service, drug, known):
    assert cards(service, signing(order(medicationCodeableConcept=drug), known=[known])) == []


def test_of_a_look_alike_for_a_patient_of_whom_nothing_is_known_is_warned(shared):
    assert [topic(card) for card in cards(shared, signing(order(medicationCodeableConcept=PLUVICTO)))] == ["look_alike"]


def test_a_look_alike_beside_an_order_of_prrt_is_said(shared):
    seen = said_of_the_order(cards(shared, signing(order(), order(id="b", medicationCodeableConcept=PLUVICTO))))
    assert seen[0][0] == "warning"
    assert seen[0][1].startswith(LOOK_ALIKE)


@pytest.mark.parametrize("name", ["Lutatera", "Luthathera", "Luttathera"])
def test_a_misspelled_name_may_be_of_prrt(shared, name):
    seen = cards(shared, signing(order(medicationCodeableConcept={"text": name})))
    assert said_of_the_order(seen)[0][1].startswith("The order may be of PRRT: its drug was recognised by its words only")


@pytest.mark.parametrize("status", ["cancelled", "revoked", "entered-in-error"])
def test_a_draft_that_is_cancelled_is_no_order(service, status):
    assert cards(service, signing(order(status=status))) == []


def test_two_drafts_that_disagree_are_both_named(shared):
    seen = cards(shared, signing(order(**dose(3.7)), order(id="b", **dose(7.4))))
    detail = next(card for card in seen if topic(card) == "order")["detail"]
    assert "- This order says 3.7 GBq, another draft 7.4 GBq: settle which." in detail
    assert "- This order says 7.4 GBq, another draft 3.7 GBq: settle which." in detail


def test_without_the_other_order_its_activity_is_not_made_up():
    why = "does not agree with another resource about planned_activity; neither is used"
    answer = assessment(SKELETAL, ("MedicationRequest/order", why))
    ((_, said),) = said_of_the_order(
        shown_to_orders(answer, order(dosageInstruction=[{"doseAndRate": [{"doseQuantity": amount(3.7, "GBq")}]}]))
    )
    assert said == "This order says 3.7 GBq, another resource does not: settle which"
