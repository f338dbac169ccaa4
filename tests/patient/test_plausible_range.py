"""Both ends of every plausible range, in every accepted unit."""

from decimal import Decimal
from typing import get_args

import pytest

from service.patient.reading import RefusedRequest, read_patient
from service.terminology.units import MEASURANDS
from service.vocabulary import Analyte
from tests.patients import TODAY, lab, patient

PERSON = '"patient": {"id": "demo-1", "sex": "female"'
LESION = '"imaging": [{"performed_on": "2026-03-05", "target_lesions": [{"id": "a", "diameter": MEASURE}]}]'
GIVEN = '"kind": "radiopharmaceutical", "agent": "lutetium_177_dotatate", "given_on": "2026-01-19"'
WHERE = {
    "weight": (f'{{{PERSON}, "weight": MEASURE}}}}', "/patient/weight"),
    "diameter": (f"{{{PERSON}}}, {LESION}}}", "/imaging/0/target_lesions/0/diameter"),
    "activity": (f'{{{PERSON}}}, "treatments": [{{{GIVEN}, "activity": MEASURE}}]}}', "/treatments/0/activity"),
    "absorbed_dose": (
        f'{{{PERSON}}}, "treatments": [{{{GIVEN}, "absorbed_dose": {{"kidney": MEASURE}}}}]}}',
        "/treatments/0/absorbed_dose/kidney",
    ),
    "interval": (f'{{{PERSON}}}, "plan": {{"interval": MEASURE}}}}', "/plan/interval"),
}


def place(name):
    """A request with room for a MEASURE of this measurand, and the pointer to it."""
    if name in get_args(Analyte):
        laboratory = f'"laboratory": [{{"analyte": "{name}", "value": VALUE, "unit": "UNIT", "taken_on": "2026-03-02"}}]'
        return f"{{{PERSON}}}, {laboratory}}}", "/laboratory/0"
    template, pointer = WHERE[name]
    return template.replace("MEASURE", '{"value": VALUE, "unit": "UNIT"}'), pointer


def refusals(name, value, unit):
    """Pointer and message of each refusal; none if it is accepted."""
    text = place(name)[0].replace("VALUE", f"{value:f}").replace("UNIT", unit)
    try:
        read_patient(text.encode(), TODAY)
    except RefusedRequest as refusal:
        return [(each.pointer, each.message) for each in refusal.refusals]
    return []


@pytest.mark.parametrize("name", MEASURANDS)
def test_both_ends_are_accepted_and_one_step_beyond_is_refused_with_the_range(name):
    measurand = MEASURANDS[name]
    message = f"is not plausible for {name}: the plausible range is {measurand.plausible_range}"
    step = Decimal("0.001")
    for value, accepted in [
        (measurand.lowest - step, False),
        (measurand.lowest, True),
        (measurand.highest, True),
        (measurand.highest + step, False),
    ]:
        assert refusals(name, value, measurand.unit) == ([] if accepted else [(f"{place(name)[1]}/value", message)])


@pytest.mark.parametrize("name", MEASURANDS)
def test_every_unit_of_the_table_is_accepted_and_any_other_is_refused_with_the_table(name):
    measurand = MEASURANDS[name]
    for unit, factor in measurand.factors.items():
        assert refusals(name, round(measurand.highest / factor - 1, 3), unit) == []
    message = f"is not an accepted unit of {name}; accepted: {measurand.accepted_units}"
    assert refusals(name, measurand.highest, "furlong") == [(f"{place(name)[1]}/unit", message)]


def test_alp_of_20_000_is_accepted_and_20_001_is_refused():
    assert refusals("alkaline_phosphatase", Decimal(20000), "U/L") == []
    (refusal,) = refusals("alkaline_phosphatase", Decimal(20001), "U/L")
    assert refusal[1] == "is not plausible for alkaline_phosphatase: the plausible range is 1 to 20000 U/L"


@pytest.mark.parametrize(
    ("name", "value", "unit", "canonical"),
    [
        ("alkaline_phosphatase", 1, "ukat/L", 60),
        ("creatinine", 1, "mg/dL", "88.4"),
        ("bilirubin", 1, "mg/dL", "17.1"),
        ("haemoglobin", 12.6, "g/dL", 126),
    ],
)
def test_a_value_keeps_its_digits_from_the_text_to_the_canonical_unit(name, value, unit, canonical):
    told = patient(laboratory=[lab(name, value, unit, "2026-03-02")]).laboratory[0]
    assert MEASURANDS[name].convert(told.value, told.unit) == Decimal(canonical)


@pytest.mark.parametrize(
    ("value", "unit", "amount"), [(200, "mCi", "7.4"), (7400, "MBq", "7.4"), (7.4, "GBq", "7.4"), (0.27, "mCi", "0.00999")]
)
def test_an_activity_is_exact_in_gigabecquerel(value, unit, amount):
    treatment = {"kind": "radiopharmaceutical", "agent": "iodine_131_mibg", "given_on": "2026-01-19"}
    if Decimal(amount) < MEASURANDS["activity"].lowest:
        assert refusals("activity", Decimal(str(value)), unit)
        return
    told = patient(treatments=[treatment | {"activity": {"value": value, "unit": unit}}]).treatments[0]
    assert (told.activity.quantity.amount, told.activity.quantity.unit) == (Decimal(amount), "GBq")


def test_a_lower_limit_of_0_is_the_absence_of_one_and_not_implausible():
    told = patient(laboratory=[lab("alkaline_phosphatase", 182, "U/L", "2026-03-02", lower_limit=0, upper_limit=120)])
    assert told.laboratory[0].lower_limit == 0
