"""A form as it is shown: what was typed, what is wrong with it, and the words beside each field."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.form.field import FormField
from service.form.filled import fits
from service.form.layout import ANALYTES, LIMITS, ROWS, SAMPLE_FIELDS, SECTIONS, TABLE, UNITS, Block, Fields, Rows, Section
from service.presentation.words import words
from service.terminology.units import MEASURANDS

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _named(rows: Rows) -> Iterator[tuple[str, Rows]]:
    yield rows.name, rows
    for within in rows.within:
        yield from _named(within)


_UNITS = frozenset(unit for measurand in MEASURANDS.values() for unit in measurand.factors)
_ROWS = dict(pair for rows in ROWS for pair in _named(rows))


class FormView:
    """What the template asks. The name of a field is the id of its element."""

    sections = SECTIONS
    analytes = ANALYTES
    limits = LIMITS
    units = UNITS
    day = SAMPLE_FIELDS["taken_on"]

    def __init__(self, fields: Mapping[str, str], problems: Sequence[tuple[str, str]] = ()) -> None:
        self.text: Mapping[str, Any] = words("form")
        self.summary = [(name, self.title(name), message) for name, message in problems]
        self._fields = {name: text for name, text in fields.items() if fits(name)}
        self._problems: dict[str, list[str]] = {}
        for name, message in problems:
            self._problems.setdefault(name, []).append(message)

    def value(self, name: str) -> str:
        """What was typed into a field."""
        return self._fields.get(name, "")

    def wrong(self, name: str) -> list[str]:
        """What is wrong with a field."""
        return self._problems.get(name, [])

    def has(self, prefix: str) -> bool:
        """Whether anything was typed into, or is wrong with, the fields whose names begin so."""
        return any(name == prefix or name.startswith(f"{prefix}.") for name in (*self._fields, *self._problems))

    def is_unfolded(self, section: Section) -> bool:
        """Whether a section is shown open."""
        return section.is_unfolded or any(self.has(name) for block in section.blocks for name in _names(block))

    def keys(self, rows: Rows, name: str) -> Sequence[str | int]:
        """The rows to show: those laid out, and as many more as were filled."""
        return rows.keys or range(max(rows.shown, self._first_free(name)))

    def days(self) -> Sequence[int]:
        """The days of the laboratory to show."""
        names = (f"{TABLE.name}.{row}" for row in ("days", *ANALYTES))
        return range(max(TABLE.shown, *map(self._first_free, names)))

    def _first_free(self, name: str) -> int:
        """The number after the last row with anything in it."""
        rests = (each.removeprefix(f"{name}.").partition(".")[0] for each in self._fields if each.startswith(f"{name}."))
        return max((int(rest) + 1 for rest in rests if rest.isdecimal()), default=0)

    def options(self, choices: Sequence[str], value: str) -> list[tuple[str, str]]:
        """What there is to choose, and what was sent although it is not among it."""
        others = (value,) if value and value not in choices else ()
        return [(choice, self.word(choice)) for choice in (*choices, *others)]

    def hint(self, place: str) -> str:
        """What more there is to say of a section or of rows."""
        return str(self.text["hints"].get(place, ""))

    def told_choices(self, answers: Sequence[str]) -> list[tuple[str, str]]:
        """What may be said of a list, in words."""
        return [(answer, self.text["choices_told"][answer]) for answer in answers]

    def kind_of(self, block: Block) -> str:
        """Which kind of block it is."""
        return type(block).__name__

    def word(self, choice: str) -> str:
        """A word of the contract, or a unit, for its readers."""
        word = choice.replace("_", " ")
        return str(self.text["choices"].get(choice, choice if choice in _UNITS else word[:1].upper() + word[1:]))

    def input_type(self, field: FormField, value: str) -> str:
        """A date that is none would be hidden by an input of dates."""
        return "date" if field.kind == "date" and (not value or _ISO_DATE.fullmatch(value)) else "text"

    def label(self, place: str) -> str:
        """The words beside a field; `place` is its name without keys of rows."""
        if place.endswith("unit"):
            measure = self.text["labels"][f"{place.removesuffix('unit')}value"]
            return f"{measure}, {self.text['unit']}"
        return str(self.text["labels"][place])

    def title(self, name: str) -> str:
        """The words for a field where it stands alone."""
        first, _, rest = name.partition(".")
        if not name:
            return str(self.text["somewhere"])
        if first == TABLE.name and rest != "told":
            return self._title_in_table(*rest.split("."))
        if first in self.text["part_alone"]:
            return self.label(first)
        return self._title_in_rows(_ROWS[first], rest) if first in _ROWS else self._title_outside(name)

    def _title_outside(self, name: str) -> str:
        return str(self.text["rows"][TABLE.name]["question"]) if name == TABLE.told else self.label(name)

    def _title_in_rows(self, rows: Rows, rest: str) -> str:
        told = self.text["rows"][rows.name]
        key, _, field = rest.partition(".")
        if not field:
            return f"{told['title']}: {told['question']}"
        row = self.word(key) if rows.keyed_by else f"{told['one']} {int(key) + 1}"
        within, _, deeper = field.partition(".")
        inner = self._title_in_rows(_ROWS[within], deeper) if within in _ROWS else self.label(f"{rows.name}.{field}")
        return f"{row}: {inner}"

    def _title_in_table(self, row: str, what: str) -> str:
        if row == "days":
            return f"{self.label(f'{TABLE.name}.days')} {int(what) + 1}"
        column = f"{self.text['day']} {int(what) + 1}" if what.isdecimal() else str(self.text[what])
        return f"{self.word(row)}: {column}"


def _names(block: Block) -> tuple[str, ...]:
    return tuple(field.name for field in block.fields) if isinstance(block, Fields) else (block.name,)
