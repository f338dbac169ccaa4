"""A form that was filled: the JSON of the contract that it makes, and which field each place of that JSON came from.

Nothing typed is nothing told. A row in which nothing was typed is no entry; a unit alone is nothing typed. Rows of a list
that may be told in part are told in part unless the form says that they are all. What cannot be read stays text in the
JSON, so that the reader of patients refuses it, in the same words as it refuses others.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, get_args

import simplejson

from service.form.field import FormField
from service.form.layout import ANALYTES, LIMITS, PARTS, ROWS, SAMPLE_FIELDS, SINGLE_FIELDS, TABLE, UNITS, Rows
from service.form.texts import value_of, wrong_with
from service.patient.reading import Refusal
from service.vocabulary import PartlyTold

UNKNOWN_FIELD = "holds a field that the form does not have"
NOT_ANSWERED = "must be answered, because something is listed and a list counts as complete"
NOT_NONE = "says that there are none, but something is listed"
NOT_A_FIELD = frozenset({"csrf_token", "form_key"})
MOST_ROWS = 40  # of a list; a page of more is no form any more
_NUMBERS = frozenset(map(str, range(MOST_ROWS)))
Path = tuple[str, ...]


class Filled:
    """The fields of a form, read. Every part of it is derived from `fields`."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = {name: text.strip() for name, text in fields.items() if text.strip() and name not in NOT_A_FIELD}
        self.document: dict[str, Any] = {"patient": {}}
        self._places: dict[str, str] = {}  # JSON pointer -> name of the field
        self._known: set[str] = set()
        self._wrong: dict[str, str] = {}
        self._indices = _indices(self.fields)
        self._fill()

    @cached_property
    def json(self) -> bytes:
        """The request body that the form makes."""
        text: str = simplejson.dumps(self.document, use_decimal=True, indent=2, ensure_ascii=False)
        return f"{text}\n".encode(errors="replace")

    def field_of(self, pointer: str) -> str:
        """The field that a place of the JSON came from, or in which it could be told; "" for none."""
        while pointer:
            inside = (name for place, name in self._places.items() if place == pointer or place.startswith(f"{pointer}/"))
            if found := self._places.get(pointer) or next(inside, ""):
                return found
            pointer = pointer.rpartition("/")[0]
        return ""

    def problems(self, refusals: Iterable[Refusal]) -> list[tuple[str, str]]:
        """What is wrong, by field: by the form itself, and by the reader of patients where the form says nothing."""
        found = list(self._wrong.items())
        for refusal in refusals:
            name = self.field_of(refusal.pointer)
            if not name or name not in self._wrong:
                found.append((name, refusal.message))
        return list(dict.fromkeys(found))

    def _fill(self) -> None:
        self._put(self.document, SINGLE_FIELDS, "", "")
        self._table()
        for rows in ROWS:
            self._list(self.document, rows, "", "")
        told = dict(self._in_part())
        if parts := [part for part in get_args(PartlyTold) if part in told]:
            self.document["told_in_part"] = parts
            self._places |= {f"/told_in_part/{index}": told[part] for index, part in enumerate(parts)}
        if self.fields.keys() - self._known:
            self._wrong[""] = UNKNOWN_FIELD

    def _in_part(self) -> Iterator[tuple[str, str]]:
        """What is told in part, with the field that says so."""
        for part in PARTS:
            if self._text(part.told) == "part":
                yield part.name, part.told
        for rows in ROWS:
            if rows.part and rows.path[0] in self.document and self._text(rows.told) != "all":
                yield rows.part, rows.told

    def _text(self, name: str) -> str:
        self._known.add(name)
        return self.fields.get(name, "")

    def _put(self, into: dict[str, Any], fields: Iterable[FormField], prefix: str, pointer: str) -> bool:
        """Put what was typed into an object; whether anything was."""
        typed = {field: self._text(f"{prefix}{field.name}") for field in fields}
        self._places |= {f"{pointer}{field.pointer}": f"{prefix}{field.name}" for field in typed}
        owners = {field.path[:-1] for field, text in typed.items() if text and field.kind != "unit"}
        for field, text in typed.items():
            if text and field.kind != "mark" and field.path[:-1] in owners:
                _object_at(into, field.path[:-1])[field.path[-1]] = self._value(field, f"{prefix}{field.name}", text)
        return bool(owners)

    def _value(self, field: FormField, name: str, text: str) -> Any:
        if wrong := wrong_with(field, text):
            self._wrong[name] = wrong
        return value_of(field, text)

    def _list(self, into: dict[str, Any], rows: Rows, prefix: str, pointer: str) -> None:
        """Put the entries of a list into the object that it belongs to, after those that are there."""
        name = f"{prefix}{rows.name}"
        told = self._text(f"{name}.told")
        owner = _object_at(into, rows.path[:-1], make=False)
        entries: list[Any] = list(owner.get(rows.path[-1], ()))
        already = len(entries)
        where = f"{pointer}/{'/'.join(rows.path)}"
        for key in rows.keys or self._indices.get(name, ()):
            if entry := self._entry(rows, f"{key}", f"{name}.{key}.", f"{where}/{len(entries)}"):
                entries.append(entry)
        if len(entries) > already:
            self._must_answer(rows.answer)
            self._wrong |= {f"{name}.told": NOT_NONE} if told == "none" else {}
        if entries or told in rows.answers:
            _object_at(into, rows.path[:-1])[rows.path[-1]] = entries
        self._places.setdefault(where, f"{name}.told")

    def _entry(self, rows: Rows, key: str, prefix: str, pointer: str) -> dict[str, Any]:
        entry: dict[str, Any] = {}
        is_typed = self._put(entry, rows.all_fields, prefix, pointer)
        for within in rows.within:
            self._list(entry, within, prefix, pointer)
        if not is_typed and not entry:
            return {}
        return {**rows.says, **({rows.keyed_by: key} if rows.keyed_by else {}), **entry}

    def _must_answer(self, name: str | None) -> None:
        if name is not None and not self.fields.get(name):
            self._wrong[name] = NOT_ANSWERED

    def _table(self) -> None:
        """Put the values of the table: one entry for each value typed, or one to be refused for limits without a value."""
        told = self._text(TABLE.told)
        entries: list[dict[str, Any]] = []
        days = sorted({0, *self._indices.get(f"{TABLE.name}.days", ())})
        for index in days:
            self._text(f"{TABLE.name}.days.{index}")
        for analyte in ANALYTES:
            row = f"{TABLE.name}.{analyte}"
            self._known |= {TABLE.unit_of(analyte), *(f"{row}.{limit}" for limit in LIMITS)}
            columns = self._indices.get(row, ()) or ([0] if any(self.fields.get(f"{row}.{limit}") for limit in LIMITS) else [])
            entries += [self._sample(analyte, row, day, f"/{TABLE.name}/{len(entries) + at}") for at, day in enumerate(columns)]
        if entries:
            self._must_answer(TABLE.answer)
        if entries or told == "all":
            self.document[TABLE.name] = entries
        self._places[f"/{TABLE.name}"] = TABLE.told

    def _sample(self, analyte: str, row: str, day: int, pointer: str) -> dict[str, Any]:
        names = {"value": f"{row}.{day}", "unit": TABLE.unit_of(analyte), "taken_on": f"{TABLE.name}.days.{day}"}
        names |= {limit: f"{row}.{limit}" for limit in LIMITS}
        self._places |= {f"{pointer}/{member}": name for member, name in names.items()}
        entry: dict[str, Any] = {"analyte": analyte}
        for member, name in names.items():
            if text := self._text(name) or (member == "unit" and _only_unit(analyte)):
                entry[member] = self._value(SAMPLE_FIELDS[member], name, text)
        return entry


def fits(name: str) -> bool:
    """Whether the form has as many rows as the name of a field says."""
    return all(step in _NUMBERS for step in name.split(".") if step.isdecimal())


def patient_json(fields: Mapping[str, str]) -> bytes:
    """The JSON of the contract that a form makes; whoever reads it refuses what is wrong in it."""
    return Filled(fields).json


def _only_unit(analyte: str) -> str:
    """The unit of an analyte that has no other."""
    return UNITS[analyte][0] if len(UNITS[analyte]) == 1 else ""


def _object_at(into: dict[str, Any], path: Path, *, make: bool = True) -> dict[str, Any]:
    for step in path:
        into = into.setdefault(step, {}) if make else into.get(step, {})
    return into


def _indices(fields: Mapping[str, str]) -> dict[str, list[int]]:
    """The numbers of the rows in which something was typed, by the name before the number."""
    found: dict[str, set[int]] = {}
    for name in fields:
        steps = name.split(".")
        for at, step in enumerate(steps):
            if step in _NUMBERS:
                found.setdefault(".".join(steps[:at]), set()).add(int(step))
    return {name: sorted(numbers) for name, numbers in found.items()}
