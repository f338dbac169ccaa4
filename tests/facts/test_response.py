"""Response over time: each study against the baseline of the course, computed and stated."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from service.facts.response import TimePoint
from tests.patients import cycle, facts_of, study

COURSE = [cycle("2025-11-24"), cycle("2026-01-19")]
BASELINE = study("2025-11-10", {"a": 70}, modality="ct")
WHOLE = {"non_target": "non_cr_non_pd", "new_lesions": False}


def points(*imaging, **parts):
    """The time points of these studies, in a course that began on 2025-11-24."""
    return facts_of(treatments=COURSE, imaging=list(imaging), **parts).response.time_points


def time_point(stated, computed, excludes_progression):
    """A time point of which the words on other disease were told, or not."""
    return TimePoint(date(2026, 3, 5), stated, computed, () if excludes_progression else ("non_target", "new_lesions"))


def point(*imaging, **parts):
    """The only time point."""
    (only,) = points(*imaging, **parts)
    return only


def test_exactly_30_per_cent_less_is_a_partial_response():
    seen = point(BASELINE, study("2026-03-05", {"a": 49}, **WHOLE))
    assert seen.computed == seen.settled == "partial_response"
    assert (seen.on, seen.sum_mm.value) == (date(2026, 3, 5), 49)
    assert seen.change.minus(Decimal(-30)) == 0


def test_centimetres_and_millimetres_give_one_answer():
    told = study("2026-03-05", {"a": 49}, **WHOLE)
    told["target_lesions"][0]["diameter"] = {"value": 4.9, "unit": "cm"}
    assert point(BASELINE, told) == point(BASELINE, study("2026-03-05", {"a": 49}, **WHOLE))


def test_without_target_lesions_or_a_word_on_the_rest_nothing_is_computed():
    assert points(BASELINE, study("2026-03-05")) == ()
    assert points(BASELINE, study("2026-03-05", new_lesions=False)) == ()


def test_progression_is_measured_from_the_nadir_before_the_study():
    responding, growing = points(BASELINE, study("2026-01-05", {"a": 40}, **WHOLE), study("2026-03-05", {"a": 48}, **WHOLE))
    assert (responding.computed, growing.computed) == ("partial_response", "progressive_disease")
    assert growing.nadir_mm.value == 40


def test_the_nadir_includes_the_baseline():
    grown, grown_less = points(BASELINE, study("2026-01-05", {"a": 83.9}, **WHOLE), study("2026-03-05", {"a": 84}, **WHOLE))
    assert (grown.computed, grown_less.computed) == ("stable_disease", "progressive_disease")
    assert grown_less.nadir_mm.value == 70


def test_a_study_that_misses_a_target_is_no_nadir():
    two = study("2025-11-10", {"a": 70, "b": 30})
    _, after = points(two, study("2026-01-05", {"a": 40}, **WHOLE), study("2026-03-05", {"a": 40, "b": 30}, **WHOLE))
    assert after.computed == "partial_response"


def test_studies_of_one_day_are_no_nadir_for_each_other():
    same_day = [study("2026-03-05", {"a": 40}, **WHOLE), study("2026-03-05", {"a": 48}, **WHOLE)]
    for imaging in permutations([BASELINE, *same_day]):
        assert [each.computed for each in points(*imaging)] == ["partial_response", "partial_response"]


def test_the_order_of_the_studies_is_irrelevant():
    imaging = [BASELINE, study("2026-01-05", {"a": 40}, **WHOLE), study("2026-03-05", {"a": 48}, **WHOLE)]
    assert len({points(*order) for order in permutations(imaging)}) == 1


def test_a_missing_target_is_not_evaluable_and_has_no_sum():
    seen = point(study("2025-11-10", {"a": 30, "b": 30}), study("2026-03-05", {"a": 30}, **WHOLE))
    assert seen.settled == "not_evaluable"
    assert (seen.sum_mm, seen.change) == (None, None)


def test_targets_that_were_not_measured_again_are_not_evaluable():
    assert point(BASELINE, study("2026-03-05", **WHOLE)).settled == "not_evaluable"


def test_a_missing_target_does_not_hide_progression():
    assert (
        point(study("2025-11-10", {"a": 30, "b": 30}), study("2026-03-05", {"a": 72}, **WHOLE)).settled == "progressive_disease"
    )


@pytest.mark.parametrize(
    ("before", "after", "response"),
    [
        ("ct", "ct", "partial_response"),
        ("ct", "mri", "not_evaluable"),
        (None, "mri", "partial_response"),
        ("ct", None, "partial_response"),
    ],
)
def test_another_modality_cannot_be_compared(before, after, response):
    seen = point(study("2025-11-10", {"a": 70}, modality=before), study("2026-03-05", {"a": 49}, modality=after, **WHOLE))
    assert seen.settled == response


@pytest.mark.parametrize("shown", [{"new_lesions": True}, {"non_target": "progressive_disease"}])
def test_another_modality_does_not_hide_progression(shown):
    assert point(BASELINE, study("2026-03-05", {"a": 49}, modality="mri", **shown)).settled == "progressive_disease"


def test_a_new_lesion_is_progression_whatever_else_is_told():
    assert point(BASELINE, study("2026-03-05", new_lesions=True)).settled == "progressive_disease"
    assert point(study("2026-03-05", new_lesions=True)).settled == "progressive_disease"
    unequivocal = study("2026-03-05", {"a": 0}, non_target="complete_response", new_lesions=True, new_lesion_kind="unequivocal")
    assert point(BASELINE, unequivocal).settled == "progressive_disease"


def test_sclerosis_of_a_bone_lesion_not_seen_before_is_no_new_lesion():
    told = WHOLE | {"new_lesions": True, "new_lesion_kind": "bone_sclerosis_only"}
    seen = point(BASELINE, study("2026-03-05", {"a": 49}, **told))
    assert seen.settled == "partial_response"
    assert seen.sclerosis_only
    assert not point(BASELINE, study("2026-03-05", {"a": 49}, **told | {"new_lesions": False})).sclerosis_only


@pytest.mark.parametrize("response", ["complete_response", "non_cr_non_pd", "progressive_disease", "not_evaluable"])
def test_without_targets_at_baseline_the_non_target_disease_decides(response):
    baseline = study("2025-11-10", baseline=True)
    assert point(baseline, study("2026-03-05", non_target=response, new_lesions=False)).settled == response


@pytest.mark.parametrize("baseline", [[], [study("2025-11-10", baseline=True)]])
def test_targets_that_have_nothing_to_be_compared_with_are_not_passed_over(baseline):
    """The patient is not without targets, so non-target disease alone does not settle the response."""
    seen = point(*baseline, study("2026-03-05", {"a": 49}, **WHOLE, overall_response="partial_response"))
    assert seen.settled != "non_cr_non_pd"


def test_targets_of_no_extent_have_no_change_in_per_cent():
    seen = point(study("2025-11-10", {"a": 0}), study("2026-03-05", {"a": 3}, **WHOLE))
    assert (seen.computed, seen.change) == ("stable_disease", None)


def test_doubts_about_the_baseline_stand_with_the_response():
    seen = point(study("2025-11-10", {"a": 9}), study("2026-03-05", {"a": 9}, **WHOLE))
    assert seen.doubts == ("A target lesion of the baseline is smaller than RECIST 1.1 calls measurable.",)


# stated, computed, whether the rest excludes progression, what counts
SETTLED = [
    ("stable_disease", "partial_response", True, "partial_response"),
    ("partial_response", "stable_disease", True, "stable_disease"),
    ("progressive_disease", "partial_response", True, "partial_response"),
    (None, "partial_response", True, "partial_response"),
    ("stable_disease", "partial_response", False, "stable_disease"),
    ("partial_response", "stable_disease", False, "stable_disease"),
    ("progressive_disease", "partial_response", False, "progressive_disease"),
    ("complete_response", "partial_response", False, "partial_response"),
    ("non_cr_non_pd", "partial_response", False, "non_cr_non_pd"),
    (None, "partial_response", False, None),
    ("stable_disease", None, False, "stable_disease"),
    ("partial_response", "progressive_disease", False, "progressive_disease"),
    (None, "progressive_disease", False, "progressive_disease"),
    ("not_evaluable", "progressive_disease", True, "progressive_disease"),
    ("not_evaluable", "partial_response", True, "not_evaluable"),
    ("not_evaluable", None, False, "not_evaluable"),
    ("partial_response", "not_evaluable", True, "not_evaluable"),
    (None, "not_evaluable", True, "not_evaluable"),
    ("progressive_disease", "not_evaluable", False, "progressive_disease"),
]


@pytest.mark.parametrize(("stated", "computed", "excludes_progression", "settled"), SETTLED)
def test_the_worse_counts_when_progression_is_not_excluded_and_else_the_computed(stated, computed, excludes_progression, settled):
    assert time_point(stated, computed, excludes_progression).settled == settled


@pytest.mark.parametrize(
    ("stated", "computed", "excludes_progression", "disagrees"),
    [
        ("progressive_disease", "partial_response", True, True),
        ("stable_disease", "partial_response", True, True),
        ("stable_disease", "partial_response", False, False),
        ("stable_disease", "stable_disease", True, False),
        ("stable_disease", "non_cr_non_pd", True, False),
        ("not_evaluable", "partial_response", True, False),
        (None, "partial_response", True, False),
    ],
)
def test_a_disagreement_needs_two_complete_judgements(stated, computed, excludes_progression, disagrees):
    assert time_point(stated, computed, excludes_progression).disagrees is disagrees


@pytest.mark.parametrize(
    ("rest", "not_told"),
    [
        (WHOLE, ()),
        ({"non_target": "non_cr_non_pd"}, ("new_lesions",)),
        ({"new_lesions": False}, ("non_target",)),
        ({}, ("non_target", "new_lesions")),
    ],
)
def test_progression_is_excluded_by_non_target_disease_and_new_lesions_together(rest, not_told):
    assert point(BASELINE, study("2026-03-05", {"a": 49}, **rest)).not_told == not_told
