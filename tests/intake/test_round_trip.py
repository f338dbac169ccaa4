"""What is written as FHIR is read back as the same state, whatever the state."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import jiter
import pytest
from hypothesis import HealthCheck, given, settings
from pyrofile_validator import Validator
from pyrofile_validator.config import ValidatorConfig

from service.intake.own_extension import extension_of
from service.intake.reading import read_bundle
from service.intake.writing import state_as_fhir
from service.patient import PatientState
from service.patient.reading import read_patient
from tests.intake.states import as_text, states

EXAMPLES = sorted((Path(__file__).parents[2] / "openapi" / "examples").glob("*.json"))
ANY_DAY = date(2020, 1, 1)
VALIDATOR = Validator(ValidatorConfig.load_dict({"fhirVersion": "4.0.1", "allowUnknownExtensions": True}))

each_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)


def example(path):
    return read_patient(path.read_bytes(), ANY_DAY)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(states())
def test_a_state_that_is_written_and_read_is_the_same_state(state):
    assert read_bundle(state_as_fhir(state), ANY_DAY).state == state


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(states())
def test_a_state_survives_json_text_with_every_digit(state):
    text = as_text(state_as_fhir(state)).encode()
    bundle = jiter.from_json(text, catch_duplicate_keys=True, float_mode="decimal")
    intake = read_bundle(bundle, ANY_DAY)
    assert intake.state == state
    assert intake.not_used == ()


@each_example
def test_an_example_is_read_back_with_a_trace_of_every_part(path):
    state = example(path)
    intake = read_bundle(state_as_fhir(state), ANY_DAY)
    assert intake.state == state
    assert intake.not_used == ()
    items = {used.item for used in intake.used}
    for name in ("laboratory", "treatments", "imaging", "symptoms", "events"):
        assert {f"/{name}/{index}" for index, _ in enumerate(getattr(state, name) or ())} <= items


def test_every_item_of_a_trace_is_a_place_in_the_state():
    state = example(EXAMPLES[-2])
    document = json.loads(state.model_dump_json())
    for used in read_bundle(state_as_fhir(state), ANY_DAY).used:
        node = document
        for step in used.item.split("/")[1:]:
            node = node[int(step)] if isinstance(node, list) else node[step]
        assert node is not None


@each_example
def test_what_is_written_is_valid_fhir(path):
    bundle = json.loads(json.dumps(state_as_fhir(example(path)), default=float))
    errors = [
        f"{each.path}: {each.message}" for each in VALIDATOR.validate_resource(bundle).issues if each.severity.value == "error"
    ]
    assert errors == []


def test_the_validator_finds_what_is_not_valid():
    bundle = json.loads(json.dumps(state_as_fhir(example(EXAMPLES[-2])), default=float))
    bundle["entry"][-1]["resource"]["status"] = "done"
    bundle["entry"][1]["resource"]["colour"] = "red"
    found = [each for each in VALIDATOR.validate_resource(bundle).issues if each.severity.value == "error"]
    assert len(found) >= 2


def test_an_empty_part_is_told_from_one_that_was_not_told():
    def written(**parts):
        told = {"as_of": "2026-03-10", "patient": {"id": "p", "sex": "male"}} | parts
        state = PatientState.model_validate(told)
        return read_bundle(state_as_fhir(state), ANY_DAY).state, state

    for parts in (
        {},
        {"disease": {}},
        {"disease": {"metastases": []}},
        {"plan": {}},
        {"performance": {}},
        {"options": {}},
        {"events": []},
        {"imaging": [{"performed_on": "2026-03-05"}]},
        {"told_in_part": []},
        {"told_in_part": ["imaging", "imaging"]},
    ):
        read, state = written(**parts)
        assert read == state


def test_numbers_are_written_with_every_digit_and_only_ucum_is_called_ucum():
    told = {"analyte": "platelets", "value": Decimal("148.12345678901234"), "unit": "K/uL", "taken_on": "2026-03-02"}
    person = {"id": "p", "sex": "male"}
    state = PatientState.model_validate(
        {"as_of": "2026-03-10", "patient": person, "laboratory": [told, told | {"unit": "10*9/L"}]}
    )
    found = [
        entry["resource"]["valueQuantity"] for entry in state_as_fhir(state)["entry"] if "valueQuantity" in entry["resource"]
    ]
    assert found[0] == {"value": Decimal("148.12345678901234"), "unit": "K/uL"}
    assert found[1]["system"] == "http://unitsofmeasure.org"
    assert found[1]["code"] == "10*9/L"


def test_our_extension_writes_each_kind_of_value_as_fhir_has_it():
    told = {
        "a": True,
        "b": 3,
        "c": Decimal("7.40"),
        "d": ANY_DAY,
        "e": "text",
        "f": {},
        "g": (),
        "h": ({"x": False},),
    }
    assert extension_of("plan", told)["extension"] == [
        {"url": "a", "valueBoolean": True},
        {"url": "b", "valueInteger": 3},
        {"url": "c", "valueDecimal": Decimal("7.40")},
        {"url": "d", "valueDate": "2020-01-01"},
        {"url": "e", "valueString": "text"},
        {"url": "f", "valueCode": "empty-object"},
        {"url": "g", "valueCode": "empty-list"},
        {"url": "h", "extension": [{"url": "entry", "extension": [{"url": "x", "valueBoolean": False}]}]},
    ]


@pytest.mark.parametrize(
    ("at", "effective"),
    [
        ("2026-03-02T08:30:00+14:00", "2026-03-02T08:30:00+14:00"),
        ("2026-03-02T08:30:00-14:00", "2026-03-02T08:30:00-14:00"),
        ("2026-03-02T08:30:00+14:01", "2026-03-02"),
        ("2026-03-02T08:30:00-15:00", "2026-03-02"),
    ],
)
def test_a_zone_that_fhir_cannot_write_stands_in_our_extension(at, effective):
    value = {"analyte": "alt", "value": 31, "unit": "U/L", "taken_on": "2026-03-02", "taken_at": at}
    told = {"as_of": "2026-03-10", "patient": {"id": "p", "sex": "male"}, "laboratory": [value]}
    state = PatientState.model_validate(told)
    bundle = state_as_fhir(state)
    assert bundle["entry"][-1]["resource"]["effectiveDateTime"] == effective
    assert read_bundle(bundle, ANY_DAY).state.laboratory[0].taken_at.isoformat() == at
