"""The response at completion, and survival after MIBG: who is asked about, and with which input."""

import pytest

from tests.risk.patients import cycle, risks

RESPONSE = "response_at_completion"
MIBG = "mibg_overall_survival_landmark_3"
TWO = [cycle("2025-11-24"), cycle("2026-01-19")]
WELL = {"differentiation": "well"}
SPREAD = {"primary_site": "lung", "metastases": [{"site": "liver"}]}
GIVEN = cycle("2025-06-02", agent="iodine_131_mibg")


def response(stated, **parts):
    imaging = [{"performed_on": "2026-03-05", "overall_response": stated}] if stated else []
    return risks(**{"disease": WELL, "treatments": TWO, "imaging": imaging, **parts})[RESPONSE]


@pytest.mark.parametrize(
    ("stated", "probability"),
    [
        ("partial_response", (0.6964, 0.5175, 0.8488)),
        ("stable_disease", (0.1389, 0.0253, 0.3268)),
    ],
)
def test_the_response_at_mid_treatment_is_the_input(stated, probability):
    band = response(stated).estimate.probability
    assert (band.value, band.lower, band.upper) == probability


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (response("progressive_disease"), "refused"),
        (response("complete_response"), "refused"),
        (response("partial_response", plan={"planned_cycles": 3}), "refused"),
        (response("not_evaluable"), "unknown"),
        (response(None), "unknown"),
        (response("partial_response", disease={}), "unknown"),
        (response("partial_response", disease={"differentiation": "poor"}), "refused"),
        (response("partial_response", treatments=TWO[:1]), "refused"),
        (response("partial_response", treatments=[cycle("2024-01-08"), *TWO]), "refused"),
        (response("partial_response", patient={"id": "x", "sex": "male", "birth_date": "2010-01-01"}), "refused"),
        (response("partial_response", treatments=[cycle("2025-09-01"), cycle("2025-10-27"), *TWO]), "refused"),
        (risks(disease=WELL)[RESPONSE], "unknown"),
    ],
)
def test_without_that_response_there_is_no_estimate(found, status):
    assert found.status == status
    assert found.estimate is None


def test_the_response_before_the_third_cycle_is_the_one_at_mid_treatment():
    imaging = [
        {"performed_on": "2026-01-19", "overall_response": "stable_disease"},
        {"performed_on": "2026-03-05", "overall_response": "partial_response"},
    ]
    three = [cycle("2025-09-29"), cycle("2025-11-24"), cycle("2026-01-19")]
    found = risks(disease=WELL, treatments=three, imaging=imaging)[RESPONSE]
    assert found.inputs.values == {"responded": False}
    assert risks(disease=WELL, treatments=three, imaging=imaging[1:])[RESPONSE].status == "unknown"


def test_a_pancreatic_primary_is_a_caveat():
    assert (
        "In the study a pancreatic primary shrank further after a response."
        in response("partial_response", disease=WELL | {"primary_site": "pancreas"}).caveats
    )


def after_mibg(**parts):
    return risks(**{"disease": SPREAD, "treatments": [GIVEN], **parts})[MIBG]


def assessed(kind, judged, on="2025-09-10"):
    return {"assessed_on": on, "kind": kind, "response": judged}


@pytest.mark.parametrize(
    ("parts", "values"),
    [
        ({"assessments_of_response": [assessed("imaging", "stable")]}, {"better_imaging": True}),
        ({"assessments_of_response": [assessed("imaging", "progression")]}, {"better_imaging": False}),
        ({"assessments_of_response": [assessed("biochemical", "stable")]}, {"better_biochemistry": True}),
        ({"assessments_of_response": [assessed("symptomatic", "stable")]}, {"better_symptoms": False}),
        ({"assessments_of_response": [assessed("symptomatic", "response")]}, {"better_symptoms": True}),
        ({"symptoms": [{"recorded_on": "2025-09-10", "response": "improved"}]}, {"better_symptoms": True}),
        ({"symptoms": [{"recorded_on": "2025-09-10", "response": "worse"}]}, {"better_symptoms": False}),
        ({"imaging": [{"performed_on": "2025-09-10", "overall_response": "progressive_disease"}]}, {"better_imaging": False}),
        (
            {"assessments_of_response": [assessed("symptomatic", "response"), assessed("biochemical", "progression")]},
            {"better_biochemistry": False},
        ),
        (
            {"assessments_of_response": [assessed("imaging", "stable"), assessed("imaging", "progression", "2026-02-01")]},
            {"better_imaging": True},
        ),
        (
            {"assessments_of_response": [assessed("imaging", "progression", "2025-07-01"), assessed("biochemical", "stable")]},
            {"better_biochemistry": True},
        ),
        (
            {
                "assessments_of_response": [
                    assessed("imaging", "stable", "2025-07-02"),
                    assessed("imaging", "progression", "2025-09-03"),
                ]
            },
            {"better_imaging": False},
        ),
        (
            {
                "symptoms": [
                    {"recorded_on": "2025-09-10", "bone_pain": "worse"},
                    {"recorded_on": "2025-09-11", "response": "resolved"},
                ],
                "imaging": [{"performed_on": "2025-09-10", "overall_response": "not_evaluable"}],
            },
            {"better_symptoms": True},
        ),
    ],
)
def test_exactly_one_response_is_used_imaging_before_biochemistry_before_symptoms(parts, values):
    risk = after_mibg(**parts)
    assert risk.status == "estimated"
    assert risk.inputs.values == values


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({"treatments": []}, "refused"),
        ({"disease": {"primary_site": "lung", "metastases": []}}, "refused"),
        ({"disease": SPREAD | {"primary_site": "thymus"}}, "refused"),
        ({"disease": SPREAD | {"differentiation": "poor"}}, "refused"),
        ({"assessments_of_response": [assessed("imaging", "stable", "2025-11-03")]}, "unknown"),
        ({"symptoms": [{"recorded_on": "2025-09-10", "response": "none"}]}, "unknown"),
        (
            {
                "treatments": [GIVEN, cycle("2025-08-01")],
                "assessments_of_response": [assessed("imaging", "progression")],
            },
            "unknown",
        ),
        ({"disease": {}}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_outside_stage_four_after_mibg_with_a_response_there_is_no_estimate(parts, status):
    assert after_mibg(**parts).status == status


def test_without_a_word_on_treatments_it_is_unknown_whether_mibg_was_given():
    assert risks(disease=SPREAD)[MIBG].status == "unknown"


@pytest.mark.parametrize(("given_on", "status"), [("2025-12-10", "estimated"), ("2025-12-11", "refused")])
def test_the_landmark_is_three_months_after_treatment(given_on, status):
    given = [cycle(given_on, agent="iodine_131_mibg")]
    found = after_mibg(treatments=given, assessments_of_response=[assessed("imaging", "stable", "2026-03-01")])
    assert found.status == status


def test_the_response_that_is_used_and_an_unknown_primary_are_told():
    risk = after_mibg(
        disease={"metastases": [{"site": "liver"}]}, assessments_of_response=[assessed("imaging", "stable", "2025-11-02")]
    )
    assert risk.status == "estimated"
    assert "The response used (imaging) is that of 2025-11-02; the treatment was on 2025-06-02." in risk.caveats
    assert "The primary is unknown; the population is pulmonary or gastroenteropancreatic." in risk.caveats
