"""Creatinine clearance: measured, else Cockcroft-Gault worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from service.facts.kidney import age_in_years
from service.patient.reading import RefusedRequest
from tests.patients import facts_of, lab

TAKEN_ON = "2026-03-02"


def clearance(sex="male", birth_date="1966-03-02", kilograms=72, laboratory=(("creatinine", 1, "mg/dL", TAKEN_ON),)):
    person = {"id": "demo-1", "sex": sex}
    if birth_date:
        person["birth_date"] = birth_date
    if kilograms:
        person["weight"] = {"value": kilograms, "unit": "kg"}
    return facts_of(patient=person, laboratory=[lab(*each) for each in laboratory]).clearance


def test_a_man_of_60_years_and_72_kilograms_with_1_mg_per_dl_clears_80_ml_per_minute():
    found = clearance()
    assert found.quantity.unit == "mL/min"
    assert found.quantity.minus(Decimal(80)) == 0
    assert (found.method, found.taken_on) == ("cockcroft_gault", date(2026, 3, 2))


def test_a_woman_clears_85_per_cent_of_that():
    assert clearance(sex="female").quantity.minus(Decimal(68)) == 0


@pytest.mark.parametrize(
    ("sex", "birth_date", "kilograms", "creatinine", "expected"),
    [
        ("male", "1961-04-02", 78, 0.9, "91.48"),  # 76 x 78 / (72 x 0.9)
        ("female", "1980-05-17", 50, 0.5, "112.15"),  # 95 x 50 / (72 x 0.5) x 0.85
        ("male", "1945-12-31", 60.5, 2.4, "21.01"),  # 60 x 60.5 / (72 x 2.4)
        ("female", "1935-03-02", 45, 1.5, "17.35"),  # 49 x 45 / (72 x 1.5) x 0.85
    ],
)
def test_the_formula_gives_what_it_gives_by_hand(sex, birth_date, kilograms, creatinine, expected):
    found = clearance(sex, birth_date, kilograms, [("creatinine", creatinine, "mg/dL", TAKEN_ON)])
    assert round(found.quantity.value, 2) == Decimal(expected)


def test_creatinine_in_micromoles_gives_the_same():
    in_micromoles = clearance(laboratory=[("creatinine", 88.4, "umol/L", TAKEN_ON)])
    assert in_micromoles.quantity.minus(Decimal(80)) == 0


def test_the_age_is_that_of_the_day_of_the_sample():
    assert clearance(birth_date="1966-03-03").quantity.minus(Decimal(81)) == 0


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2000, 6, 15), date(2026, 6, 14), 25),
        (date(2000, 6, 15), date(2026, 6, 15), 26),
        (date(2000, 6, 15), date(2026, 5, 31), 25),
        (date(2000, 6, 15), date(2026, 7, 1), 26),
        (date(2004, 2, 29), date(2022, 2, 28), 17),
        (date(2004, 2, 29), date(2022, 3, 1), 18),
        (date(2026, 3, 2), date(2026, 3, 2), 0),
    ],
)
def test_a_year_of_life_is_completed_on_the_birthday(born, on, age):
    assert age_in_years(born, on) == age


def test_the_formula_is_for_adults():
    assert clearance(birth_date="2008-03-02").quantity.minus(Decimal(122)) == 0
    assert clearance(birth_date="2008-03-03") is None


@pytest.mark.parametrize(
    "without", [{"sex": "other"}, {"sex": "unknown"}, {"kilograms": None}, {"birth_date": None}, {"laboratory": ()}]
)
def test_without_what_the_formula_needs_there_is_no_estimate(without):
    assert clearance(**without) is None


def test_nobody_has_a_negative_clearance():
    """The formula has no meaning at 140 years; a birth date so long ago is refused, or leaves no estimate."""
    try:
        found = clearance(birth_date="1800-01-01")
    except RefusedRequest:
        return
    assert found is None


@pytest.mark.parametrize(
    ("measured_on", "method"),
    [("2026-03-03", "measured"), ("2026-03-02", "measured"), ("2026-03-01", "cockcroft_gault")],
)
def test_a_measured_clearance_is_preferred_unless_the_creatinine_is_later(measured_on, method):
    told = [("creatinine", 1, "mg/dL", TAKEN_ON), ("creatinine_clearance", 55, "mL/min", measured_on)]
    found = clearance(laboratory=told)
    assert (found.method, found.quantity.value) == (method, 55 if method == "measured" else 80)


def test_a_measured_clearance_needs_neither_sex_nor_weight():
    found = clearance(
        "other", None, None, [("creatinine_clearance", 55, "mL/min", "2026-01-05"), ("creatinine", 1, "mg/dL", TAKEN_ON)]
    )
    assert (found.quantity.unit, found.quantity.value, found.taken_on) == ("mL/min", 55, date(2026, 1, 5))


@pytest.mark.parametrize(("taken_on", "expected"), [("2039-12-31", Decimal(1)), ("2040-01-01", None)])
def test_the_formula_ends_at_140_years(taken_on, expected):
    person = {"id": "demo-1", "sex": "male", "birth_date": "1900-01-01", "weight": {"value": 72, "unit": "kg"}}
    found = facts_of(as_of=taken_on, patient=person, laboratory=[lab("creatinine", 1, "mg/dL", taken_on)]).clearance
    assert (found and found.quantity.value) == expected
