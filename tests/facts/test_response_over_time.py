"""Which study is the baseline, which judgements count beside the images, and which comes last."""

from datetime import date
from decimal import Decimal

import pytest

from tests.patients import cycle, facts_of, study

COURSE = [cycle("2025-11-24"), cycle("2026-01-19")]
WHOLE = {"non_target": "non_cr_non_pd", "new_lesions": False}


def response(*imaging, treatments=COURSE, **parts):
    return facts_of(treatments=treatments, imaging=list(imaging), **parts).response


def test_the_marked_study_is_the_baseline():
    facts = response(study("2025-10-01", {"a": 70}, baseline=True), study("2025-11-10", {"a": 60}))
    assert facts.baseline_on == date(2025, 10, 1)
    assert facts.time_points[0].change.minus(Decimal("-14.28")) < 0 < facts.time_points[0].change.minus(Decimal("-14.29"))


def test_of_several_marked_studies_the_last_is_the_baseline():
    marked = [study("2025-10-01", {"a": 70}, baseline=True), study("2025-11-10", {"a": 60}, baseline=True)]
    assert response(*marked).baseline_on == response(*reversed(marked)).baseline_on == date(2025, 11, 10)


def test_else_the_last_study_before_the_first_cycle_is_the_baseline():
    assert response(study("2025-10-01"), study("2025-11-10"), study("2026-01-05")).baseline_on == date(2025, 11, 10)


def test_a_study_on_the_day_of_the_first_cycle_can_be_the_baseline():
    assert response(study("2025-11-10"), study("2025-11-24")).baseline_on == date(2025, 11, 24)
    assert response(study("2025-11-10"), study("2025-11-25")).baseline_on == date(2025, 11, 10)


def test_a_study_that_tells_nothing_is_no_baseline_where_another_tells_something():
    silent, measured = study("2025-11-20", modality="pet_ct"), study("2025-11-10", {"a": 60})
    assert response(measured, silent).baseline_on == date(2025, 11, 10)
    assert response(measured | {"baseline": True}, silent | {"baseline": True}).baseline_on == date(2025, 11, 10)


@pytest.mark.parametrize(
    ("days", "unread_on"),
    [
        (["2026-03-05"], "2026-03-05"),
        (["2026-03-05", "2026-03-09", "2026-03-07"], "2026-03-09"),
        (["2026-03-04"], None),
        (["2026-01-19"], None),
        ([], None),
    ],
)
def test_a_study_without_a_reading_is_open_while_no_reading_is_of_its_day_or_later(days, unread_on):
    silent = [study(day, new_lesions=False) for day in days]
    read_on_the_day_before = study("2026-03-04", overall_response="stable_disease")
    found = response(*silent, read_on_the_day_before).unread_after(date(2026, 1, 19))
    assert found == (date.fromisoformat(unread_on) if unread_on else None)


def test_a_reading_before_a_day_does_not_close_what_is_open_after_it():
    facts = response(study("2025-12-20", overall_response="stable_disease"), study("2026-03-05"))
    assert facts.unread_after(date(2026, 1, 19)) == date(2026, 3, 5)
    assert facts.unread_after(date(2026, 3, 5)) is None


def test_without_a_cycle_and_without_a_mark_there_is_no_baseline():
    assert response(study("2025-11-10", {"a": 70}), treatments=[]).baseline_on is None


def test_the_baseline_is_that_of_the_current_course():
    both = [cycle("2022-01-10"), cycle("2022-03-07"), *COURSE]
    assert response(study("2022-01-03", {"a": 20}), study("2025-11-10", {"a": 70}), treatments=both).baseline_on == date(
        2025, 11, 10
    )


def test_studies_before_the_baseline_are_no_time_points():
    facts = response(
        study("2025-10-01", {"a": 20}, **WHOLE), study("2025-11-10", {"a": 70}), study("2026-03-05", {"a": 60}, **WHOLE)
    )
    assert [each.on for each in facts.time_points] == [date(2026, 3, 5)]
    assert facts.time_points[0].computed == "stable_disease"


def test_another_study_on_the_day_of_the_baseline_is_a_time_point():
    facts = response(study("2025-11-10", {"a": 70}, baseline=True), study("2025-11-10", {"a": 72}, **WHOLE))
    assert [each.computed for each in facts.time_points] == ["stable_disease"]


