"""Every accepted unit, with its exact factor and the range in which a value is believed."""

from decimal import Decimal
from typing import get_args

import pytest

from service.terminology.units import MEASURANDS
from service.vocabulary import Analyte

MICRO, GREEK_MU = "\u00b5", "\u03bc"  # both look the same and both are sent
ENZYME = {"U/L": "1", "u/L": "1", "U/l": "1", "IU/L": "1", "[iU]/L": "1", "[IU]/L": "1", "Units/L": "1"} | {
    f"{u}kat/L": "60" for u in ("u", MICRO, GREEK_MU)
}
UMOL = {f"{u}mol/L": "1" for u in ("u", MICRO, GREEK_MU)} | {"umol/l": "1"}
MASS = {"g/L": "1", "g/l": "1", "g/dL": "10", "g/dl": "10"}
CELLS = dict.fromkeys(
    [
        *("10*9/L", "10*3/uL", "10*3/mm3", "K/uL", "x10^9/L", "10^9/L", "10E9/L", "10e9/L", "G/L", "/nL", "10^3/uL"),
        *("10*9/l", "x10E3/uL", "10E3/uL", "Thousand/uL", "thou/uL", "K/mm3"),
    ],
    "1",
) | dict.fromkeys(["10*6/L", "/mm3", "{cells}/uL", "cells/uL", *(f"/{u}L" for u in ("u", MICRO, GREEK_MU))], "0.001")
EGFR = dict.fromkeys(
    [
        *("mL/min/{1.73_m2}", "mL/min/1.73m2", "mL/min/1.73 m2", "ml/min/1.73m2"),
        *("mL/min/{1.73m2}", "mL/min/1.73m*2", "mL/min/1.73m^2"),
    ],
    "1",
)
CHROMOGRANIN = {f"{u}g/L": "1" for u in ("u", MICRO, GREEK_MU)} | {"ng/mL": "1", "ng/ml": "1"}
HIAA = dict.fromkeys(["mg/(24.h)", "mg/(24h)", "mg/24h", "mg/d"], "1")

# measurand, canonical unit, which way is worse, lowest and highest plausible value, accepted units with factor
TABLE = [
    ("alkaline_phosphatase", "U/L", "higher", "1", "20000", ENZYME),
    ("bone_alkaline_phosphatase", "U/L", "higher", "1", "20000", ENZYME),
    ("gamma_gt", "U/L", "higher", "1", "20000", ENZYME),
    ("alt", "U/L", "higher", "1", "50000", ENZYME),
    ("ast", "U/L", "higher", "1", "50000", ENZYME),
    ("bilirubin", "umol/L", "higher", "0.5", "1500", UMOL | {"mg/dL": "17.1", "mg/dl": "17.1"}),
    ("albumin", "g/L", "lower", "5", "80", MASS),
    ("inr", "1", "higher", "0.5", "30", dict.fromkeys(["1", "{INR}", "INR", "{ratio}"], "1")),
    ("haemoglobin", "g/L", "lower", "20", "260", MASS),
    ("platelets", "10*9/L", "lower", "0", "3000", CELLS),
    ("neutrophils", "10*9/L", "lower", "0", "200", CELLS),
    ("leukocytes", "10*9/L", "lower", "0", "800", CELLS),
    ("lymphocytes", "10*9/L", "lower", "0", "800", CELLS),
    ("creatinine", "umol/L", "higher", "10", "3000", UMOL | {"mg/dL": "88.4", "mg/dl": "88.4"}),
    ("creatinine_clearance", "mL/min", "lower", "0", "400", {"mL/min": "1", "ml/min": "1"}),
    ("egfr", "mL/min/{1.73_m2}", "lower", "0", "250", EGFR),
    ("chromogranin_a", "ug/L", "higher", "0.1", "5000000", CHROMOGRANIN),
    ("five_hiaa", "mg/(24.h)", "higher", "0.1", "10000", HIAA),
    ("activity", "GBq", "neither", "0.5", "40", {"GBq": "1", "MBq": "0.001", "mCi": "0.037"}),
    ("absorbed_dose", "Gy", "higher", "0", "100", {"Gy": "1", "cGy": "0.01", "mGy": "0.001"}),
    ("diameter", "mm", "higher", "0", "500", {"mm": "1", "cm": "10"}),
    ("weight", "kg", "neither", "2", "400", {"kg": "1", "g": "0.001"} | dict.fromkeys(["[lb_av]", "lb", "lbs"], "0.45359237")),
    ("interval", "d", "neither", "1", "365", {"d": "1", "wk": "7"}),
]


