"""RECIST 1.1, from the printed table: targets, nodes, progression first, and the overall response."""

from decimal import Decimal

import pytest

from service.facts.recist import doubts_about_targets, measured_targets, overall_response, target_response
from tests.patients import patient, study

COMPLETE, PARTIAL, STABLE = "complete_response", "partial_response", "stable_disease"
PROGRESSION, NON_CR_NON_PD, NOT_EVALUABLE = "progressive_disease", "non_cr_non_pd", "not_evaluable"


def responded(baseline, now, nadir=None):
    """Response of the targets `now` (mm by name) against the baseline and the nadir (else the baseline)."""
    before, current = patient(imaging=[study("2025-11-10", baseline), study("2026-03-05", now)]).imaging
    baseline_mm = measured_targets(before, before).sum_mm
    return target_response(measured_targets(current, before), baseline_mm, baseline_mm if nadir is None else Decimal(nadir))


@pytest.mark.parametrize(
    ("baseline", "now", "response"),
    [
        (70, 49, PARTIAL),  # exactly -30 %
        (70, 49.1, STABLE),
        (30, 21, PARTIAL),
        (30, 21.1, STABLE),
        (70, 0.1, PARTIAL),
        (70, 0, COMPLETE),
        (50, 50, STABLE),
        (50, 59.9, STABLE),  # + 19.8 %
        (50, 60, PROGRESSION),  # exactly + 20 %, + 10 mm
        (20, 24.9, STABLE),  # + 24.5 %, + 4.9 mm
        (20, 25, PROGRESSION),  # + 25 %, exactly + 5 mm
        (100, 119.9, STABLE),  # + 19.9 mm is not + 20 %
        (10, 14, STABLE),  # + 40 % is not + 5 mm
        (25, 30, PROGRESSION),  # both exactly
    ],
)
def test_a_single_target_is_judged_by_its_change_from_baseline(baseline, now, response):
    assert responded({"a": baseline}, {"a": now}) == response


@pytest.mark.parametrize(
    ("now", "nadir", "response"),
    [
        (59.9, 50, PARTIAL),
        (60, 50, PROGRESSION),
        (24.9, 20, PARTIAL),
        (25, 20, PROGRESSION),
        (5, 0, PROGRESSION),
        (4.9, 0, PARTIAL),
    ],
)
def test_growth_is_measured_from_the_nadir_even_when_the_sum_is_far_below_baseline(now, nadir, response):
    assert responded({"a": 100}, {"a": now}, nadir) == response


@pytest.mark.parametrize(
    ("lesion", "node", "response"),
    [
        (0, 9.9, COMPLETE),  # a node below 10 mm is normal: the sum need not be 0
        (0, 10, PARTIAL),
        (0, 0, COMPLETE),
        (0.1, 9.9, PARTIAL),
    ],
)
def test_a_response_is_complete_when_lesions_are_gone_and_nodes_are_normal(lesion, node, response):
    assert responded({"a": 40, "node": 20}, {"a": lesion, "node": node}) == response


def test_the_baseline_says_which_target_is_a_node():
    before = study("2025-11-10", {"node": 20})
    after = study("2026-03-05", {"node": 9})
    after["target_lesions"][0]["node"] = False
    baseline, current = patient(imaging=[before, after]).imaging
    assert target_response(measured_targets(current, baseline), Decimal(20), Decimal(20)) == COMPLETE


def test_a_missing_target_makes_the_targets_not_evaluable():
    assert responded({"a": 30, "b": 30}, {"a": 10}) == NOT_EVALUABLE
    assert responded({"a": 30, "b": 30}, {}) == NOT_EVALUABLE
    assert responded({"a": 30, "b": 0}, {"a": 0}) == NOT_EVALUABLE


def test_a_missing_target_does_not_hide_progression():
    assert responded({"a": 30, "b": 30}, {"a": 72}) == PROGRESSION
    assert responded({"a": 30, "b": 30}, {"a": 71.9}) == NOT_EVALUABLE


def test_a_lesion_that_the_baseline_does_not_have_is_not_in_the_sum():
    assert responded({"a": 40}, {"a": 40, "b": 90}) == STABLE


def test_targets_that_were_never_there_are_gone():
    assert responded({"a": 0}, {"a": 0}) == COMPLETE


