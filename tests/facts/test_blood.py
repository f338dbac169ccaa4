"""Laboratory values over time: which value counts, the baseline, the change, the grade."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from service.facts.grading import Limits
from tests.patients import cycle, facts_of, lab

COURSE = [cycle("2025-11-24"), cycle("2026-01-19")]


def alp(value, taken_on, unit="U/L", **more):
    return lab("alkaline_phosphatase", value, unit, taken_on, **more)


def history(*laboratory, treatments=COURSE, **parts):
    """The history of the first value's analyte."""
    analyte = laboratory[0]["analyte"]
    return facts_of(treatments=treatments, laboratory=list(laboratory), **parts).blood[analyte]


def counted(*laboratory):
    """The value that counts for the last day."""
    return history(*laboratory).latest.limits.value


def test_the_latest_is_the_last_by_date_whatever_the_order():
    told = [alp(151, "2025-11-20"), alp(182, "2026-03-02"), alp(160, "2026-01-12")]
    for order in permutations(told):
        assert [sample.limits.value for sample in history(*order).samples] == [151, 160, 182]
        assert history(*order).latest.taken_on == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("days", "baseline"),
    [
        (["2025-11-10", "2025-11-24", "2025-11-25"], date(2025, 11, 24)),  # the day of the first cycle is still before it
        (["2025-11-10", "2025-11-25"], date(2025, 11, 10)),
        (["2025-11-25", "2026-03-02"], None),
    ],
)
def test_the_baseline_is_the_last_value_on_or_before_the_first_cycle(days, baseline):
    found = history(*(alp(100, day) for day in days)).baseline
    assert (found and found.taken_on) == baseline


def test_before_treatment_the_latest_is_the_baseline_and_nothing_has_changed():
    untreated = history(alp(100, "2026-01-12"), alp(150, "2026-03-02"), treatments=[])
    assert untreated.baseline == untreated.latest
    assert (untreated.during_course, untreated.change, untreated.reached_in_course(1)) == ((), None, None)


def test_values_of_the_day_of_the_first_cycle_are_not_of_the_course():
    assert [sample.taken_on.day for sample in history(alp(1, "2025-11-24"), alp(2, "2025-11-25")).during_course] == [25]


def test_the_change_is_from_the_baseline_to_the_latest():
    change = history(alp(70, "2025-11-20"), alp(500, "2026-01-12"), alp(49, "2026-03-02")).change
    assert change.unit == "%"
    assert change.minus(Decimal(-30)) == 0


@pytest.mark.parametrize(
    "told",
    [
        [alp(70, "2025-11-20")],
        [alp(70, "2026-03-02")],
        [lab("neutrophils", 0, "10*9/L", "2025-11-20"), lab("neutrophils", 3, "10*9/L", "2026-03-02")],
    ],
)
def test_there_is_no_change_without_both_ends_or_from_nothing(told):
    assert history(*told).change is None


def test_the_ratio_to_the_limit_is_exact():
    ratio = history(alp(63, "2026-03-02", upper_limit=21)).to_upper_limit
    assert ratio.unit == "xULN"
    assert ratio.minus(Decimal(3)) == 0


def test_without_a_limit_there_is_no_ratio_even_if_an_earlier_value_had_one():
    assert history(alp(150, "2025-11-20", upper_limit=120), alp(182, "2026-03-02", lower_limit=40)).to_upper_limit is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (alp(182, "2026-03-02", upper_limit=120), alp(182, "2026-03-02", "u/L", upper_limit=120)),
        (alp(180, "2026-03-02", lower_limit=30, upper_limit=120), alp(3, "2026-03-02", "ukat/L", lower_limit=0.5, upper_limit=2)),
        (lab("creatinine", 88.4, "umol/L", "2026-03-02"), lab("creatinine", 1, "mg/dL", "2026-03-02")),
        (lab("bilirubin", 17.1, "umol/L", "2026-03-02"), lab("bilirubin", 1, "mg/dL", "2026-03-02")),
        (lab("haemoglobin", 126, "g/L", "2026-03-02"), lab("haemoglobin", 12.6, "g/dL", "2026-03-02")),
    ],
)
def test_the_unit_in_which_a_value_was_sent_is_irrelevant(one, other):
    assert history(one) == history(other)


def test_limits_are_converted_with_the_value():
    told = history(lab("haemoglobin", 12.6, "g/dL", "2026-03-02", lower_limit=13.5, upper_limit=17.5))
    assert told.latest.limits == Limits(Decimal(126), Decimal(135), Decimal(175))


@pytest.mark.parametrize(
    ("analyte", "unit", "worse", "better"),
    [
        ("alkaline_phosphatase", "U/L", 182, 181),
        ("creatinine", "umol/L", 90, 89),
        ("platelets", "10*9/L", 49, 148),
        ("haemoglobin", "g/L", 79, 126),
        ("albumin", "g/L", 29, 41),
        ("creatinine_clearance", "mL/min", 39, 80),
    ],
)
def test_of_two_values_on_one_day_the_worse_counts_and_it_is_said(analyte, unit, worse, better):
    told = [lab(analyte, better, unit, "2026-03-02"), lab(analyte, worse, unit, "2026-03-02")]
    for order in (told, told[::-1]):
        facts = facts_of(laboratory=order)
        assert facts.blood[analyte].latest.limits.value == worse
        assert len(facts.blood[analyte].samples) == 1
        assert len(facts.notices) == 1
        assert facts.notices[0].endswith("has different values on 2026-03-02 without times: the worse counts.")


