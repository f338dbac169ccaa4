"""Tables of patients: what a column means, and a row as the JSON that a request would hold.

A column is a place of the contract with points between its steps, such as `patient.sex` or `laboratory.0.value`. A place that is
an object or a list holds JSON. A column `json` alone holds whole patients. An empty cell is not told.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from math import isfinite, isnan
from typing import Any, Literal

import simplejson

from service.patient import PatientState
from service.patient.fields import MOST_DIGITS
from service.patient.reading import MOST_FIELDS, read_json

WHOLE = "json"
Kind = Literal["text", "whole number", "number", "truth", "json"]
_KINDS: dict[str, Kind] = {"string": "text", "integer": "whole number", "number": "number", "boolean": "truth"}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_TRUTHS = {"true": True, "false": False}


class UnknownColumnsError(Exception):
    """The header names something else than the contract. Columns are told by number: a header may hold a patient by mistake."""

    def __init__(self, what: str, numbers: Sequence[int]) -> None:
        super().__init__(f"{what}: {', '.join(map(str, numbers))}.")


@dataclass(frozen=True, slots=True)
class Column:
    """Where the cells of a column belong, and how they are read."""

    steps: tuple[str | int, ...]
    kind: Kind
    is_day: bool = False


@lru_cache(maxsize=8)
def columns_of(names: tuple[str, ...]) -> tuple[Column, ...]:
    """What the columns of a header mean. Raises UnknownColumnsError."""
    if names == (WHOLE,):
        return ()
    found = [_column(name) for name in names]
    if unknown := [number for number, column in enumerate(found, 1) if column is None]:
        raise UnknownColumnsError("Not a place of the contract (columns are counted from 1)", unknown)
    columns = tuple(column for column in found if column)
    if twice := _told_twice(columns):
        raise UnknownColumnsError("These columns tell what another tells too", twice)
    return columns


def _told_twice(columns: Sequence[Column]) -> list[int]:
    """Columns whose place is that of another, or a part of it."""
    places = Counter(column.steps for column in columns)
    return [
        number
        for number, column in enumerate(columns, 1)
        if sum(places[column.steps[:length]] for length in range(1, len(column.steps) + 1)) > 1
    ]


def _column(name: str) -> Column | None:
    schema = _schema()
    node: Any = schema
    steps: list[str | int] = []
    for step in name.split("."):
        node = _inner(node, schema)
        if node.get("type") == "array" and re.fullmatch("0|[1-9][0-9]{0,3}", step):
            node = node["items"]
            steps.append(int(step))
        elif step in node.get("properties", {}):
            node = node["properties"][step]
            steps.append(step)
        else:
            return None
    node = _inner(node, schema)
    return Column(tuple(steps), _KINDS.get(node.get("type"), "json"), node.get("format") == "date")


@cache
def _schema() -> Mapping[str, Any]:
    return PatientState.model_json_schema()


def _inner(node: Any, schema: Mapping[str, Any]) -> Any:
    """What a reference or an optional part of the schema is."""
    node = next((either for either in node.get("anyOf", ()) if either != {"type": "null"}), node)
    if "$ref" in node:
        return schema["$defs"][node["$ref"].rpartition("/")[2]]
    return node


def row_as_json(columns: Sequence[Column], cells: Sequence[Any]) -> bytes:
    """The patient of a row. Raises RefusedRequest for a cell with JSON that cannot be read."""
    if not columns:
        return str(cells[0]).encode()
    told: dict[str | int, Any] = {}
    for column, cell in zip(columns, cells, strict=False):
        if not _is_empty(cell):
            _put(told, column.steps, _read(column, cell))
    return simplejson.dumps(_settled(told), use_decimal=True).encode("ascii")


def _put(node: dict[str | int, Any], steps: Sequence[str | int], value: Any) -> None:
    for step in steps[:-1]:
        node = node.setdefault(step, {})
    node[steps[-1]] = value


def _settled(node: Any) -> Any:
    """Entries by number become a list in the order of their numbers."""
    if not isinstance(node, dict):
        return node
    settled = {step: _settled(node[step]) for step in sorted(node, key=lambda step: (isinstance(step, str), step))}
    return list(settled.values()) if settled and all(isinstance(step, int) for step in settled) else settled


def _is_empty(cell: Any) -> bool:
    """Whether a cell tells nothing: no text, or the not-a-number that stands for nothing in a column of numbers."""
    return cell is None or cell == "" or (isinstance(cell, float) and isnan(cell))


def _read(column: Column, cell: Any) -> Any:
    """A cell as its column wants it; what does not fit is left as it is, for the reader of patients to refuse."""
    match column.kind, cell:
        case "json", str():
            return read_json(cell.encode("utf-8", "backslashreplace"), MOST_FIELDS)
        case "truth", str():
            return _TRUTHS.get(cell.lower(), cell)
        case "number" | "whole number", str():
            return _whole(Decimal(cell)) if _NUMBER.fullmatch(cell) else cell
        case "text", int() if not isinstance(cell, bool):
            return str(cell)
        case "text", datetime() if column.is_day:
            return cell.date().isoformat()
    return _plain(cell)


def _whole(number: Decimal) -> Decimal | int:
    """A whole number as such: where a cell is empty, other programs write the others of its column with a point."""
    is_whole = abs(number.adjusted()) <= MOST_DIGITS and number == number.to_integral_value()
    return int(number) if is_whole else number


def _plain(value: Any) -> Any:
    """A value of Arrow or pandas as JSON has it, without the members that tell nothing."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and isfinite(value):
        return _whole(Decimal(repr(value)))
    return value.isoformat() if isinstance(value, date) else value
