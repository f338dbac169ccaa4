"""Every boundary of CTCAE 5.0 and 6.0 from both sides, written from the printed text.

A bound of a fall is exclusive above ("<75-50": 50.0 is grade 2); a bound of a rise is
inclusive above (">ULN-1.5 x ULN": 1.5 x ULN is grade 1).
"""

from decimal import Decimal

import pytest

from service.evidence import GRADINGS
from service.facts.grading import Limits, scale_for

# analyte, lower limit, upper limit, baseline (with the same limits), grades at values; canonical units
CTCAE_5_0 = [
    ("platelets", "150", None, None, "150 is 0, 149.9 is 1, 75 is 1, 74.9 is 2, 50 is 2, 49.9 is 3, 25 is 3, 24.9 is 4, 0 is 4"),
    ("haemoglobin", "120", None, None, "120 is 0, 119.9 is 1, 100 is 1, 99.9 is 2, 80 is 2, 79.9 is 3, 20 is 3"),
    ("neutrophils", "1.8", None, None, "1.8 is 0, 1.79 is 1, 1.5 is 1, 1.49 is 2, 1 is 2, 0.99 is 3, 0.5 is 3, 0.49 is 4"),
    ("leukocytes", "4", None, None, "4 is 0, 3.99 is 1, 3 is 1, 2.99 is 2, 2 is 2, 1.99 is 3, 1 is 3, 0.99 is 4"),
    ("lymphocytes", "1.1", None, None, "1.1 is 0, 1.09 is 1, 0.8 is 1, 0.79 is 2, 0.5 is 2, 0.49 is 3, 0.2 is 3, 0.19 is 4"),
    ("albumin", "35", None, None, "35 is 0, 34.9 is 1, 30 is 1, 29.9 is 2, 20 is 2, 19.9 is 3, 5 is 3"),
    ("inr", None, None, None, "1.2 is 0, 1.21 is 1, 1.5 is 1, 1.51 is 2, 2.5 is 2, 2.51 is 3, 30 is 3"),
    # creatinine: the worse of both; first the limit alone (baseline far above), then the baseline alone (limit far above)
    ("creatinine", None, "100", "600", "100 is 0, 100.1 is 1, 150 is 1, 150.1 is 2, 300 is 2, 300.1 is 3, 600 is 3, 600.1 is 4"),
    ("creatinine", None, "1000", "50", "75 is 0, 75.1 is 2, 150 is 2, 150.1 is 3, 1000 is 3"),
    # baseline normal: multiples of the limit; a baseline at the limit is normal
    ("bilirubin", None, "20", "20", "20 is 0, 20.1 is 1, 30 is 1, 30.1 is 2, 60 is 2, 60.1 is 3, 200 is 3, 200.1 is 4"),
    ("alt", None, "50", "50", "50 is 0, 50.1 is 1, 150 is 1, 150.1 is 2, 250 is 2, 250.1 is 3, 1000 is 3, 1000.1 is 4"),
    ("ast", None, "50", "50", "50 is 0, 50.1 is 1, 150 is 1, 150.1 is 2, 250 is 2, 250.1 is 3, 1000 is 3, 1000.1 is 4"),
    ("alkaline_phosphatase", None, "120", "120", "120 is 0, 120.1 is 1, 300 is 1, 300.1 is 2, 600 is 2, 600.1 is 3"),
    ("alkaline_phosphatase", None, "120", "120", "2400 is 3, 2400.1 is 4"),
    ("gamma_gt", None, "60", "60", "60 is 0, 60.1 is 1, 150 is 1, 150.1 is 2, 300 is 2, 300.1 is 3, 1200 is 3, 1200.1 is 4"),
    # baseline abnormal: multiples of the baseline
    ("bilirubin", None, "20", "20.1", "20.1 is 0, 20.2 is 1"),
    ("bilirubin", None, "20", "40", "40 is 0, 40.1 is 1, 60 is 1, 60.1 is 2, 120 is 2, 120.1 is 3, 400 is 3, 400.1 is 4"),
    ("alt", None, "50", "100", "149.9 is 0, 150 is 1, 300 is 1, 300.1 is 2, 500 is 2, 500.1 is 3, 2000 is 3, 2000.1 is 4"),
    ("ast", None, "50", "100", "149.9 is 0, 150 is 1, 300 is 1, 300.1 is 2, 500 is 2, 500.1 is 3, 2000 is 3, 2000.1 is 4"),
    ("alkaline_phosphatase", None, "120", "200", "200 is 0, 399.9 is 0, 400 is 1, 500 is 1, 500.1 is 2, 1000 is 2"),
    ("alkaline_phosphatase", None, "120", "200", "1000.1 is 3, 4000 is 3, 4000.1 is 4"),
    ("gamma_gt", None, "60", "100", "199.9 is 0, 200 is 1, 250 is 1, 250.1 is 2, 500 is 2, 500.1 is 3, 2000 is 3, 2000.1 is 4"),
]
CTCAE_6_0 = [
    ("platelets", "150", None, None, "150 is 0, 149.9 is 1, 75 is 1, 74.9 is 2, 50 is 2, 49.9 is 3, 10 is 3, 9.9 is 4, 0 is 4"),
    ("haemoglobin", "120", None, None, "120 is 0, 119.9 is 1, 100 is 1, 99.9 is 2, 80 is 2, 79.9 is 3, 20 is 3"),
    # neutrophils: one grade lower than in 5.0, and no lower limit
    ("neutrophils", "1.8", None, None, "1.79 is 0, 1.5 is 0, 1.49 is 1, 1 is 1, 0.99 is 2, 0.8 is 2"),
    ("neutrophils", None, None, None, "0.5 is 2, 0.49 is 3, 0.1 is 3, 0.09 is 4"),
    ("leukocytes", "4", None, None, "4 is 0, 3.99 is 1, 3 is 1, 2.99 is 2, 2 is 2, 1.99 is 3, 1 is 3, 0.99 is 4"),
    ("albumin", "35", None, None, "35 is 0, 34.9 is 1, 30 is 1, 29.9 is 2, 20 is 2, 19.9 is 3, 5 is 3"),
    ("inr", None, None, None, "1.2 is 0, 1.21 is 1, 1.5 is 1, 1.51 is 2, 2.5 is 2, 2.51 is 3, 30 is 3"),
    # creatinine: multiples of the baseline only when the baseline was below the lower limit
    ("creatinine", "60", "100", "60", "100 is 0, 100.1 is 1, 150 is 1, 150.1 is 2, 300 is 2, 300.1 is 3, 600 is 3, 600.1 is 4"),
    ("creatinine", "60", "1000", "60", "90.1 is 0, 180.1 is 0, 1000 is 0"),
    ("creatinine", "60", "1000", "59.9", "89.85 is 0, 89.86 is 2"),
    ("creatinine", "60", "1000", "50", "75 is 0, 75.1 is 2, 150 is 2, 150.1 is 3, 1000 is 3"),
    ("bilirubin", None, "20", "20", "20 is 0, 20.1 is 1, 30 is 1, 30.1 is 2, 60 is 2, 60.1 is 3, 200 is 3, 200.1 is 4"),
    ("alt", None, "50", "50", "50 is 0, 50.1 is 1, 150 is 1, 150.1 is 2, 250 is 2, 250.1 is 3, 1000 is 3, 1000.1 is 4"),
    ("ast", None, "50", "50", "50 is 0, 50.1 is 1, 150 is 1, 150.1 is 2, 250 is 2, 250.1 is 3, 1000 is 3, 1000.1 is 4"),
    ("gamma_gt", None, "60", "60", "60 is 0, 60.1 is 1, 150 is 1, 150.1 is 2, 300 is 2, 300.1 is 3, 1200 is 3, 1200.1 is 4"),
    ("bilirubin", None, "20", "40", "39.9 is 0, 40 is 1, 60 is 1, 60.1 is 2, 100 is 2, 100.1 is 3, 400 is 3, 400.1 is 4"),
    ("alt", None, "50", "100", "99.9 is 0, 100 is 1, 150 is 1, 150.1 is 2, 200 is 2, 200.1 is 3, 400 is 3, 400.1 is 4"),
    ("ast", None, "50", "100", "99.9 is 0, 100 is 1, 150 is 1, 150.1 is 2, 200 is 2, 200.1 is 3, 400 is 3, 400.1 is 4"),
    ("gamma_gt", None, "60", "100", "99.9 is 0, 100 is 1, 150 is 1, 150.1 is 2, 300 is 2, 300.1 is 3, 1000 is 3, 1000.1 is 4"),
    # ALP: above the baseline and above the limit, nothing more
    ("alkaline_phosphatase", None, "120", "100", "120 is 0, 120.1 is 1, 20000 is 1"),
    ("alkaline_phosphatase", None, "120", "200", "121 is 0, 200 is 0, 200.1 is 1"),
]


