"""Laboratory values from observations: the unit, the date, the limits, and what is left out."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from service.intake.trace import NotUsed, Used
from tests.intake.hospital import LOINC, SUBJECT, UCUM, administration, amount, coded, lab, read, reasons, without_nothing

NORMAL = {"system": "http://terminology.hl7.org/CodeSystem/referencerange-meaning", "code": "normal"}


def only_value(*resources):
    (value,) = read(*resources).state.laboratory
    return value


def between(low, high, unit="U/L", **more):
    return {"low": amount(low, unit), "high": amount(high, unit)} | more


def test_a_value_is_read_with_its_limits_and_its_trace():
    intake = read(lab(effectiveDateTime="2026-03-02T08:30:00+01:00", referenceRange=[between(40, 120)]))
    (value,) = intake.state.laboratory
    assert (value.analyte, value.value, value.unit) == ("alkaline_phosphatase", Decimal(182), "U/L")
    assert (value.lower_limit, value.upper_limit, value.taken_on) == (Decimal(40), Decimal(120), date(2026, 3, 2))
    assert value.taken_at == datetime.fromisoformat("2026-03-02T08:30:00+01:00")
    assert Used("Observation/lab", "/laboratory/0", "2026-03-02T08:30:00+01:00", "182", "U/L") in intake.used
    assert intake.not_used == ()


@pytest.mark.parametrize(
    ("code", "value", "unit", "analyte"),
    [
        ("777-3", 148, "K/uL", "platelets"),
        ("718-7", 12.6, "g/dl", "haemoglobin"),
        ("1742-6", 31, "IU/L", "alt"),
        ("38483-4", 0.9, "mg/dL", "creatinine"),
        ("2160-0", 0.9, "mg/dL", "creatinine"),
        ("14682-9", 80, "umol/L", "creatinine"),
        ("2164-2", 80, "mL/min", "creatinine_clearance"),
        ("9811-1", 80, "ng/mL", "chromogranin_a"),
    ],
)
def test_a_spelling_of_the_closed_table_is_accepted_as_it_was_told(code, value, unit, analyte):
    read_value = only_value(lab(code, value, unit))
    assert (read_value.analyte, read_value.unit, read_value.value) == (analyte, unit, Decimal(str(value)))


@pytest.mark.parametrize("code", ["33914-3", "62238-1", "98979-8"])
@pytest.mark.parametrize("unit", ["mL/min", "ml/min", "mL/min/{1.73_m2}"])
def test_a_code_of_egfr_completes_a_plain_rate_which_stays_visible_as_it_was_told(code, unit):
    intake = read(lab(code, 61, unit))
    (value,) = intake.state.laboratory
    assert (value.analyte, value.unit) == ("egfr", "mL/min/{1.73_m2}")
    assert intake.used[-1].unit == unit


def test_a_clearance_for_a_body_surface_is_no_creatinine_clearance():
    assert reasons(lab("2164-2", 61, "mL/min/{1.73_m2}")) == [
        "unit is not an accepted unit of creatinine_clearance; accepted: mL/min, ml/min"
    ]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("25587-7", "measures chromogranin A in moles, which is not comparable with its mass"),
        ("30169-7", "measures chromogranin A in units of its assay, which are not comparable with its mass"),
        ("17838-4", "measures the mass of bone-specific ALP, not its activity"),
    ],
)
def test_what_is_not_comparable_is_not_used_whatever_its_unit_says(code, reason):
    assert reasons(lab(code, 40, "ug/L")) == [reason]


def test_neutrophils_a_thousand_times_too_high_are_not_used():
    intake = read(lab("751-8", 3000, "10*3/uL"))
    assert intake.state.laboratory is None
    assert intake.not_used == (
        NotUsed("Observation/lab", "value is not plausible for neutrophils: the plausible range is 0 to 200 10*9/L"),
    )
    assert only_value(lab("751-8", 3, "10*3/uL")).value == 3


def test_the_code_of_ucum_counts_before_the_printed_unit():
    assert only_value(lab(valueQuantity={"value": 1, "unit": "bananas", "system": UCUM, "code": "U/L"})).unit == "U/L"
    assert reasons(lab(valueQuantity={"value": 1, "unit": "U/L", "system": UCUM, "code": "kU/L"})) != []
    assert only_value(lab(valueQuantity={"value": 1, "unit": "U/L", "system": "urn:other", "code": "kU/L"})).unit == "U/L"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"valueQuantity": {"value": 1}}, "has no unit"),
        ({"valueQuantity": {"unit": "U/L"}}, "has no quantity"),
        ({"valueQuantity": None, "valueString": "high"}, "has no quantity"),
        ({"valueQuantity": amount(1, "U/L") | {"comparator": "<"}}, "is only a bound: its value has a comparator"),
        ({"valueQuantity": amount("1", "U/L")}, "value must be a number, not text and not true or false"),
        ({"valueQuantity": amount(True, "U/L")}, "value must be a number, not text and not true or false"),
        ({"valueQuantity": amount(10**400, "U/L")}, "value has more digits than any measurement; round it"),
        ({"dataAbsentReason": coded("unknown", "x")}, "says that its value is absent"),
        ({"modifierExtension": [{"url": "x"}]}, "has a modifier that is not understood"),
        ({"implicitRules": "x"}, "has a modifier that is not understood"),
        ({"code": coded("1-1")}, "has no code that is read"),
        ({"code": {"coding": [{"code": "6768-6"}]}}, "has no code that is read"),
        ({"code": coded("6768-6", "urn:other")}, "has no code that is read"),
        ({"code": {"coding": [*coded("6768-6")["coding"], *coded("777-3")["coding"]]}}, "has codes that mean different things"),
        ({"effectiveDateTime": None}, "has no full date"),
        ({"effectiveDateTime": "2026"}, "has no full date"),
        ({"effectiveDateTime": "2026-03"}, "has no full date"),
        ({"effectiveDateTime": "2026-02-30"}, "has no full date"),
        ({"effectiveDateTime": "1899-12-31"}, "taken_on must be a date of the calendar, written YYYY-MM-DD"),
        ({"effectiveDateTime": "1961-04-01"}, "is before the birth of the patient"),
        ({"status": "preliminary"}, "has status preliminary"),
        ({"status": "registered"}, "has status registered"),
        ({"status": "entered-in-error"}, "has status entered-in-error"),
        ({"status": "cancelled"}, "has status cancelled"),
        ({"status": "unknown"}, "has status unknown"),
        ({"status": "finalized"}, "has no status that is read"),
        ({"status": None}, "has no status that is read"),
    ],
)
def test_a_value_that_is_not_understood_is_not_used(change, reason):
    intake = read(lab(**change))
    assert intake.state.laboratory is None
    assert intake.not_used == (NotUsed("Observation/lab", reason),)


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_a_final_result_is_used(status):
    assert only_value(lab(status=status)).value == 182


def test_of_two_lists_only_the_entries_from_before_the_birth_are_left_out():
    early, later = {"effectiveDateTime": "1961-04-01"}, {"effectiveDateTime": "2026-01-19"}
    intake = read(
        lab(id="a"), lab(id="b", **early), lab(id="c"), administration(id="d", **later), administration(id="e", **early)
    )
    assert [used.resource for used in intake.used if used.item.startswith(("/lab", "/treat"))] == [
        "MedicationAdministration/d",
        "Observation/a",
        "Observation/c",
    ]
    assert {each.resource for each in intake.not_used} == {"Observation/b", "MedicationAdministration/e"}
    assert len(intake.state.laboratory) == 2


def test_a_value_on_the_day_of_birth_is_used():
    assert only_value(lab(effectiveDateTime="1961-04-02")).taken_on == date(1961, 4, 2)


@pytest.mark.parametrize(
    ("when", "taken_at"),
    [
        ({"effectiveInstant": "2026-03-02T23:30:00-05:00"}, datetime.fromisoformat("2026-03-02T23:30:00-05:00")),
        ({"effectiveDateTime": "2026-03-02T23:30:00"}, None),
        ({"effectivePeriod": {"start": "2026-03-02T08:00:00Z", "end": "2026-03-02"}}, None),
    ],
)
def test_the_day_is_the_local_day_as_written(when, taken_at):
    value = only_value(without_nothing(lab(effectiveDateTime=None) | when))
    assert (value.taken_on, value.taken_at) == (date(2026, 3, 2), taken_at)


@pytest.mark.parametrize("period", [{"start": "2026-03-02"}, {"start": "2026-03-02", "end": "2026-03-03"}, []])
def test_a_period_over_days_is_no_date(period):
    assert reasons(lab(effectiveDateTime=None, effectivePeriod=period)) == ["has no full date"]


def test_a_time_that_cannot_be_is_left_out_and_its_day_is_used():
    intake = read(lab(effectiveDateTime="2026-03-02T25:00:00Z"))
    assert intake.state.laboratory[0].taken_at is None
    assert [each.reason for each in intake.not_used] == ["taken_at is not valid"]


@pytest.mark.parametrize(
    "ranges",
    [
        [between(40, 120), between(30, 110)],
        [between(40, 120, "ukat/L")],
        [between(40, 120, "kU/L")],
        [{"low": {"value": 40}, "high": amount(120, "U/L")}],
        [{"high": amount(120, "U/L") | {"comparator": "<"}}],
    ],
)
def test_a_value_whose_range_is_not_clear_is_used_without_limits_and_it_is_said(ranges):
    intake = read(lab(referenceRange=ranges))
    (value,) = intake.state.laboratory
    assert (value.lower_limit, value.upper_limit) == (None, None)
    assert [each.reason for each in intake.not_used] == [
        "is used without its limits: they are not one range in the unit of the value"
    ]


@pytest.mark.parametrize(
    "ranges",
    [
        [between(40, 120)],
        [between(40, 120), between(40, 120)],
        [between(40, 120, "IU/L")],
        [between(40, 120, type={"coding": [NORMAL]}), between(60, 90, type=coded("therapeutic", NORMAL["system"]))],
        [between(40, 120), {"text": "see the handbook"}],
    ],
)
def test_the_one_normal_range_gives_the_limits(ranges):
    value = only_value(lab(referenceRange=ranges))
    assert (value.lower_limit, value.upper_limit) == (40, 120)


def test_an_upper_limit_alone_is_a_range():
    value = only_value(lab(referenceRange=[{"high": amount(120, "U/L")}]))
    assert (value.lower_limit, value.upper_limit) == (None, 120)


@pytest.mark.parametrize(("low", "high"), [(120, 40), (40, 40), (40, 10**6), (-1, 40)])
def test_limits_that_cannot_be_are_left_out_together(low, high):
    intake = read(lab(referenceRange=[between(low, high)]))
    (value,) = intake.state.laboratory
    assert (value.lower_limit, value.upper_limit) == (None, None)
    assert intake.not_used


def test_each_component_of_a_panel_is_a_value_and_the_panel_none():
    panel = {
        "resourceType": "Observation",
        "id": "panel",
        "status": "final",
        "subject": SUBJECT,
        "code": coded("58410-2", display="CBC\u200b panel"),
        "effectiveDateTime": "2026-03-02",
        "component": [
            {"code": coded("777-3", display="Platelets\u200b"), "valueQuantity": amount(148, "10*3/uL")},
            {"code": coded("718-7"), "dataAbsentReason": coded("unknown", "x")},
            {"code": coded("751-8"), "valueQuantity": amount(2.9, "10*3/uL"), "modifierExtension": []},
            "no component",
        ],
    }
    intake = read(panel)
    assert [value.analyte for value in intake.state.laboratory] == ["platelets"]
    assert intake.not_used == (
        NotUsed("Observation/panel component 1", "says that its value is absent"),
        NotUsed("Observation/panel component 2", "has a modifier that is not understood"),
    )


def test_a_display_is_never_looked_at():
    misnamed = {"coding": [{"system": LOINC, "code": "6768-6", "display": "Platelets"}], "text": "Platelets"}
    assert only_value(lab(code=misnamed)).analyte == "alkaline_phosphatase"
    assert reasons(lab(code={"text": "Alkaline phosphatase"})) == ["has no code that is read"]