@pytest.mark.parametrize(("name", "unit", "worse", "lowest", "highest", "accepted"), TABLE)
def test_a_measurand_is_as_this_table_says(name, unit, worse, lowest, highest, accepted):
    measurand = MEASURANDS[name]
    assert (measurand.name, measurand.unit, measurand.worse) == (name, unit, worse)
    assert (measurand.lowest, measurand.highest) == (Decimal(lowest), Decimal(highest))
    assert measurand.factors == {spelling: Decimal(factor) for spelling, factor in accepted.items()}


def test_the_table_is_complete():
    assert [row[0] for row in TABLE] == list(MEASURANDS)


def test_every_analyte_has_its_units():
    assert set(get_args(Analyte)) <= set(MEASURANDS)


@pytest.mark.parametrize("name", MEASURANDS)
def test_the_canonical_unit_is_accepted_and_converts_to_itself(name):
    measurand = MEASURANDS[name]
    assert measurand.accepts(measurand.unit)
    assert measurand.convert(Decimal("12.34"), measurand.unit) == Decimal("12.34")


@pytest.mark.parametrize(
    ("name", "value", "unit", "canonical"),
    [
        ("alkaline_phosphatase", "1", "ukat/L", "60"),
        ("alkaline_phosphatase", "3.05", f"{MICRO}kat/L", "183"),
        ("creatinine", "1", "mg/dL", "88.4"),
        ("bilirubin", "1", "mg/dL", "17.1"),
        ("haemoglobin", "12.6", "g/dL", "126"),
        ("albumin", "4.1", "g/dL", "41"),
        ("platelets", "148", "10*3/uL", "148"),
        ("platelets", "45000", "/uL", "45"),
        ("neutrophils", "750", "cells/uL", "0.75"),
        ("activity", "200", "mCi", "7.4"),
        ("activity", "7400", "MBq", "7.4"),
        ("diameter", "2.4", "cm", "24"),
        ("absorbed_dose", "310", "cGy", "3.1"),
        ("weight", "100", "lb", "45.359237"),
        ("weight", "78000", "g", "78"),
        ("interval", "8", "wk", "56"),
    ],
)
def test_a_conversion_is_exact(name, value, unit, canonical):
    assert MEASURANDS[name].convert(Decimal(value), unit) == Decimal(canonical)


def test_a_unit_of_another_measurand_is_not_accepted():
    assert not MEASURANDS["alkaline_phosphatase"].accepts("g/L")
    with pytest.raises(KeyError):
        MEASURANDS["alkaline_phosphatase"].convert(Decimal(1), "g/L")


@pytest.mark.parametrize(
    ("value", "unit", "plausible"),
    [("1", "U/L", True), ("0.99", "U/L", False), ("20000", "U/L", True), ("20001", "U/L", False), ("333.34", "ukat/L", False)],
)
def test_plausibility_is_judged_after_conversion_and_includes_both_ends(value, unit, plausible):
    assert MEASURANDS["alkaline_phosphatase"].is_plausible(Decimal(value), unit) is plausible


def test_a_refusal_can_name_the_range_and_the_units():
    assert MEASURANDS["chromogranin_a"].plausible_range == "0.1 to 5000000 ug/L"
    assert MEASURANDS["diameter"].accepted_units == "mm, cm"
