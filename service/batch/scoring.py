"""Scoring rows of a cohort: the same calculation as a request, without id, time and record."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any, Literal

from pydantic_core import to_json

from service.assessment import Assessment
from service.batch.assessing import Crashed, Refused, Wrong, assessed
from service.batch.columns import columns_of, row_as_json
from service.batch.lines import Line
from service.batch.summary import names, summary
from service.batch.workers import Knowing
from service.batch.wrong import problem_of
from service.engine import Engine
from service.patient.reading import Refusal, RefusedRequest
from service.presentation.as_json import as_json

Form = Literal["ndjson", "csv", "parquet"]
ROW = "row"
_OF_THE_OCCASION = ("id", "created_at")
_RAGGED = Refusal("", "has more or fewer cells than the header")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its number from 1 without the header, and its cells."""

    number: int
    cells: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A part of the output, of so many rows, and how many of them have a problem instead of an answer."""

    content: bytes
    rows: int
    problems: int


def score_chunk(knowing: Knowing, columns: tuple[str, ...], form: Form, rows: Sequence[Line | Row]) -> Scored:
    """The part of the output for some rows. Raises ModelRefusedError, OtherKnowledgeError and UnknownColumnsError."""
    engine = knowing.engine()
    found = [(row.number, score(engine, columns, row, knowing.today)) for row in rows]
    problems = sum(not isinstance(each, Assessment) for _, each in found)
    return Scored(_written(engine, form, found), len(found), problems)


def score(engine: Engine, columns: tuple[str, ...], row: Line | Row, today: date) -> Assessment | Wrong:
    """The assessment of the patient of one row, or what is wrong with it."""
    if isinstance(row, Line):
        return assessed(engine, row, today)
    if len(row.cells) != len(columns):
        return Refused(row.number, (_RAGGED,), 0)
    try:
        content = row_as_json(columns_of(columns), row.cells)
    except RefusedRequest as refused:
        return Refused(row.number, refused.refusals, refused.more)
    return assessed(engine, Line(row.number, content), today)


def header(engine: Engine) -> tuple[str, ...]:
    """The columns of an output that is a table."""
    return (ROW, *names(engine.models))


def as_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _written(engine: Engine, form: Form, found: Iterable[tuple[int, Assessment | Wrong]]) -> bytes:
    if form == "ndjson":
        return b"".join(to_json(_whole(engine, each)) + b"\n" for _, each in found)
    rows = [{ROW: number, **summary(each)} for number, each in found]
    if form == "csv":
        return as_csv([row.get(name) for name in header(engine)] for row in rows)
    return b"".join(to_json(row) + b"\n" for row in rows)


def _whole(engine: Engine, found: Assessment | Wrong) -> dict[str, Any]:
    if isinstance(found, Assessment):
        return {name: value for name, value in as_json(found).items() if name not in _OF_THE_OCCASION}
    where = f"{found.error} in {', '.join(found.where)}" if isinstance(found, Crashed) else ""
    return {**problem_of(found, engine.settings.max_body_bytes, where)}
