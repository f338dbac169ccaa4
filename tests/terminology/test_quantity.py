"""A quantity is exact: it is compared without dividing, and divided only to be read."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.terminology.quantity import (
    Quantity,
    count,
    days,
    deviation,
    months,
    months_after,
    percent_change,
    readable,
    times,
    weeks,
)


def test_a_count_has_the_unit_one():
    assert count(14) == Quantity(Decimal(14), "1")


def test_the_value_is_the_quotient():
    assert times(Decimal(182), Decimal(130), "xULN").value == Decimal("1.4")


def test_a_ratio_names_what_it_is_a_multiple_of():
    assert times(Decimal(182), Decimal(130), "xULN") == Quantity(Decimal(182), "xULN", Decimal(130))


def test_a_third_compares_exactly_although_it_has_no_last_digit():
    assert Quantity(Decimal(63), "1", Decimal(21)).minus(Decimal(3)) == 0
    assert Quantity(Decimal(1), "1", Decimal(3)).minus(Decimal("0.3333333333333333")) > 0


def test_49_of_70_is_exactly_minus_30_per_cent():
    change = percent_change(Decimal(49), Decimal(70))
    assert change.unit == "%"
    assert change.minus(Decimal(-30)) == 0


def test_a_rise_is_a_positive_change():
    assert percent_change(Decimal(60), Decimal(50)).value == 20


@pytest.mark.parametrize("amount", ["3.515", "3.885"])
def test_a_deviation_has_no_direction(amount):
    assert deviation(Decimal(amount), Decimal("3.7")) == Quantity(Decimal("18.5"), "%", Decimal("3.7"))
    assert deviation(Decimal(amount), Decimal("3.7")).value == 5


def test_days_are_counted_from_the_earlier_to_the_later():
    assert days(date(2026, 2, 28), date(2026, 3, 2)) == Quantity(Decimal(2), "d")
    assert days(date(2026, 3, 2), date(2026, 2, 28)).value == -2


def test_weeks_are_exact_to_the_day():
    half_a_year = weeks(date(2026, 1, 1), date(2026, 7, 2))
    assert half_a_year.unit == "wk"
    assert half_a_year.minus(Decimal(26)) == 0
    assert weeks(date(2026, 1, 1), date(2026, 7, 3)).minus(Decimal(26)) > 0


@pytest.mark.parametrize(
    ("value", "threshold", "text"),
    [
        ("1.5166666", None, "1.52"),
        ("1.50", None, "1.5"),
        ("20000", None, "20000"),
        ("2E+4", None, "20000"),
        ("0", None, "0"),
        ("-0.001", None, "0"),
        ("-0.5", None, "-0.5"),
        ("1.52", "1", "1.52"),
        ("29.6", "29.6", "29.6"),
        ("1.0004", "1", "1.0004"),
        ("29.5999", "29.6", "29.5999"),
        ("99.99999", "100", "99.99999"),
    ],
)
def test_a_value_is_read_with_two_decimals_or_as_many_as_set_it_apart_from_its_threshold(value, threshold, text):
    assert readable(Decimal(value), Decimal(threshold) if threshold else None) == text


def test_a_difference_beyond_every_digit_is_not_shown():
    assert readable(Decimal("1E-30"), Decimal(0)) == "0"


@given(st.decimals("0.01", "5000", places=3), st.decimals("0.01", "5000", places=2))
def test_a_value_never_reads_like_a_threshold_that_it_does_not_equal(value, threshold):
    assert (Decimal(readable(value, threshold)) == threshold) == (value == threshold)


@given(st.decimals("0.001", "99999", places=5), st.decimals("0.001", "99999", places=5))
def test_minus_has_the_sign_of_the_difference(amount, reference):
    assert (times(amount, reference, "xULN").minus(Decimal(1)) > 0) == (amount > reference)


@pytest.mark.parametrize(
    ("earlier", "later", "completed"),
    [
        ("2026-03-10", "2026-03-10", 0),
        ("2026-03-10", "2026-04-09", 0),
        ("2026-03-10", "2026-04-10", 1),
        ("2026-03-10", "2026-04-11", 1),
        ("2025-12-31", "2026-01-30", 0),
        ("2025-12-31", "2026-01-31", 1),
        ("2026-01-31", "2026-02-27", 0),
        ("2026-01-31", "2026-02-28", 1),  # the last day of a shorter month completes it
        ("2026-01-31", "2026-03-30", 1),
        ("2026-01-31", "2026-03-31", 2),
        ("2024-01-31", "2024-02-28", 0),
        ("2024-01-31", "2024-02-29", 1),
        ("2024-02-29", "2024-03-28", 0),
        ("2024-02-29", "2024-03-29", 1),
        ("2024-02-29", "2025-02-27", 11),
        ("2024-02-29", "2025-02-28", 12),
        ("2024-02-29", "2028-02-28", 47),
        ("2024-02-29", "2028-02-29", 48),
        ("2025-09-10", "2027-03-09", 17),
        ("2025-09-10", "2027-03-10", 18),
        ("2026-03-10", "2026-03-09", -1),
        ("2026-03-10", "2026-02-10", -1),
        ("2026-03-10", "2026-02-09", -2),
        ("2026-03-10", "2025-03-10", -12),
    ],
)
def test_months_are_completed_calendar_months(earlier, later, completed):
    assert months(date.fromisoformat(earlier), date.fromisoformat(later)) == Quantity(Decimal(completed), "mo")


@pytest.mark.parametrize(
    ("day", "number", "after"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2025-12-15", 1, "2026-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-03-10", 0, "2026-03-10"),
    ],
)
def test_a_month_after_the_last_day_of_a_longer_month_is_the_last_day(day, number, after):
    assert months_after(date.fromisoformat(day), number) == date.fromisoformat(after)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_the_completed_months_are_the_most_that_have_passed(earlier, later):
    completed = int(months(earlier, later).value)
    assert months_after(earlier, completed) <= later < months_after(earlier, completed + 1)
    assert (completed < 0) == (later < earlier)