# The printed table: target, non-target, new lesion, overall. None: no targets at baseline; non-target not told.
OVERALL = [
    (COMPLETE, COMPLETE, False, COMPLETE),
    (COMPLETE, None, False, COMPLETE),
    (COMPLETE, NON_CR_NON_PD, False, PARTIAL),
    (COMPLETE, NOT_EVALUABLE, False, PARTIAL),
    (COMPLETE, STABLE, False, PARTIAL),
    (PARTIAL, COMPLETE, False, PARTIAL),
    (PARTIAL, NON_CR_NON_PD, False, PARTIAL),
    (PARTIAL, NOT_EVALUABLE, False, PARTIAL),
    (PARTIAL, None, False, PARTIAL),
    (STABLE, COMPLETE, False, STABLE),
    (STABLE, NON_CR_NON_PD, False, STABLE),
    (STABLE, NOT_EVALUABLE, False, STABLE),
    (STABLE, None, False, STABLE),
    (NOT_EVALUABLE, COMPLETE, False, NOT_EVALUABLE),
    (NOT_EVALUABLE, NON_CR_NON_PD, False, NOT_EVALUABLE),
    (NOT_EVALUABLE, None, False, NOT_EVALUABLE),
    (PROGRESSION, COMPLETE, False, PROGRESSION),
    (PROGRESSION, NOT_EVALUABLE, True, PROGRESSION),
    (COMPLETE, PROGRESSION, False, PROGRESSION),
    (PARTIAL, PROGRESSION, False, PROGRESSION),
    (STABLE, PROGRESSION, False, PROGRESSION),
    (NOT_EVALUABLE, PROGRESSION, False, PROGRESSION),
    (COMPLETE, COMPLETE, True, PROGRESSION),
    (PARTIAL, NON_CR_NON_PD, True, PROGRESSION),
    (STABLE, None, True, PROGRESSION),
    (NOT_EVALUABLE, None, True, PROGRESSION),
    # without targets
    (None, COMPLETE, False, COMPLETE),
    (None, NON_CR_NON_PD, False, NON_CR_NON_PD),
    (None, PROGRESSION, False, PROGRESSION),
    (None, NOT_EVALUABLE, False, NOT_EVALUABLE),
    (None, None, False, NOT_EVALUABLE),
    (None, COMPLETE, True, PROGRESSION),
]


@pytest.mark.parametrize(("target", "non_target", "new_lesion", "overall"), OVERALL)
def test_the_overall_response_is_as_printed(target, non_target, new_lesion, overall):
    assert overall_response(target, non_target, new_lesion=new_lesion) == overall


def lesions(*told):
    """Target lesions from (organ, node, mm)."""
    targets = [
        {"id": str(number), "organ": organ, "node": node, "diameter": {"value": mm, "unit": "mm"}}
        for number, (organ, node, mm) in enumerate(told)
    ]
    return patient(imaging=[study("2025-11-10", target_lesions=targets)]).imaging[0].target_lesions


TOO_SMALL = "A target lesion of the baseline is smaller than RECIST 1.1 calls measurable."
OF_ONE_ORGAN = "RECIST 1.1 allows 2 target lesions of one organ; the baseline has more."


@pytest.mark.parametrize(
    ("told", "doubts"),
    [
        ([], ()),
        ([("liver", False, 10)], ()),
        ([("liver", False, 9.9)], (TOO_SMALL,)),
        ([(None, True, 15)], ()),
        ([(None, True, 14.9)], (TOO_SMALL,)),
        ([("liver", False, 20), ("liver", False, 20)], ()),
        ([("liver", False, 20)] * 3, (OF_ONE_ORGAN,)),
        ([("liver", False, 20)] * 3 + [("lung", False, 9)], (OF_ONE_ORGAN, TOO_SMALL)),
        ([("adrenal", False, 20)] + [("lung", False, 20)] * 3, (OF_ONE_ORGAN,)),
        ([(None, False, 20)] * 5, ()),
        ([(None, False, 20)] * 6, ("RECIST 1.1 allows 5 target lesions; the baseline has 6.",)),
    ],
)
def test_targets_that_recist_does_not_allow_leave_a_doubt(told, doubts):
    assert doubts_about_targets(lesions(*told)) == doubts
