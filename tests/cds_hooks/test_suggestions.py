"""Suggestions: the one thing that may be accepted unseen is a draft order of blood tests (checklist I-93 to I-135)."""

# ruff: noqa: N802  # I-nn is the number of a requirement

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cds_hooks.suggestions import laboratory_order
from service.terminology.codes import CODES, find_code
from service.vocabulary import ANALYTE_NAMES
from tests.cds_hooks.calling import KIT, assessment, cards, empties, guidance, is_uuid, kit
from tests.cds_hooks.showing import FIVE_WARNINGS, LAW, SKELETAL, answers, shown
from tests.conftest import EXAMPLES

MEASURED = {row.means for row in CODES if row.kind == "analyte" and row.mark == "verified"}
each_call = pytest.mark.parametrize("name", KIT)


def suggestions(seen):
    return [suggestion for card in seen for suggestion in card.get("suggestions", ())]


def actions(seen):
    return [action for suggestion in suggestions(seen) for action in suggestion["actions"]]


def test_the_kit_holds_suggestions(of_the_kit):
    assert {name for name in KIT if suggestions(of_the_kit[name])} >= {"order-sign-almost-no-data", "order-select-almost-no-data"}


@each_call
def test_I_93_I_95_suggestions_say_how_many_of_them_may_be_selected(of_the_kit, name):
    for card in of_the_kit[name]:
        assert ("suggestions" in card) == ("selectionBehavior" in card)
        assert card.get("selectionBehavior", "any") in {"any", "at-most-one"}
        recommended = [each for each in card.get("suggestions", ()) if each["isRecommended"]]
        assert card.get("selectionBehavior") != "at-most-one" or len(recommended) <= 1


@each_call
def test_I_117_to_I_122_each_suggestion_has_a_label_a_uuid_and_actions(of_the_kit, name):
    for suggestion in suggestions(of_the_kit[name]):
        assert set(suggestion) == {"label", "uuid", "isRecommended", "actions"}
        assert isinstance(suggestion["label"], str)
        assert is_uuid(suggestion["uuid"])
        assert suggestion["actions"]


@each_call
def test_whether_a_suggestion_is_recommended_is_always_told_and_none_is(of_the_kit, name):
    assert all(each["isRecommended"] is False for each in suggestions(of_the_kit[name]))


@each_call
def test_I_124_to_I_135_each_action_creates_a_resource_and_describes_it(of_the_kit, name):
    for action in actions(of_the_kit[name]):
        assert set(action) == {"type", "description", "resource"}, "and no resourceId: nothing is deleted"
        assert action["type"] == "create"
        assert isinstance(action["description"], str)
        assert isinstance(action["resource"], dict), "an object, not a text"
        assert action["resource"]["resourceType"] == "ServiceRequest"


@LAW
@given(answers(), st.booleans())
def test_only_draft_proposals_of_blood_tests_with_a_verified_code_are_suggested(answer, predictions):
    for action in actions(shown(answer, predictions=predictions)):
        order = action["resource"]
        (coding,) = order["code"]["coding"]
        code = find_code(coding["system"], coding["code"])
        assert (order["resourceType"], order["status"], order["intent"]) == ("ServiceRequest", "draft", "proposal")
        assert (code.kind, code.mark) == ("analyte", "verified"), "and never a radiopharmaceutical"
        assert coding["display"] == code.display
        assert ANALYTE_NAMES[code.means] in action["description"]
        assert order["occurrenceDateTime"] == answer["as_of"]


@LAW
@given(answers(), st.booleans())
def test_what_is_suggested_was_said_to_be_missing(answer, predictions):
    asked = {each["item"] for each in answer["missing"]}
    for action in actions(shown(answer, predictions=predictions)):
        means = find_code("http://loinc.org", action["resource"]["code"]["coding"][0]["code"]).means
        assert means in asked or (means == "creatinine" and "creatinine_clearance" in asked)


@LAW
@given(answers(), st.booleans())
def test_no_test_is_ordered_twice_by_one_suggestion_and_nothing_in_it_is_empty(answer, predictions):
    for suggestion in suggestions(shown(answer, predictions=predictions)):
        codes = [action["resource"]["code"]["coding"][0]["code"] for action in suggestion["actions"]]
        assert len(set(codes)) == len(codes)
        assert list(empties(suggestion)) == []


