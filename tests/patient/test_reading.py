"""What is accepted, and what it says when it is missing."""

import copy
import json
from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from service.patient import PatientState
from service.patient.reading import field_names, pointer, read_patient
from service.patient.state import DATED
from tests.patients import EXAMPLE, TODAY, cycle, lab, patient

WHO = {"id": "demo-1", "sex": "female"}


def read(told):
    return read_patient(json.dumps(told).encode(), TODAY)


def test_the_example_of_the_contract_is_read():
    state = read(EXAMPLE)
    assert (state.as_of, state.patient.birth_date) == (date(2026, 3, 10), date(1961, 4, 2))
    assert [len(getattr(state, name) or ()) for name in DATED] == [3, 12, 2, 1, 0, 0, 0]
    assert state.laboratory[3].value == Decimal("0.7")
    assert state.imaging[0].target_lesions[1].diameter.quantity.amount == 24


def test_an_absent_list_is_not_told_and_an_empty_one_says_none():
    assert all(getattr(patient(), name) is None for name in [*DATED, "comorbidities"])
    assert all(getattr(patient(**{name: []}), name) == () for name in [*DATED, "comorbidities"])


def test_id_and_sex_are_enough():
    state = read({"patient": WHO})
    assert (state.disease, state.performance, state.plan, state.options) == (None, None, None, None)
    assert (state.patient.birth_date, state.patient.weight, state.patient.pregnant) == (None, None, None)


@pytest.mark.parametrize("told", [{"patient": WHO}, {"patient": WHO, "as_of": None}])
def test_without_as_of_the_question_is_asked_for_today(told):
    assert read(told).as_of == TODAY


def test_a_state_built_without_a_reader_must_say_its_day():
    told = {"patient": WHO, "as_of": date(2026, 3, 10)}
    assert PatientState.model_validate(told).as_of == date(2026, 3, 10)
    with pytest.raises(ValidationError):
        PatientState.model_validate({"patient": WHO})


def test_null_is_the_same_as_absent():
    told = {name: None for name in PatientState.model_fields if name not in ("patient", "as_of")}
    assert read({"patient": WHO} | told) == read({"patient": WHO})


def test_a_state_does_not_change():
    with pytest.raises(ValidationError):
        patient().as_of = date(2027, 1, 1)


def test_every_digit_of_the_text_is_kept():
    (value,) = patient(laboratory=[lab("bilirubin", 0.1, "mg/dL", "2026-03-02", lower_limit=0, upper_limit=1.25)]).laboratory
    assert (str(value.value), str(value.upper_limit)) == ("0.1", "1.25")


def test_the_day_of_birth_and_the_day_of_the_question_are_in_life():
    newborn = WHO | {"birth_date": "2026-03-10"}
    assert patient(patient=newborn, events=[{"kind": "progression", "occurred_on": "2026-03-10"}]).patient.birth_date == TODAY


def test_without_a_birth_date_nothing_is_before_it():
    assert patient(treatments=[cycle("1900-01-01")]).treatments[0].given_on == date(1900, 1, 1)


def test_two_agents_on_one_day_and_one_agent_on_two_days_are_no_repetition():
    two = [cycle("2026-01-19"), cycle("2026-01-19", agent="iodine_131_mibg"), cycle("2026-01-20")]
    assert len(patient(treatments=two).treatments) == 3


def test_one_drug_may_be_told_twice_on_one_day():
    drug = {"kind": "chemotherapy", "agent": "capecitabine", "given_on": "2026-01-19"}
    assert len(patient(treatments=[drug, drug]).treatments) == 2


def test_a_drug_may_have_any_name_or_none():
    told = [{"kind": "chemotherapy", "agent": name, "given_on": "2026-01-19"} for name in ("anything at all", None)]
    assert [each.agent for each in patient(treatments=told).treatments] == ["anything at all", None]


def test_an_analogue_has_a_formulation_and_a_cycle_has_doses():
    analogue = {"kind": "somatostatin_analogue", "given_on": "2026-02-02", "formulation": "short_acting"}
    dosed = cycle("2026-01-19") | {"absorbed_dose": {"kidney": {"value": 310, "unit": "cGy"}}}
    first, second = patient(treatments=[analogue, dosed]).treatments
    assert first.formulation == "short_acting"
    assert second.absorbed_dose.kidney.quantity.amount == Decimal("3.1")
    assert second.absorbed_dose.marrow is None


def test_a_kind_that_is_not_known_is_the_only_complaint_about_its_treatment():
    with pytest.raises(ValidationError) as caught:
        PatientState.model_validate(
            {"as_of": TODAY, "patient": WHO, "treatments": [{"kind": "x", "route": "intravenous", "given_on": TODAY}]}
        )
    assert [each["loc"] for each in caught.value.errors()] == [("treatments", 0, "kind")]


def test_the_example_is_not_changed_by_reading():
    before = copy.deepcopy(EXAMPLE)
    read(EXAMPLE)
    assert before == EXAMPLE


@pytest.mark.parametrize(
    ("location", "text"),
    [
        ((), ""),
        (("laboratory", 0, "value"), "/laboratory/0/value"),
        (("patient", "Smith, John"), "/patient"),
        (("a/b", "value"), ""),
        (("laboratory", 0, "vaule"), "/laboratory/0/vaule"),
        (("treatment",), "/treatment"),
        (("Treatments",), ""),
        (("smith_john",), ""),
        (("zebra_involvement_percent_of_john",), ""),
        (("ki67_percent",), "/ki67_percent"),
        (("ki68_percent",), ""),
        (("x" * 41,), ""),
    ],
)
def test_a_pointer_stops_at_a_name_that_is_not_like_ours(location, text):
    assert pointer(location, field_names(PatientState)) == text
