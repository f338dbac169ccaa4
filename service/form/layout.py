"""The form as it is laid out (layout.yaml): sections of fields, of rows, and the table of the laboratory."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, get_args

from service.form.field import MARK, FormField, fields_at, type_at, units_to_choose
from service.patient import PatientState
from service.patient.findings import LaboratoryValue
from service.terminology.units import MEASURANDS
from service.terminology.yaml_text import read_yaml
from service.vocabulary import Analyte

ANALYTES: tuple[str, ...] = get_args(Analyte)
LIMITS = ("lower_limit", "upper_limit")
UNITS = {analyte: units_to_choose(MEASURANDS[analyte]) for analyte in ANALYTES}


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields that stand beside each other."""

    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of the contract, or the part of one whose entries say something in common."""

    name: str
    path: tuple[str, ...]
    fields: tuple[FormField, ...]
    says: Mapping[str, str]
    keyed_by: str | None
    keys: tuple[str, ...]
    part: str | None
    answer: str | None
    shown: int
    within: tuple["Rows", ...]

    @property
    def told(self) -> str:
        """Name of the field that says whether the list was told."""
        return f"{self.name}.told"

    @property
    def answers(self) -> tuple[str, ...]:
        """What may be said of the list besides "not told"; of most lists, only that there is nothing."""
        if self.part:
            return ("part", "all")
        return ("all",) if self.answer == self.told else ("none",)

    @property
    def all_fields(self) -> tuple[FormField, ...]:
        """The fields of a row, its mark among them."""
        return (MARK, *self.fields) if self.keyed_by else self.fields


@dataclass(frozen=True, slots=True)
class Table:
    """Laboratory values: a row for each analyte, a column for each day."""

    name: str
    shown: int
    answer: str

    @property
    def told(self) -> str:
        """Name of the field that says whether the list was told."""
        return f"{self.name}.told"

    def unit_of(self, analyte: str) -> str:
        """Name of the field with the unit of a row."""
        return f"{self.name}.{analyte}.unit"


@dataclass(frozen=True, slots=True)
class Part:
    """What may be told in part without a list of its own."""

    name: str

    @property
    def told(self) -> str:
        """Name of the field that says so."""
        return f"{self.name}.told"


Block = Fields | Part | Rows | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form with a heading, unfolded to begin with or not."""

    name: str
    is_unfolded: bool
    blocks: tuple[Block, ...]


def _fields(owner: Any, places: Collection[str], without: Mapping[str, Collection[str]]) -> tuple[FormField, ...]:
    return tuple(field for place in places for field in fields_at(owner, place, without.get(place, ())))


def _like(fields: tuple[FormField, ...], like: Mapping[str, str]) -> tuple[FormField, ...]:
    """The fields, some of them with the choices of another place."""
    others = {name: fields_at(PatientState, place)[0] for name, place in like.items()}
    return tuple(
        FormField(field.path, others[field.name].kind, others[field.name].choices) if field.name in others else field
        for field in fields
    )


def _rows(owner: Any, told: Mapping[str, Any]) -> Rows:
    path = tuple(told["list"].split("."))
    model, key = type_at(owner, path), told.get("keyed_by")
    return Rows(
        name=told["rows"],
        path=path,
        fields=_like(_fields(model, told["fields"], told.get("without", {})), told.get("like", {})),
        says=told.get("says", {}),
        keyed_by=key,
        keys=get_args(type_at(model, (key,))) if key else (),
        part=told.get("part"),
        answer=told.get("answer"),
        shown=told.get("shown", 0),
        within=tuple(_rows(model, each) for each in told.get("within", ())),
    )


def _block(told: Mapping[str, Any]) -> Block:
    if "table" in told:
        return Table(told["table"], told["shown"], told["answer"])
    if "part_alone" in told:
        return Part(told["part_alone"])
    return _rows(PatientState, told) if "rows" in told else Fields(_fields(PatientState, told["fields"], {}))


def _sections() -> tuple[Section, ...]:
    table = read_yaml(files(__package__ or "").joinpath("layout.yaml").read_text("utf-8"))
    return tuple(Section(each["section"], each.get("unfolded", False), tuple(map(_block, each["blocks"]))) for each in table)


SECTIONS = _sections()
BLOCKS = tuple(block for section in SECTIONS for block in section.blocks)
SINGLE_FIELDS = tuple(field for block in BLOCKS if isinstance(block, Fields) for field in block.fields)
ROWS = tuple(block for block in BLOCKS if isinstance(block, Rows))
PARTS = tuple(block for block in BLOCKS if isinstance(block, Part))
TABLE = next(block for block in BLOCKS if isinstance(block, Table))
SAMPLE_FIELDS = {field.name: field for name in LaboratoryValue.model_fields for field in fields_at(LaboratoryValue, name)}


def rows_of(path: tuple[str, ...]) -> Iterator[Rows]:
    """The rows that fill the list at a place."""
    return (rows for rows in ROWS if rows.path == path)
