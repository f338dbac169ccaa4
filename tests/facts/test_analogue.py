"""Somatostatin analogues: the last of each formulation, and the time from it to a dose."""

from datetime import date
from decimal import Decimal

from service.facts.analogue import Analogue
from tests.patients import facts_of


def analogue(given_on, formulation=None):
    told = {"kind": "somatostatin_analogue", "given_on": given_on}
    return told | ({"formulation": formulation} if formulation else {})


def test_the_last_of_each_formulation_counts_and_the_latest_stands_first():
    told = [
        analogue("2026-02-02", "long_acting"),
        analogue("2026-01-05", "long_acting"),
        analogue("2026-02-20"),
        analogue("2026-02-21", "short_acting"),
        analogue("2026-03-01", "short_acting"),
        {"kind": "sirt", "given_on": "2026-03-02"},
    ]
    assert facts_of(treatments=told).analogues == (
        Analogue(date(2026, 3, 1), "short_acting"),
        Analogue(date(2026, 2, 20), None),
        Analogue(date(2026, 2, 2), "long_acting"),
    )


def test_treatments_that_were_not_told_hold_no_analogue():
    assert facts_of().analogues == facts_of(treatments=[]).analogues == ()


def test_the_time_to_a_dose_is_told_in_days_and_of_a_short_acting_analogue_in_hours():
    dose_on = date(2026, 3, 16)
    for formulation in (None, "long_acting"):
        before = Analogue(date(2026, 2, 16), formulation).before(dose_on)
        assert (before.value, before.unit) == (Decimal(28), "d")
    before = Analogue(date(2026, 3, 15), "short_acting").before(dose_on)
    assert (before.value, before.unit) == (Decimal(24), "h")
