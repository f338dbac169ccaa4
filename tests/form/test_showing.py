"""A document is shown in the form whole, or the form says what it leaves out."""

import json

import pytest
from hypothesis import given, settings

from service.facts import derive_facts
from service.form.field import type_at
from service.form.filled import MOST_ROWS, Filled
from service.form.layout import ROWS, SAMPLE_FIELDS, SINGLE_FIELDS
from service.form.shown import form_fields
from service.patient import PatientState
from service.patient.fields import RequestPart
from service.patient.reading import RefusedRequest, read_json, read_patient
from service.rules import RULES
from tests.conftest import EXAMPLES
from tests.laws.patients import patients
from tests.patient.test_any_request import mutated
from tests.patients import TODAY

MOST = 60_000


def exactly(told):
    return read_json(told if isinstance(told, bytes) else json.dumps(told).encode(), MOST)


def verdicts(body):
    facts = derive_facts(read_patient(body, TODAY))
    return [rule(facts) for rule in RULES]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_an_example_is_shown_whole_and_sent_again_has_the_same_answer(path):
    fields, not_shown = form_fields(exactly(path.read_bytes()))
    assert not_shown == ()
    assert verdicts(Filled(fields).json) == verdicts(path.read_bytes())


@settings(max_examples=40, deadline=None)
@given(patients())
def test_what_the_form_says_is_what_it_shows_again(told):
    fields, not_shown = form_fields(exactly(told))
    filled = Filled(fields)
    assert set(not_shown) <= empties(told)
    assert form_fields(filled.document)[0] == filled.fields
    assert exactly(filled.json) == filled.document


def empties(node, here=""):
    """Pointers to objects with nothing in them, for which there is no field, and to what holds them."""
    if node == {}:
        return {here}
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    inner = set().union(*(empties(child, f"{here}/{key}") for key, child in children))
    return inner | ({here} if inner else set())


@settings(max_examples=40, deadline=None)
@given(mutated())
def test_nothing_that_is_left_out_goes_unsaid(told):
    try:
        document = exactly(told)
    except RefusedRequest:  # a number that JSON does not have
        return
    if not isinstance(document, dict):
        return
    fields, not_shown = form_fields(document)
    if not_shown:
        return
    again = Filled(fields).json
    try:
        before = sorted_state(read_patient(json.dumps(told).encode(), TODAY))
    except RefusedRequest:
        with pytest.raises(RefusedRequest):
            read_patient(again, TODAY)
    else:
        assert sorted_state(read_patient(again, TODAY)) == before


def sorted_state(state):
    """A state with its lists in an order of their own."""

    def ordered(node):
        if isinstance(node, dict):
            return {key: ordered(each) for key, each in node.items()}
        return sorted(map(ordered, node), key=repr) if isinstance(node, tuple | list) else node

    return ordered(state.model_dump())


@pytest.mark.parametrize(
    ("more", "left_out"),
    [
        ({"colour": 1}, ["/colour"]),
        ({"patient": {"id": "a", "sex": "male", "name": "canary"}}, ["/patient/name"]),
        ({"plan": {}}, ["/plan"]),
        ({"plan": []}, ["/plan"]),
        ({"treatments": {}}, ["/treatments"]),
        ({"treatments": ["x"]}, ["/treatments/0"]),
        (
            {"treatments": [{"kind": "sirt", "given_on": "2026-01-01", "activity": {"value": 1, "unit": "GBq"}}]},
            ["/treatments/0"],
        ),
        (
            {"comorbidities": [{"kind": "diabetes"}, {"kind": "diabetes"}, {"kind": "x"}, 3]},
            [f"/comorbidities/{at}" for at in (1, 2, 3)],
        ),
        ({"told_in_part": ["imaging"]}, ["/told_in_part"]),
        ({"told_in_part": "imaging"}, ["/told_in_part"]),
        ({"performance": {"ecog": True}}, ["/performance/ecog"]),
        ({"performance": {"ecog": "1"}}, ["/performance/ecog"]),
        ({"performance": {"ecog": {"value": 1}}}, ["/performance"]),
        ({"performance": {"ecog": 10**5000}}, ["/performance"]),
        ({"patient": {"id": " a ", "sex": "male"}}, ["/patient/id"]),
    ],
)
def test_what_the_form_cannot_show_is_named(more, left_out):
    told = {"patient": {"id": "a", "sex": "male"}, **more}
    _, not_shown = form_fields(told)
    assert sorted(not_shown) == sorted(left_out)


def test_more_entries_than_the_form_has_rows_are_named_and_the_newest_days_are_shown():
    days = [f"2026-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 27)]
    laboratory = [{"analyte": "inr", "value": 1, "unit": "1", "taken_on": day} for day in days]
    told = {"patient": {"id": "a", "sex": "male"}, "laboratory": laboratory, "symptoms": [{"recorded_on": day} for day in days]}
    fields, not_shown = form_fields(exactly(told))
    assert not_shown == tuple(f"/symptoms/{row}" for row in range(MOST_ROWS, len(days)))
    assert fields[f"laboratory.days.{MOST_ROWS - 1}"] == days[-1]
    assert fields["more_laboratory.0.taken_on"] == days[0]
    assert Filled(fields).problems(()) == []


def test_nothing_told_is_nothing_left_out():
    assert form_fields({"patient": {"id": "a", "sex": "male", "birth_date": None}, "imaging": None})[1] == ()
    assert form_fields({}) == ({}, ())


def test_a_value_that_does_not_fit_its_row_of_the_table_has_a_row_of_its_own():
    platelets = {"analyte": "platelets", "unit": "10*9/L", "value": 200, "taken_on": "2026-03-01"}
    odd = [
        platelets | {"unit": "K/uL"},
        platelets | {"upper_limit": 400},
        platelets | {"taken_at": "2026-03-01T08:00:00Z"},
        platelets | {"value": 190},
    ]
    fields, not_shown = form_fields(exactly({"patient": {"id": "a", "sex": "male"}, "laboratory": [platelets, platelets, *odd]}))
    assert not_shown == ()
    assert fields["laboratory.platelets.0"] == "200"
    assert sorted(name for name in fields if name.endswith(".analyte")) == [f"more_laboratory.{row}.analyte" for row in range(5)]


def leaves(model, path=()):
    for name in model.model_fields:
        found = type_at(model, (name,))
        if isinstance(found, type) and issubclass(found, RequestPart):
            yield from leaves(found, (*path, name))
        else:
            yield (*path, name)


def test_the_form_asks_for_everything_that_the_contract_has():
    asked = {field.path for field in SINGLE_FIELDS} | {("told_in_part",)}
    for rows in ROWS:
        for each, path in [(rows, rows.path), *((within, (*rows.path, *within.path)) for within in rows.within)]:
            asked |= {(*path, *field.path) for field in each.fields} | {(*path, name) for name in rows.says}
            asked |= {(*path, each.keyed_by)} if each.keyed_by else set()
    asked |= {("laboratory", name) for name in SAMPLE_FIELDS}
    assert set(leaves(PatientState)) - asked == set()