def limits(value, lower=None, upper=None):
    """A value with its limits, from text; nothing for no value."""
    told = [None if each is None else Decimal(each) for each in (value, lower, upper)]
    return None if value is None else Limits(*told)


def grade(version, analyte, latest, baseline):
    """The grade of a value on the scale that its baseline asks for."""
    scale = scale_for(version, analyte, baseline)
    return scale and scale.grade(latest, baseline)


def one_by_one(version, table):
    """Each value of each row, alone."""
    for analyte, lower, upper, baseline, grades in table:
        for entry in grades.split(", "):
            value, expected = entry.split(" is ")
            yield pytest.param(
                version,
                analyte,
                lower,
                upper,
                baseline,
                value,
                int(expected),
                id=f"{version} {analyte} {value} baseline {baseline}",
            )


@pytest.mark.parametrize(
    ("version", "analyte", "lower", "upper", "baseline", "value", "expected"),
    [*one_by_one("5.0", CTCAE_5_0), *one_by_one("6.0", CTCAE_6_0)],
)
def test_a_value_has_the_printed_grade(version, analyte, lower, upper, baseline, value, expected):
    graded = grade(version, analyte, limits(value, lower, upper), limits(baseline, lower, upper))
    assert (graded.lowest, graded.highest) == (expected, expected)


