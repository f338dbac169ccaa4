"""For whom a question is answered, for whom it is refused, and what is asked for."""

import pytest

from tests.risk.patients import ADULT, BONE, alp, cycle, risks

FROM_START = "overall_survival_from_start"
LATER = "overall_survival_landmark_12"
FREE = "progression_free_survival_landmark_12"
SEEN = [{"performed_on": "2025-12-29", "overall_response": "stable_disease"}]
UNTREATED = {"treatments": [], "plan": {"agent": "lutetium_177_dotatate"}}


def test_every_question_is_answered_in_the_order_in_which_it_is_served():
    assert list(risks()) == [
        "overall_survival_from_start",
        "overall_survival_landmark_12",
        "progression_free_survival_from_start",
        "progression_free_survival_landmark_12",
        "response_at_completion",
        "mibg_overall_survival_landmark_3",
    ]


def test_a_woman_with_skeletal_metastases_before_her_first_cycle_is_of_the_population():
    risk = risks(disease=BONE, laboratory=[alp(100, "2026-03-01")], **UNTREATED)[FROM_START]
    assert risk.status == "estimated"
    assert risk.inputs.values == {"alp_raised": False, "male": False}
    assert risk.inputs.caveats == ("Baseline ALP is that of 2026-03-01.",)


@pytest.mark.parametrize(
    ("parts", "refused"),
    [
        ({"disease": BONE | {"differentiation": "poor"}}, "Poorly differentiated: outside the population."),
        ({"disease": BONE | {"metastases": [{"site": "liver"}]}}, "No skeletal metastases: outside the population."),
        ({"patient": ADULT | {"birth_date": "2008-03-11"}}, "Below 18 years: outside the population."),
        (
            {"plan": {"agent": "lutetium_177_edotreotide"}},
            "Lu-177 DOTATATE is neither given nor planned: outside the population.",
        ),
        (
            {"treatments": [], "plan": {"agent": "iodine_131_mibg"}},
            "Lu-177 DOTATATE is neither given nor planned: outside the population.",
        ),
        (
            {"treatments": [cycle("2022-01-10")], "plan": {"next_cycle_on": "2026-03-16"}},
            "A further course: the population had its first.",
        ),
    ],
)
def test_outside_the_population_the_prediction_is_refused(parts, refused):
    for question in (FROM_START, "progression_free_survival_from_start"):
        risk = risks(**{"disease": BONE, **UNTREATED, **parts})[question]
        assert risk.status == "refused"
        assert risk.estimate is None
        assert risk.inputs.refused == (refused,)


def test_on_the_eighteenth_birthday_the_patient_is_adult():
    assert risks(disease=BONE, patient=ADULT | {"birth_date": "2008-03-10"}, **UNTREATED)[FROM_START].status == "estimated"


@pytest.mark.parametrize(
    ("parts", "item"),
    [
        ({"disease": {"metastases": [{"site": "bone"}]}}, "disease.differentiation"),
        ({"disease": {"differentiation": "well"}}, "disease.metastases"),
        ({"disease": BONE, "treatments": None, "plan": None}, "treatments"),
        ({"disease": BONE, "plan": {"planned_cycles": 4}}, "plan.agent"),
    ],
)
def test_what_decides_the_population_and_was_not_told_makes_the_answer_unknown(parts, item):
    told = {key: value for key, value in {**UNTREATED, "disease": BONE, **parts}.items() if value is not None}
    risk = risks(**told)[FROM_START]
    assert risk.status == "unknown"
    assert [missing for missing, _ in risk.inputs.missing] == [item]


def test_with_a_plan_and_no_word_on_treatments_mid_treatment_is_a_question():
    risk = risks(disease=BONE, plan={"agent": "lutetium_177_dotatate"})["response_at_completion"]
    assert risk.status == "unknown"
    assert [missing for missing, _ in risk.inputs.missing] == ["treatments"]


def test_an_age_that_was_not_told_is_a_caveat():
    risk = risks(disease=BONE, patient={"id": "demo-1", "sex": "male"}, **UNTREATED)[FROM_START]
    assert risk.status == "estimated"
    assert "The age was not told; the population is adult." in risk.caveats


@pytest.mark.parametrize("sex", ["other", "unknown"])
def test_unknown_or_other_sex_and_unknown_alp_are_averaged_over_and_said_to_be(sex):
    risk = risks(disease=BONE, patient=ADULT | {"sex": sex}, **UNTREATED)[FROM_START]
    assert risk.inputs.values == {"alp_raised": None, "male": None}
    assert risk.caveats[-2:] == (
        "Baseline ALP is unknown: averaged over its prevalence.",
        "Sex is unknown: averaged over its prevalence.",
    )


def test_the_baseline_alp_counts_and_never_a_later_one():
    treated = {"disease": BONE, "treatments": [cycle("2026-01-19")]}
    later = risks(laboratory=[alp(100, "2026-01-10"), alp(300, "2026-03-01")], **treated)[FROM_START]
    assert later.inputs.values["alp_raised"] is False
    assert "The clock started on 2026-01-19; the figures are not conditional on having lived so far." in later.caveats
    assert "Baseline ALP is that of 2026-01-10." in later.caveats
    only_later = risks(laboratory=[alp(300, "2026-03-01")], **treated)[FROM_START]
    assert only_later.inputs.values["alp_raised"] is None