def test_notices_name_the_analyte_and_are_sorted():
    told = [lab(analyte, value, "10*9/L", "2026-03-02") for analyte in ("platelets", "neutrophils") for value in (3, 2)]
    assert [notice.split()[0] for notice in facts_of(laboratory=told).notices] == ["neutrophils", "platelets"]


def test_the_same_value_twice_on_one_day_is_no_contradiction():
    assert facts_of(laboratory=[alp(180, "2026-03-02"), alp(3, "2026-03-02", "ukat/L")]).notices == ()


def test_with_times_the_later_value_counts_in_silence():
    told = [
        alp(250, "2026-03-02", taken_at="2026-03-02T08:30:00Z"),
        alp(180, "2026-03-02", taken_at="2026-03-02T16:00:00+01:00"),
        alp(200, "2026-03-02", taken_at="2026-03-02T15:30:00+01:00"),
    ]
    for order in permutations(told):
        facts = facts_of(laboratory=list(order))
        assert facts.blood["alkaline_phosphatase"].latest.limits.value == 180
        assert facts.notices == ()


def test_of_two_values_at_one_time_the_worse_counts_and_it_is_said():
    at = {"taken_at": "2026-03-02T08:30:00Z"}
    facts = facts_of(laboratory=[alp(180, "2026-03-02", **at), alp(250, "2026-03-02", **at)])
    assert facts.blood["alkaline_phosphatase"].latest.limits.value == 250
    assert len(facts.notices) == 1


def test_a_time_on_one_value_only_decides_nothing():
    facts = facts_of(laboratory=[alp(250, "2026-03-02"), alp(180, "2026-03-02", taken_at="2026-03-02T08:30:00Z")])
    assert facts.blood["alkaline_phosphatase"].latest.limits.value == 250
    assert len(facts.notices) == 1


@pytest.mark.parametrize(
    ("one", "other", "limits"),
    [
        ({"upper_limit": 120}, {}, (None, 120)),
        ({"upper_limit": 120}, {"upper_limit": 100}, (None, 100)),
        ({"lower_limit": 40}, {}, (40, None)),
        ({"lower_limit": 40}, {"lower_limit": 30}, (40, None)),
        ({"lower_limit": 40, "upper_limit": 120}, {"lower_limit": 30, "upper_limit": 110}, (30, 110)),
    ],
)
def test_of_equal_values_the_one_with_the_stricter_limits_counts(one, other, limits):
    told = [alp(182, "2026-03-02", **one), alp(182, "2026-03-02", **other)]
    for order in (told, told[::-1]):
        latest = history(*order).latest.limits
        assert (latest.lower, latest.upper) == limits


def test_the_grade_is_that_of_the_latest_value_against_the_baseline():
    told = [
        alp(200, "2025-11-20", upper_limit=120),
        alp(1000.1, "2026-01-12", upper_limit=120),
        alp(400, "2026-03-02", upper_limit=120),
    ]
    assert str(history(*told).grade) == "CTCAE 5.0 grade 1"
    assert str(history(*told).grade_of(history(*told).samples[1])) == "CTCAE 5.0 grade 3"
    assert str(history(*told, options={"ctcae_version": "6.0"}).grade) == "CTCAE 6.0 grade 1"


def test_without_a_baseline_the_grade_is_not_known():
    assert str(history(alp(250, "2026-03-02", upper_limit=120)).grade) == "CTCAE 5.0 grade unknown (0 to 1)"


@pytest.mark.parametrize(
    ("platelets", "wanted", "reached"),
    [
        ([74, 148], 2, True),  # it is enough that one was
        ([148, 74], 2, True),
        ([75, 148], 2, False),
        ([148], 1, None),  # without the lower limit grade 1 cannot be told
        ([74, 148], 1, True),
        ([], 2, None),
    ],
)
def test_a_grade_was_reached_in_the_course_if_any_value_had_it(platelets, wanted, reached):
    before = lab("platelets", 20, "10*9/L", "2025-11-20")
    course = [lab("platelets", value, "10*9/L", f"2026-01-{day:02}") for day, value in enumerate(platelets, start=1)]
    assert history(before, *course).reached_in_course(wanted) is reached


def test_what_has_no_grades_is_never_known_to_have_reached_one():
    assert history(lab("egfr", 80, "mL/min/1.73m2", "2026-03-02")).reached_in_course(1) is None


def test_what_was_never_measured_has_an_empty_history():
    empty = facts_of(treatments=COURSE, laboratory=[]).blood["platelets"]
    assert (empty.analyte, empty.samples, empty.latest, empty.baseline) == ("platelets", (), None, None)
    assert (empty.grade, empty.change, empty.to_upper_limit, empty.reached_in_course(1)) == (None, None, None, None)
    assert (empty.during_course, empty.ctcae_version) == ((), "5.0")


def test_another_course_sees_the_values_until_its_last_day_with_its_own_baseline():
    values = [
        lab("platelets", count, "10*9/L", day) for count, day in ((210, "2025-01-10"), (60, "2025-03-03"), (180, "2025-03-04"))
    ]
    seen = facts_of(treatments=[], laboratory=values).blood.of_course(date(2025, 1, 10), date(2025, 3, 3))["platelets"]
    assert [str(sample.taken_on) for sample in seen.samples] == ["2025-01-10", "2025-03-03"]
    assert [str(sample.taken_on) for sample in seen.during_course] == ["2025-03-03"]
    assert seen.baseline == seen.samples[0]
