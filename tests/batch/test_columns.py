"""A row of a table is the patient that a request would hold; what does not fit is refused, never guessed."""

import json
from datetime import UTC, date, datetime

import numpy as np
import pytest

from service.batch.columns import UnknownColumnsError, columns_of, row_as_json
from service.patient.reading import RefusedRequest

DAY = date(2026, 3, 2)


def row(**cells):
    """A row whose columns are written with two underscores for each point."""
    names = tuple(name.replace("__", ".") for name in cells)
    return json.loads(row_as_json(columns_of(names), tuple(cells.values())))


def test_a_column_is_a_place_of_the_contract():
    assert row(patient__id="p-1", patient__sex="female", disease__grade="2", disease__ki67_percent="8.0") == {
        "patient": {"id": "p-1", "sex": "female"},
        "disease": {"grade": 2, "ki67_percent": 8},
    }


def test_an_empty_cell_is_not_told():
    assert row(patient__id="p-1", as_of="", disease__grade=None, disease__ki67_percent=float("nan")) == {"patient": {"id": "p-1"}}


def test_entries_of_a_list_come_in_the_order_of_their_numbers_and_an_empty_one_is_left_out():
    told = row(treatments__10__kind="sirt", treatments__2__kind="surgery", treatments__3__kind="")
    assert told == {"treatments": [{"kind": "surgery"}, {"kind": "sirt"}]}


def test_a_place_that_is_a_list_or_an_object_holds_json():
    assert row(treatments="[]", patient='{"id": "p-1", "weight": {"value": 78.5, "unit": "kg"}}') == {
        "treatments": [],
        "patient": {"id": "p-1", "weight": {"value": 78.5, "unit": "kg"}},
    }
    for cell in ('{"id": "p-1", "id": "p-2"}', "{"):
        with pytest.raises(RefusedRequest):
            row(patient=cell)


def test_a_column_of_json_holds_whole_patients():
    assert row(json='{"patient": {"id": "p-1"}}') == {"patient": {"id": "p-1"}}


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("patient__id", "017", "017"),
        ("patient__id", 17, "17"),
        ("patient__pregnant", "TRUE", True),
        ("patient__pregnant", "false", False),
        ("patient__pregnant", True, True),
        ("patient__pregnant", "no", "no"),
        ("disease__grade", "2.0", 2),
        ("disease__grade", 2.0, 2),
        ("disease__grade", np.int64(2), 2),
        ("disease__grade", "2.5", 2.5),
        ("disease__grade", "two", "two"),
        ("disease__grade", "1e999999999", None),
        ("laboratory__0__value", "7,4", "7,4"),
        ("laboratory__0__value", 182.25, 182.25),
        ("laboratory__0__value", "-0.10", -0.1),
        ("laboratory__0__taken_on", "2026-03-02", "2026-03-02"),
        ("laboratory__0__taken_on", DAY, "2026-03-02"),
        ("laboratory__0__taken_on", datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02"),
        ("laboratory__0__taken_at", datetime(2026, 3, 2, 8, 30, tzinfo=UTC), "2026-03-02T08:30:00+00:00"),
        (
            "treatments",
            np.array([{"kind": "sirt", "given_on": DAY, "agent": None}]),
            [{"kind": "sirt", "given_on": "2026-03-02"}],
        ),
        ("treatments", [{"activity": {"value": 7.4}}], [{"activity": {"value": 7.4}}]),
    ],
)
def test_a_cell_is_read_as_its_place_wants_it(column, cell, told):
    node = row(**{column: cell})
    for step in column.split("__"):
        node = node[0 if step.isdigit() else step]
    assert told is None or (node == told and type(node) is type(told))


@pytest.mark.parametrize(
    "name", ["zebra", "patient.zebra", "patient.0.id", "laboratory.value", "laboratory.00.value", "patient.id.x", ""]
)
def test_a_column_that_the_contract_does_not_name_is_refused_by_its_number(name):
    with pytest.raises(UnknownColumnsError) as refused:
        columns_of(("patient.id", name))
    assert str(refused.value).endswith(": 2.")


@pytest.mark.parametrize(
    "names", [("patient.id", "patient.sex", "patient"), ("patient.id", "patient.id"), ("json", "patient.id")]
)
def test_two_columns_may_not_tell_the_same(names):
    with pytest.raises(UnknownColumnsError):
        columns_of(names)