@each_call
def test_a_suggestion_is_for_the_patient_of_the_call(of_the_kit, name):
    for action in actions(of_the_kit[name]):
        assert action["resource"]["subject"] == {"reference": f"Patient/{kit(name)['context']['patientId']}"}


def test_a_suggestion_is_for_the_patient_of_the_call_whatever_the_patient_says_of_itself(shared):
    told = kit("order-sign-almost-no-data")
    claimed = {"url": "urn:prrt-cds:fhir:patient", "extension": [{"url": "id", "valueString": "somebody-else"}]}
    told["prefetch"]["patient"]["extension"] = [claimed]
    ordered = actions(cards(shared, told))
    assert ordered
    assert {action["resource"]["subject"]["reference"] for action in ordered} == {"Patient/demo-020"}


NO_LABORATORY = SKELETAL | {"laboratory": []}


def test_I_119_two_cards_that_ask_for_the_same_tests_suggest_them_under_different_uuids():
    answer = assessment(json.loads((EXAMPLES / "stable-disease-after-two-cycles.json").read_text("utf-8")))
    asked = {
        each["item"] for verdict in answer["recommendations"] for each in verdict["missing"] if verdict["rule"] == "monitoring"
    }
    answer["missing"] = [each for each in answer["missing"] if each["item"] in asked]
    told = [each["label"].removeprefix("Draft an order of ") for each in suggestions(shown(answer, predictions=False))]
    ids = [each["uuid"] for each in suggestions(shown(answer, predictions=False))]
    assert len({frozenset(names.split(", ")) for names in told}) < len(told), "two are alike"
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("patient", [NO_LABORATORY, FIVE_WARNINGS | {"laboratory": []}], ids=["few warnings", "many"])
def test_I_119_each_suggestion_of_an_answer_has_a_uuid_of_its_own(patient):
    ids = [each["uuid"] for each in suggestions(shown(assessment(patient), predictions=True))]
    assert ids
    assert len(set(ids)) == len(ids)


@LAW
@given(answers(), st.booleans())
def test_I_119_each_suggestion_of_any_answer_has_a_uuid_of_its_own(answer, predictions):
    ids = [each["uuid"] for each in suggestions(shown(answer, predictions=predictions))]
    assert len(set(ids)) == len(ids)


def test_the_uuids_of_cards_and_suggestions_differ(of_the_kit):
    for name in KIT:
        ids = {card["uuid"] for card in of_the_kit[name]}
        assert not ids & {each["uuid"] for each in suggestions(of_the_kit[name])}


def test_the_same_patient_gets_the_same_suggestions_under_other_ids():
    one, two = (suggestions(shown(assessment(NO_LABORATORY), predictions=False)) for _ in range(2))
    assert guidance(one) == guidance(two)
    assert one != two


def suggested(*items):
    found = laboratory_order(items, "next_cycle", assessment(SKELETAL))
    return found and [action["resource"]["code"]["text"] for action in found["actions"]]


@pytest.mark.parametrize(
    "items",
    [
        (),
        ("baseline_creatinine", "baseline_alkaline_phosphatase"),
        ("disease.grade", "patient.pregnant", "treatments", "imaging"),
        ("bone_alkaline_phosphatase",),
        ("lutetium_177_dotatate",),
        ("",),
    ],
    ids=["nothing", "a time that is over", "no blood test", "a code that is only recalled", "a radiopharmaceutical", "no name"],
)
def test_what_no_laboratory_can_measure_now_is_not_ordered(items):
    assert suggested(*items) is None


def test_creatinine_clearance_is_asked_for_as_creatinine_and_once():
    assert suggested("creatinine_clearance", "creatinine") == ["creatinine"]
    assert suggested("creatinine_clearance") == ["creatinine"]


def test_tests_are_ordered_in_the_order_in_which_they_are_missing_each_once():
    assert suggested("platelets", "disease.grade", "albumin", "platelets") == ["platelets", "albumin"]


@pytest.mark.parametrize("analyte", sorted(MEASURED - {"creatinine_clearance"}))
def test_every_test_with_a_verified_code_can_be_ordered(analyte):
    assert suggested(analyte) == [ANALYTE_NAMES[analyte]]


def test_the_label_names_every_test_that_would_be_ordered(of_the_kit):
    for name in KIT:
        for suggestion in suggestions(of_the_kit[name]):
            assert all(action["resource"]["code"]["text"] in suggestion["label"] for action in suggestion["actions"])