@pytest.mark.parametrize(("value", "raised"), [(120, False), (120.1, True)])
def test_alp_is_raised_above_its_limit(value, raised):
    assert (
        risks(disease=BONE, laboratory=[alp(value, "2026-03-01")], **UNTREATED)[FROM_START].inputs.values["alp_raised"] is raised
    )


def test_no_prediction_at_time_zero_changes_with_activity_given_or_planned():
    given = [cycle("2025-09-22"), cycle("2025-11-17")]
    answers = []
    for treatments, planned in (
        (given, 7.4),
        (given, 3.7),
        ([cycle("2025-09-22", 3.7)], 7.4),
        ([cycle("2025-09-22", None)], 7.4),
    ):
        plan = {"agent": "lutetium_177_dotatate", "planned_cycles": 4, "planned_activity": {"value": planned, "unit": "GBq"}}
        found = risks(disease=BONE, treatments=treatments, plan=plan)
        answers.append([found[question].estimate for question in (FROM_START, "progression_free_survival_from_start")])
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(("started_on", "status"), [("2025-03-10", "estimated"), ("2025-03-11", "refused")])
def test_the_landmark_question_waits_for_twelve_months(started_on, status):
    assert risks(disease=BONE, treatments=[cycle(started_on)], imaging=SEEN)[LATER].status == status


@pytest.mark.parametrize(
    ("last", "gbq", "reached"),
    [("2026-01-05", 7.4, True), ("2026-01-06", 7.4, False), ("2026-01-05", 5.92, True), ("2026-01-05", 5.919, False)],
)
def test_activity_counts_when_it_was_received_by_the_landmark(last, gbq, reached):
    given = [cycle("2025-01-05"), cycle("2025-06-02"), cycle("2025-08-04"), cycle(last, gbq)]
    assert risks(disease=BONE, treatments=given, imaging=SEEN)[LATER].inputs.values["activity_reached"] is reached


def test_an_activity_that_was_not_told_makes_the_landmark_unknown():
    risk = risks(disease=BONE, treatments=[cycle("2025-01-05", None)], imaging=SEEN)[LATER]
    assert risk.status == "unknown"
    assert risk.inputs.missing[0][0] == "treatments.activity"


def seen(on, response):
    return {"performed_on": on, "overall_response": response}


@pytest.mark.parametrize(
    ("imaging", "survival", "progression"),
    [
        ([], "unknown", "unknown"),
        ([seen("2025-10-04", "stable_disease")], "unknown", "unknown"),
        ([seen("2025-10-05", "stable_disease")], "estimated", "estimated"),
        ([seen("2026-02-01", "not_evaluable")], "unknown", "unknown"),
        ([seen("2026-01-05", "progressive_disease")], "refused", "refused"),
        ([seen("2026-01-06", "progressive_disease")], "estimated", "refused"),
    ],
)
def test_the_landmark_is_for_those_whom_somebody_found_without_progression(imaging, survival, progression):
    found = risks(disease=BONE, treatments=[cycle("2025-01-05")], imaging=imaging)
    assert [found[LATER].status, found[FREE].status] == [survival, progression]


def test_progression_is_the_event_of_one_question_and_a_caveat_of_the_other():
    told = {"disease": BONE, "treatments": [cycle("2025-09-22")], "imaging": [seen("2026-02-01", "progressive_disease")]}
    found = risks(**told)
    why = "Progression was found on 2026-02-01: the event has happened, there is nothing left to predict."
    assert found["progression_free_survival_from_start"].inputs.refused == (why,)
    caveat = "Progression, found on 2026-02-01, is not taken into account; survival is likely shorter than shown."
    assert caveat in found[FROM_START].caveats


@pytest.mark.parametrize(("started_on", "status"), [("2021-03-10", "estimated"), ("2021-03-09", "refused")])
def test_a_curve_that_lies_in_the_past_is_refused(started_on, status):
    assert risks(disease=BONE, treatments=[cycle(started_on)])[FROM_START].status == status


def test_a_cycle_of_another_agent_is_outside_the_population():
    mixed = [cycle("2025-11-24", agent="lutetium_177_edotreotide"), cycle("2026-01-19")]
    refused = risks(disease=BONE, treatments=mixed)[FROM_START].inputs.refused
    assert refused == ("A cycle of another agent: the population had Lu-177 DOTATATE only.",)


def test_both_activity_groups_are_shown_and_their_bands_overlap():
    found = risks(disease=BONE, treatments=[cycle("2025-01-05")], imaging=SEEN)
    for question in (LATER, FREE):
        below, above = found[question].groups
        assert [(group.feature, group.value) for group in (below, above)] == [
            ("activity_reached", False),
            ("activity_reached", True),
        ]
        assert below.estimate is found[question].estimate
        for (_, low), (_, high) in zip(below.estimate.horizons, above.estimate.horizons, strict=True):
            assert low.lower < high.upper
            assert high.lower < low.upper
    assert found[FROM_START].groups == ()
