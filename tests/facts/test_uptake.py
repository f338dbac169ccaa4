"""The patient's own ratio of uptake: both lobes on one day, one infused and one not."""

from datetime import date
from decimal import Decimal

import pytest

from tests.patients import facts_of


def measured(measured_on, infused, value, lobe="left"):
    return {"measured_on": measured_on, "lobe": lobe, "infused": infused, "tumour_to_non_tumour": value}


def test_the_last_day_with_both_lobes_counts():
    ratios = [
        measured("2025-11-25", True, 20),
        measured("2025-11-25", False, 10),
        measured("2026-01-20", False, 15),
        measured("2026-01-20", True, 18),
        measured("2026-02-20", True, 90),
    ]
    uptake = facts_of(uptake_ratios=ratios).lobe_uptake
    assert (uptake.on, uptake.ratio.value, uptake.ratio.unit) == (date(2026, 1, 20), Decimal("1.2"), "1")


@pytest.mark.parametrize(
    "ratios",
    [
        [],
        [measured("2026-01-20", True, 18)],
        [measured("2026-01-20", True, 18), measured("2026-01-20", True, 15)],
        [measured("2026-01-20", True, 18), measured("2026-01-21", False, 15)],
        [measured("2026-01-20", True, 18), measured("2026-01-20", False, 15), measured("2026-01-20", False, 14)],
    ],
)
def test_without_exactly_one_of_each_there_is_no_ratio(ratios):
    assert facts_of(uptake_ratios=ratios).lobe_uptake is None


def test_what_was_not_told_has_no_ratio():
    assert facts_of().lobe_uptake is None
