"""What was typed into the form, and nothing else, stands in the JSON that it makes."""

import json

import pytest

from service.form.filled import MOST_ROWS, NOT_ANSWERED, NOT_NONE, UNKNOWN_FIELD, Filled, patient_json
from service.form.texts import NOT_A_NUMBER, TOO_LONG
from service.patient.reading import RefusedRequest, read_patient
from tests.patients import TODAY

WHO = {"patient.id": "demo-1", "patient.sex": "female"}
CYCLE = {"agent": "lutetium_177_dotatate", "given_on": "2026-01-19", "activity.value": "7.4", "activity.unit": "GBq"}


def row(name, **fields):
    return {f"{name}.{field.replace('__', '.')}": text for field, text in fields.items()}


def cycle(number, **more):
    return {f"cycles.{number}.{name}": text for name, text in (CYCLE | more).items()}


def document(**fields):
    return json.loads(patient_json(WHO | fields))


def problems(fields):
    filled = Filled(WHO | fields)
    try:
        read_patient(filled.json, TODAY)
    except RefusedRequest as refused:
        return dict(filled.problems(refused.refusals))
    return dict(filled.problems(()))


def test_an_empty_form_tells_nothing_and_asks_for_the_two_that_are_required():
    assert json.loads(patient_json({})) == {"patient": {}}
    filled = Filled({"csrf_token": "t", "form_key": "k", "patient.id": "  "})
    with pytest.raises(RefusedRequest) as refused:
        read_patient(filled.json, TODAY)
    assert filled.problems(refused.value.refusals) == [("patient.id", "is required"), ("patient.sex", "is required")]


def test_a_row_in_which_nothing_was_typed_is_no_entry():
    assert document(**cycle(3), **row("cycles.5", activity__unit="GBq"))["treatments"] == [
        {
            "kind": "radiopharmaceutical",
            "agent": "lutetium_177_dotatate",
            "given_on": "2026-01-19",
            "activity": {"value": 7.4, "unit": "GBq"},
        }
    ]


@pytest.mark.parametrize("typed", ["7.40", "0", "-1", "123456789.12345678", " 7.4 "])
def test_a_number_keeps_the_digits_that_were_typed(typed):
    assert f'"value": {typed.strip()}'.encode() in patient_json(WHO | {"patient.weight.value": typed})


@pytest.mark.parametrize(
    "typed", ["7,4", "1.000,5", "1,000", "1 000", "007", "+5", "1e3", ".5", "5.", "NaN", "\u0667", "seven", "--1"]
)
def test_a_number_that_could_be_read_in_two_ways_is_refused_beside_its_field(typed):
    assert problems(cycle(0, **{"activity.value": typed})) == {"cycles.0.activity.value": NOT_A_NUMBER}
    assert problems({"performance.ecog": typed}) == {"performance.ecog": NOT_A_NUMBER}


def test_a_number_that_no_measurement_has_is_refused_as_the_api_refuses_it():
    assert problems(cycle(0, **{"activity.value": "1" * 18})) == {"cycles.0.activity.value": TOO_LONG}
    assert problems(cycle(0, **{"activity.value": "1" * 5000})) == {"cycles.0.activity.value": TOO_LONG}
    assert problems({"performance.ecog": "1.5"}) == {"performance.ecog": "must be a whole number"}
    assert problems({"performance.ecog": "9"}) == {"performance.ecog": "must be at most 4"}


def test_yes_no_and_not_told_are_three_things():
    assert document(**{"patient.pregnant": "no", "patient.breast_feeding": ""})["patient"] == {
        "id": "demo-1",
        "sex": "female",
        "pregnant": False,
    }
    assert problems({"patient.pregnant": "perhaps"}) == {"patient.pregnant": "must be true or false"}


@pytest.mark.parametrize(
    ("fields", "made"),
    [
        ({}, {}),
        ({"cycles.told": "all"}, {"treatments": [], "told_in_part": ["other_treatments"]}),
        ({"cycles.told": "all", "other_treatments.told": "all"}, {"treatments": []}),
        ({"imaging.told": "part"}, {"imaging": [], "told_in_part": ["imaging"]}),
        ({"imaging.told": "all"}, {"imaging": []}),
        ({"comorbidities.diabetes.present": "yes"}, {"comorbidities": [{"kind": "diabetes"}], "told_in_part": ["comorbidities"]}),
        ({"events.told": "all"}, {"events": []}),
        ({"metastases.told": "none"}, {"disease": {"metastases": []}}),
        ({"conditions.told": "part"}, {"told_in_part": ["conditions"]}),
        ({"laboratory.told": "all"}, {"laboratory": []}),
    ],
)
def test_a_list_is_complete_only_if_the_form_says_so(fields, made):
    told = document(**fields)
    assert {name: part for name, part in told.items() if name != "patient"} == made
    assert problems(fields) == {}