def test_of_two_studies_of_one_day_the_one_with_more_targets_is_the_baseline():
    scan, report = study("2025-11-10", {"a": 70}), study("2025-11-10", overall_response="stable_disease")
    for imaging in ([scan, report], [report, scan]):
        facts = response(*imaging, study("2026-03-05", {"a": 49}, **WHOLE))
        assert [each.computed for each in facts.time_points] == [None, "partial_response"]


def test_a_stated_response_needs_no_targets_and_no_baseline():
    (seen,) = response(study("2026-03-05", overall_response="stable_disease"), treatments=[]).time_points
    assert (seen.stated, seen.computed, seen.settled) == ("stable_disease", None, "stable_disease")


@pytest.mark.parametrize(
    ("told", "counts_as"),
    [("response", "partial_response"), ("stable", "stable_disease"), ("progression", "progressive_disease")],
)
def test_an_imaging_assessment_recorded_elsewhere_is_a_stated_response(told, counts_as):
    (seen,) = response(assessments_of_response=[{"assessed_on": "2026-03-05", "kind": "imaging", "response": told}]).time_points
    assert (seen.on, seen.stated, seen.settled) == (date(2026, 3, 5), counts_as, counts_as)
    assert seen.computed is None


@pytest.mark.parametrize("kind", ["biochemical", "symptomatic"])
def test_a_marker_or_a_symptom_is_no_response_of_the_tumour(kind):
    told = [{"assessed_on": "2026-03-05", "kind": kind, "response": "response"}]
    assert response(assessments_of_response=told).time_points == ()


def test_a_progression_event_is_progression():
    events = [{"occurred_on": "2026-03-01", "kind": "progression"}, {"occurred_on": "2026-03-02", "kind": "adverse_event"}]
    (seen,) = response(events=events).time_points
    assert (seen.on, seen.settled, seen.computed) == (date(2026, 3, 1), "progressive_disease", None)


def test_the_latest_is_strictly_after_the_day_that_is_asked_for():
    facts = response(
        study("2026-01-19", overall_response="stable_disease"), study("2026-03-05", overall_response="partial_response")
    )
    assert facts.latest_after(date(2026, 1, 18)).on == date(2026, 3, 5)
    assert facts.latest_after(date(2026, 3, 4)).settled == "partial_response"
    assert facts.latest_after(date(2026, 3, 5)) is None


def test_of_several_judgements_of_one_day_the_worst_is_the_latest():
    stated = [
        study("2026-03-05", overall_response=word)
        for word in ("progressive_disease", "complete_response", "not_evaluable", "stable_disease", "partial_response")
    ]
    assert response(*stated).latest_after(date(2026, 3, 1)).settled == "progressive_disease"
    assert response(*stated[1:]).latest_after(date(2026, 3, 1)).settled == "stable_disease"


def test_a_later_judgement_is_the_latest_even_if_it_is_better():
    facts = response(
        study("2026-03-06", overall_response="partial_response"), study("2026-03-05", overall_response="stable_disease")
    )
    assert facts.latest_after(date(2026, 1, 19)).settled == "partial_response"


def test_nothing_was_seen_of_a_patient_without_studies():
    facts = facts_of(treatments=COURSE).response
    assert (facts.time_points, facts.baseline_on) == ((), None)
    assert facts.latest_after(date(2026, 1, 19)) is None


@pytest.mark.parametrize("day", ["2022-06-01", "2023-06-05"])
def test_a_study_up_to_the_last_cycle_of_an_earlier_course_is_no_baseline_even_if_it_is_marked(day):
    given = [cycle("2022-01-10"), cycle("2023-06-05"), cycle("2025-12-01")]
    seen = facts_of(treatments=given, imaging=[study(day, {"a": 100}, baseline=True), study("2025-11-20", {"a": 70})]).response
    assert seen.baseline_on == date(2025, 11, 20)
    assert seen.time_points == ()


@pytest.mark.parametrize(
    ("overall", "bone", "stated"),
    [
        (None, "progressive_disease", "progressive_disease"),
        ("partial_response", "progressive_disease", "progressive_disease"),
        ("stable_disease", "complete_response", "stable_disease"),
        ("partial_response", "not_evaluable", "partial_response"),
        (None, "not_evaluable", "not_evaluable"),
        ("complete_response", "not_evaluable", "complete_response"),
    ],
)
def test_the_worse_of_the_stated_responses_of_all_and_of_bone_counts(overall, bone, stated):
    seen = facts_of(imaging=[study("2026-03-05", overall_response=overall, bone_response=bone)]).response
    assert [point.stated for point in seen.time_points] == [stated]