def test_both_tables_name_every_graded_analyte():
    assert {row[0] for row in CTCAE_5_0} == set(GRADINGS["5.0"].terms)
    assert {row[0] for row in CTCAE_6_0} == set(GRADINGS["6.0"].terms)


# version, analyte, value, its lower and upper limit, baseline with its limits, lowest and highest possible grade
UNKNOWN = [
    ("5.0", "platelets", ("148",), None, 0, 1),
    ("5.0", "albumin", ("34",), None, 0, 1),
    ("5.0", "alkaline_phosphatase", ("250", "40", "120"), None, 0, 1),  # which branch cannot be known
    ("5.0", "alkaline_phosphatase", ("250",), ("100", "40", "120"), 0, 4),
    ("5.0", "alkaline_phosphatase", ("250", "40", "120"), ("100",), 0, 1),  # 2.08 x limit, 2.5 x baseline
    ("5.0", "bilirubin", ("30", "5", "20"), None, 0, 1),
    ("5.0", "alt", ("90", "5", "50"), None, 0, 1),
    ("5.0", "alt", ("250", "5", "50"), None, 0, 2),  # no baseline above the limit makes it more than five times the baseline
    ("5.0", "alt", ("250.1", "5", "50"), None, 0, 3),
    ("5.0", "alt", ("90",), None, 0, 4),  # without a limit nothing is known
    ("5.0", "creatinine", ("110", "60", "100"), None, 1, 3),  # above the limit for certain, the baseline open
    ("5.0", "creatinine", ("110",), ("100", "60", "100"), 0, 4),
    ("6.0", "creatinine", ("110", "60", "100"), None, 1, 3),
    ("6.0", "creatinine", ("110", "60", "100"), ("50", None, "100"), 1, 2),
    ("6.0", "alkaline_phosphatase", ("250", "40", "120"), None, 0, 1),
    ("6.0", "alkaline_phosphatase", ("250",), ("100", "40", "120"), 0, 1),
]


@pytest.mark.parametrize(
    ("version", "analyte"), [("5.0", "alt"), ("5.0", "bilirubin"), ("6.0", "alkaline_phosphatase"), ("6.0", "alt")]
)
def test_a_value_within_the_limit_is_grade_0_whatever_the_baseline_was(version, analyte):
    assert str(grade(version, analyte, limits("50", "5", "50"), None)) == f"CTCAE {version} grade 0"
    assert grade(version, analyte, limits("50.1", "5", "50"), None).highest == 1


@pytest.mark.parametrize(("version", "analyte", "latest", "baseline", "lowest", "highest"), UNKNOWN)
def test_what_is_missing_leaves_a_range_and_never_reads_as_grade_0(version, analyte, latest, baseline, lowest, highest):
    graded = grade(version, analyte, limits(*latest), limits(*baseline) if baseline else None)
    assert (graded.lowest, graded.highest) == (lowest, highest)
    assert str(graded) == f"CTCAE {version} grade unknown ({lowest} to {highest})"


def test_a_missing_lower_limit_does_not_hide_a_higher_grade():
    assert str(grade("5.0", "platelets", limits("74"), None)) == "CTCAE 5.0 grade 2"


def test_an_unchanged_raised_alp_is_grade_0_in_5_0():
    raised = limits("182", "40", "120")
    assert str(grade("5.0", "alkaline_phosphatase", raised, raised)) == "CTCAE 5.0 grade 0"


def test_the_baseline_is_judged_by_the_limits_of_its_own_laboratory():
    latest = limits("250", "40", "90")
    assert grade("5.0", "alkaline_phosphatase", latest, limits("100", "40", "120")).lowest == 2  # 2.8 x ULN
    assert grade("5.0", "alkaline_phosphatase", latest, limits("130", "40", "120")).highest == 0  # 1.9 x baseline


@pytest.mark.parametrize(("version", "analyte"), [("5.0", "chromogranin_a"), ("5.0", "egfr"), ("6.0", "lymphocytes")])
def test_what_has_no_numeric_grades_has_no_grade(version, analyte):
    assert grade(version, analyte, limits("0.1", "1", "2"), None) is None


def test_the_grade_names_the_term_and_the_version():
    graded = grade("6.0", "platelets", limits("49"), None)
    assert (graded.term, graded.version) == ("Thrombocytopenia", "6.0")


@pytest.mark.parametrize(
    ("value", "lower", "wanted", "answer"),
    [
        ("74", "150", 1, True),
        ("74", "150", 2, True),
        ("74", "150", 3, False),
        ("148", None, 0, True),
        ("148", None, 1, None),
        ("148", None, 2, False),
    ],
)
def test_at_least_a_grade_is_true_false_or_not_known(value, lower, wanted, answer):
    assert grade("5.0", "platelets", limits(value, lower), None).at_least(wanted) is answer
