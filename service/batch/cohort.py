"""Cohorts in files: rows of NDJSON, CSV and Parquet, read as they are needed."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from service.batch.lines import Line, Lines, chunks
from service.batch.scoring import ROW, Form, Row
from service.batch.summary import WHOLE_NUMBERS, is_number

ROWS_AT_ONCE = 64
ROWS_OF_A_GROUP = 4096
_PIECE = 1 << 20
_FORMS: dict[str, Form] = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet"}
WITHOUT_ARROW = "Parquet needs pyarrow: pip install 'prrt-cds[cohort]'."


class UnusableCohortError(Exception):
    """A file cannot be read or written as a cohort. The message holds no value of it."""


def form_of(path: Path) -> Form:
    """The form of a file, by the end of its name. Raises UnusableCohortError."""
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise UnusableCohortError(f"{path.name}: the name must end in {', '.join(_FORMS)}.")
    if form == "parquet":
        arrow()
    return form


def arrow() -> Any:
    """The Parquet of pyarrow. Raises UnusableCohortError."""
    try:
        from pyarrow import parquet  # noqa: PLC0415  # not everybody has it
    except ImportError:
        raise UnusableCohortError(WITHOUT_ARROW) from None
    return parquet


def measured(path: Path) -> tuple[str, int]:
    """The digest of a file, and about how many rows it has."""
    digest, ends = sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            ends += piece.count(b"\n")
    if form_of(path) != "parquet":
        return digest.hexdigest(), ends
    with _parquet_file(path) as table:
        return digest.hexdigest(), table.metadata.num_rows


def rows_of(path: Path, most_bytes: int) -> tuple[tuple[str, ...], Iterator[Line | Row]]:
    """The names of the columns, none for NDJSON, and the rows. Raises UnusableCohortError, also while they are read."""
    form = form_of(path)
    if form == "ndjson":
        return (), _lines(path, most_bytes)
    csv.field_size_limit(most_bytes)
    table = _csv(path) if form == "csv" else _parquet(path)
    names = tuple(map(str, next(table, ())))
    if not names:
        raise UnusableCohortError(f"{path.name}: has no header.")
    return names, (Row(number, tuple(cells)) for number, cells in enumerate(filter(None, table), 1))


def _lines(path: Path, most_bytes: int) -> Iterator[Line]:
    lines = Lines(most_bytes)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield from lines.feed(piece)
    yield from lines.end()


def _csv(path: Path) -> Iterator[Sequence[str]]:
    """The header and the rows of a CSV with commas, or with semicolons as some spreadsheets write it."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            first = file.readline()
            file.seek(0)
            yield from csv.reader(file, delimiter=";" if ";" in first and "," not in first else ",", strict=True)
    except (csv.Error, UnicodeDecodeError):
        raise UnusableCohortError(f"{path.name}: is not CSV in UTF-8.") from None


def _parquet(path: Path) -> Iterator[Sequence[Any]]:
    """The names of the columns and the rows of a Parquet."""
    with _parquet_file(path) as file:
        yield file.schema_arrow.names
        for batch in file.iter_batches(ROWS_AT_ONCE):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


@contextmanager
def _parquet_file(path: Path) -> Iterator[Any]:
    try:
        with arrow().ParquetFile(path) as file:
            yield file
    except ValueError:  # as pyarrow calls what is not Parquet
        raise UnusableCohortError(f"{path.name}: is not Parquet.") from None


def chunks_after(rows: Iterator[Line | Row], done: int) -> Iterator[tuple[Line | Row, ...]]:
    """The rows after those that are done, in chunks."""
    return chunks(islice(rows, done, None), ROWS_AT_ONCE)


def write_parquet(source: Path, target: Path, names: Sequence[str]) -> None:
    """Write rows that stand in a file as lines of JSON as a Parquet with these columns."""
    import pyarrow  # noqa: PLC0415  # as above

    schema = pyarrow.schema([(name, _type(pyarrow, name)) for name in names])
    with source.open("rb") as lines, arrow().ParquetWriter(target, schema) as file:
        while group := list(islice(lines, ROWS_OF_A_GROUP)):
            file.write_batch(pyarrow.RecordBatch.from_pylist([from_json(line) for line in group], schema=schema))


def _type(pyarrow: Any, name: str) -> Any:
    if is_number(name):
        return pyarrow.float64()
    return pyarrow.int64() if name in (ROW, *WHOLE_NUMBERS) else pyarrow.string()
