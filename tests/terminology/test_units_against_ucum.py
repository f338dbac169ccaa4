"""Every factor of the table of units, computed again by a library that reads UCUM."""

from decimal import Decimal
from math import isclose

import pytest
from ucumvert import PintUcumRegistry, get_ucum_parser

from service.terminology.codes import UCUM_UNITS
from service.terminology.units import MEASURANDS

REGISTRY = PintUcumRegistry()
PARSER = get_ucum_parser()
NUMBERS = {"1", "{INR}", "INR", "{ratio}"}
# What laboratories print, and the UCUM code that they mean by it. Read as UCUM, some would be another unit:
# K/uL is kelvin, G/L is gauss, u/L is the atomic mass unit.
MEANT = {
    "u/L": "U/L",
    "IU/L": "U/L",
    "[iU]/L": "U/L",
    "[IU]/L": "U/L",
    "Units/L": "U/L",
    **{f"{mu}kat/L": "ukat/L" for mu in "\u00b5\u03bc"},
    **{f"{mu}mol/L": "umol/L" for mu in "\u00b5\u03bc"},
    **{f"{mu}g/L": "ug/L" for mu in "\u00b5\u03bc"},
    "K/uL": "10*3/uL",
    **dict.fromkeys(["10^3/uL", "x10E3/uL", "10E3/uL", "Thousand/uL", "thou/uL"], "10*3/uL"),
    "K/mm3": "10*3/mm3",
    **dict.fromkeys(["/\u00b5L", "/\u03bcL", "cells/uL"], "/uL"),
    "G/L": "10*9/L",
    **dict.fromkeys(["x10^9/L", "10^9/L", "10E9/L", "10e9/L"], "10*9/L"),
    **dict.fromkeys(["mL/min/1.73m2", "mL/min/1.73 m2", "ml/min/1.73m2", "mL/min/1.73m*2", "mL/min/1.73m^2"], "mL/min/{1.73_m2}"),
    **dict.fromkeys(["mg/(24h)", "mg/24h"], "mg/(24.h)"),
    **dict.fromkeys(["lb", "lbs"], "[lb_av]"),
    **dict.fromkeys(NUMBERS - {"1"}, "1"),
}
# Mass to amount of substance depends on the molar mass, which UCUM does not know: these are the documented factors.
# Doubt: an international unit of an enzyme is one U by definition, but UCUM keeps [iU] arbitrary.
BY_MOLAR_MASS = {
    ("creatinine", "mg/dL"): "88.4",
    ("creatinine", "mg/dl"): "88.4",
    ("bilirubin", "mg/dL"): "17.1",
    ("bilirubin", "mg/dl"): "17.1",
}
ROWS = [(name, unit) for name, measurand in MEASURANDS.items() for unit in measurand.factors]
MISREAD = {"u/L", "K/uL", "K/mm3", "G/L"}


def size(unit):
    """One of a unit in the units that the library reduces it to."""
    return REGISTRY.from_ucum(MEANT.get(unit, unit)).to_base_units() if unit not in NUMBERS else REGISTRY.Quantity(1)


@pytest.mark.parametrize(("name", "unit"), [row for row in ROWS if row not in BY_MOLAR_MASS])
def test_a_factor_is_the_factor_of_ucum(name, unit):
    one, canonical = size(unit), size(MEASURANDS[name].unit)
    assert one.dimensionality == canonical.dimensionality
    assert isclose(one.magnitude / canonical.magnitude, MEASURANDS[name].factors[unit], rel_tol=1e-9)


@pytest.mark.parametrize(("row", "factor"), BY_MOLAR_MASS.items())
def test_a_factor_by_molar_mass_is_the_documented_one(row, factor):
    name, unit = row
    assert MEASURANDS[name].factors[unit] == Decimal(factor)


def test_only_the_units_of_substances_rest_on_a_molar_mass():
    differing = {(name, unit) for name, unit in ROWS if size(unit).dimensionality != size(MEASURANDS[name].unit).dimensionality}
    assert differing == set(BY_MOLAR_MASS)


def test_a_spelling_that_means_another_unit_is_in_the_table_for_its_meaning():
    assert set(MEANT) <= {unit for _, unit in ROWS}
    for unit in MISREAD:
        assert REGISTRY.from_ucum(unit).dimensionality != size(unit).dimensionality


@pytest.mark.parametrize("unit", sorted(UCUM_UNITS))
def test_what_is_written_as_ucum_is_ucum(unit):
    assert PARSER.parse(unit)
    assert unit not in MEANT or unit in ("[iU]/L", "[IU]/L", "{INR}", "{ratio}")


@pytest.mark.parametrize("unit", sorted({unit for _, unit in ROWS} - UCUM_UNITS))
def test_what_is_not_written_as_ucum_is_a_spelling_that_means_a_unit_of_ucum(unit):
    assert MEANT[unit] in UCUM_UNITS
