"""Predictions keep the probability that the wire carries, name what it is of, and say what it is not."""

import pytest

from service.presentation.fhir import assessment_as_fhir
from service.presentation.risks_as_json import risk_as_json
from tests.presentation.fhir.answers import answer, bundle, resources, texts
from tests.presentation.fhir.validating import problems
from tests.risk.patients import BONE, cycle, risks
from tests.vignettes import names

NAME = "skeletal-metastases-cycle-3"
LATER = "overall_survival_landmark_12"
SEEN = [{"performed_on": "2025-12-29", "overall_response": "stable_disease"}]


def assessments(told):
    """RiskAssessments by question id."""
    return {each["code"]["coding"][0]["code"]: each for each in resources(bundle(told), "RiskAssessment")}


@pytest.mark.parametrize("name", names())
def test_every_question_is_answered_with_the_probabilities_of_the_wire(name):
    told = answer(name)
    found = assessments(told)
    assert list(found) == [risk["question_id"] for risk in told["risks"]]
    for risk in told["risks"]:
        predictions = found[risk["question_id"]].get("prediction", [])
        assert [each["probabilityDecimal"] for each in predictions] == [each["probability"] for each in risk["horizons"]]
        for prediction, horizon in zip(predictions, risk["horizons"], strict=True):
            assert f"95 % interval {horizon['lower']} to {horizon['upper']}" in prediction["rationale"]


def test_a_survival_is_the_probability_of_being_alive_and_never_of_the_event():
    found = assessments(answer(NAME))
    survival = found["overall_survival_from_start"]["prediction"]
    assert [each["outcome"]["text"] for each in survival[:2]] == [
        "Alive 12 months after the start of PRRT",
        "Alive 24 months after the start of PRRT",
    ]
    assert all("not of death" in each["rationale"] for each in survival)
    probabilities = [each["probabilityDecimal"] for each in survival]
    assert probabilities == sorted(probabilities, reverse=True)
    free = found["progression_free_survival_from_start"]["prediction"][0]
    assert free["outcome"]["text"] == "Alive and without progression 12 months after the start of PRRT"
    assert "not of progression or death" in free["rationale"]


def test_the_time_runs_from_the_origin_to_the_horizon_in_months():
    first = assessments(answer(NAME))["overall_survival_from_start"]["prediction"][0]
    unit = {"unit": "months", "system": "http://unitsofmeasure.org", "code": "mo"}
    assert first["whenRange"] == {"low": {"value": 0} | unit, "high": {"value": 12} | unit}


def test_a_response_has_a_probability_and_no_time():
    (prediction,) = assessments(answer(NAME))["response_at_completion"]["prediction"]
    assert prediction["outcome"]["text"] == "Partial response at completion"
    assert prediction["outcome"]["coding"][0]["code"] == "partial_response_at_completion"
    assert "whenRange" not in prediction


@pytest.mark.parametrize("name", names())
def test_without_an_estimate_there_is_no_prediction_and_the_reason_is_told(name):
    told = answer(name)
    for risk in told["risks"]:
        found = assessments(told)[risk["question_id"]]
        assert ("prediction" in found) == (risk["status"] == "estimated")
        for reason in risk["applicability"]["reasons"]:
            assert reason in texts(found)


def test_refused_and_unknown_are_called_so():
    refused, unknown = (assessments(answer(name))[LATER] for name in (NAME, "almost-no-data"))
    assert "No prediction; refused: 12 months after the first cycle are not reached." in texts(refused)
    assert refused["status"] == unknown["status"] == "preliminary"
    asked = assessments(answer("almost-no-data"))["overall_survival_from_start"]
    assert "No prediction; unknown: " in texts(asked)


@pytest.mark.parametrize("name", names())
def test_an_association_is_never_told_without_its_caveats_its_question_and_its_population(name):
    told = answer(name)
    for risk in told["risks"]:
        notes = texts(assessments(told)[risk["question_id"]])
        for part in (*risk["caveats"], risk["population"], risk["question"]):
            assert part in notes


def test_no_prediction_is_called_high_or_low():
    for name in names():
        for found in assessments(answer(name)).values():
            assert not any("qualitativeRisk" in each or "relativeRisk" in each for each in found.get("prediction", []))


def test_both_groups_of_a_direction_that_is_not_established_are_told_side_by_side():
    risk = risk_as_json(risks(disease=BONE, treatments=[cycle("2025-01-05")], imaging=SEEN)[LATER])
    (found,) = resources(assessment_as_fhir(answer(NAME, risks=[risk]), None), "RiskAssessment")
    notes = texts(found)
    for group in risk["groups"]:
        word = "yes" if group["value"] else "no"
        assert f"A description of the group with activity_reached {word}, not the effect of changing it: 12 months " in notes
        assert str(group["horizons"][-1]["probability"]) in notes
    assert "12 months after the landmark, which is 12 months after time zero" in found["prediction"][0]["outcome"]["text"]
    assert problems(found) == []


def test_the_median_is_told_with_its_interval_and_nothing_beyond_the_horizon_is_a_number():
    told = answer(NAME)
    risk = next(risk for risk in told["risks"] if risk["question_id"] == "overall_survival_from_start")
    median = risk["median_months"]
    notes = texts(assessments(told)["overall_survival_from_start"])
    assert f"Median {median['value']} months; 95 % interval {median['lower']} to {median['upper']} months." in notes
    risk["median_months"] = {"value": None, "lower": 24.0, "upper": None, "beyond_horizon": True}
    later = texts(assessments(told)["overall_survival_from_start"])
    assert "Median beyond 60 months; 95 % interval 24.0 to beyond 60 months." in later


def test_the_model_that_answered_is_named_with_its_version():
    found = assessments(answer(NAME))["overall_survival_from_start"]
    assert found["method"]["text"] == "overall_survival 1.0.0"
    models = [each for each in bundle(answer(NAME))["entry"] if each["resource"]["resourceType"] == "Device"]
    assert len(models) == 5