def test_rows_without_a_word_on_the_rest_are_told_in_part():
    assert document(**cycle(0))["told_in_part"] == ["radiopharmaceuticals", "other_treatments"]


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        (row("events.0", kind="progression", occurred_on="2026-01-01"), "events.told"),
        (row("metastases.bone", present="yes"), "disease.metastases_complete"),
        ({"laboratory.inr.0": "1", "laboratory.days.0": "2026-01-01"}, "laboratory.told"),
        (row("more_laboratory.0", analyte="inr", value="1", unit="1", taken_on="2026-01-01"), "laboratory.told"),
    ],
)
def test_a_list_that_the_contract_cannot_tell_in_part_must_be_said_to_be_complete(fields, asked):
    assert problems(fields) == {asked: NOT_ANSWERED}
    answer = "yes" if asked == "disease.metastases_complete" else "all"
    assert problems(fields | {asked: answer}) == {}


def test_a_list_with_something_in_it_is_not_said_to_be_empty():
    fields = row("symptoms.0", recorded_on="2026-03-01", bone_pain="none")
    assert problems(fields) == {}
    assert problems(fields | {"symptoms.told": "none"}) == {"symptoms.told": NOT_NONE}


def test_the_table_makes_one_value_of_each_cell_with_the_unit_and_limits_of_its_row():
    fields = {
        **row("laboratory.days", **{"0": "2025-11-20", "1": "2026-03-02"}),
        **row("laboratory.bilirubin", **{"0": "0.70", "1": "3"}, unit="mg/dL", lower_limit="0.1", upper_limit="1.2"),
        **row("laboratory.inr", **{"1": "1.1"}),
        "laboratory.told": "all",
    }
    limits = {"lower_limit": 0.1, "upper_limit": 1.2}
    assert document(**fields)["laboratory"] == [
        {"analyte": "bilirubin", "value": 0.7, "unit": "mg/dL", "taken_on": "2025-11-20", **limits},
        {"analyte": "bilirubin", "value": 3, "unit": "mg/dL", "taken_on": "2026-03-02", **limits},
        {"analyte": "inr", "value": 1.1, "unit": "1", "taken_on": "2026-03-02"},
    ]
    assert problems(fields) == {}


def test_a_unit_is_asked_for_and_never_assumed_where_there_are_two():
    fields = {"laboratory.days.0": "2026-03-02", "laboratory.bilirubin.0": "3", "laboratory.told": "all"}
    assert problems(fields) == {"laboratory.bilirubin.unit": "is required"}


def test_limits_without_a_value_are_not_dropped():
    fields = {"laboratory.inr.upper_limit": "1.2", "laboratory.told": "all"}
    assert problems(fields) == {"laboratory.inr.0": "is required", "laboratory.days.0": "is required"}


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        (cycle(4, given_on="2026-02-30"), {"cycles.4.given_on": "must be a date of the calendar, written YYYY-MM-DD"}),
        ({**cycle(1), **cycle(6)}, {"cycles.6.given_on": "repeats an administration of the same agent on the same day"}),
        (row("cycles.2", given_on="2026-02-03"), {"cycles.2.agent": "a radiopharmaceutical needs its agent"}),
        (
            row("other_treatments.5", agent="x"),
            {"other_treatments.5.kind": "is required", "other_treatments.5.given_on": "is required"},
        ),
        (
            row("imaging.3", performed_on="2026-02-03", target_lesions__4__id="a"),
            {"imaging.3.target_lesions.4.diameter.value": "is required"},
        ),
        (
            {**row("metastases.bone", lesion_count="0"), "disease.metastases_complete": "no"},
            {"metastases.bone.lesion_count": "must be at least 1"},
        ),
        (
            {"patient.weight.measured_on": "2026-03-01"},
            {"patient.weight.value": "is required", "patient.weight.unit": "is required"},
        ),
    ],
)
def test_a_refusal_stands_beside_the_field_that_was_typed(fields, refused):
    found = problems(fields)
    assert refused.items() <= found.items() or refused.keys() == found.keys()


def test_a_place_of_the_json_leads_to_its_field():
    filled = Filled(WHO | cycle(2) | row("imaging.1.target_lesions.3", id="a") | {"imaging.told": "part"})
    asked = {
        "/treatments/0/activity": "cycles.2.activity.value",
        "/treatments/0/activity/unit": "cycles.2.activity.unit",
        "/treatments/0/kind": "cycles.2.agent",
        "/treatments/0": "cycles.2.agent",
        "/imaging/0/target_lesions/0/diameter": "imaging.1.target_lesions.3.diameter.value",
        "/told_in_part/0": "cycles.told",
        "/patient": "patient.id",
        "/laboratory": "laboratory.told",
        "/nothing/like/it": "",
        "": "",
    }
    assert {pointer: filled.field_of(pointer) for pointer in asked} == asked


@pytest.mark.parametrize(
    "name", ["patient.name", "cycles.0.colour", "cycles.01.agent", "cycles.99999999.agent", "cycles.x.agent", "x"]
)
def test_a_field_that_the_form_does_not_have_is_refused_and_not_dropped(name):
    assert problems({name: "canary"}) == {"": UNKNOWN_FIELD}


def test_hostile_fields_are_refused_as_the_api_refuses_them():
    assert problems({"patient.id": "a\u0000b"}) == {"patient.id": "must not hold control characters"}
    assert problems({"patient.id": "\ud800"}) == {}
    assert problems({"patient.id": "a" * 201}) == {"patient.id": "must have at most 200 characters"}
    assert problems(cycle(MOST_ROWS)) == {"": UNKNOWN_FIELD}
