"""One rule for a reader at a terminal."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from service.evidence import SOURCES, Number
from service.terminology.quantity import readable
from service.terminology.yaml_text import read_yaml
from service.verdict import Rule

_CASES = Path("tests") / "cases"


def explained(rule: Rule, cases: Path = _CASES) -> RenderableType:
    """Docstring, decision rows, numbers with sources, and the cases where their folder exists."""
    return Group(*_parts(rule, cases))


def _parts(rule: Rule, cases: Path) -> Iterator[RenderableType]:
    record = rule.evidence
    yield Text(f"{rule.name}: {rule.title}", style="bold")
    yield Text(f"\n{record.claim}\n\n{rule.description}")
    yield Text("\nDecisions (the first row that holds wins)", style="bold")
    yield _table(("Row", "Situation", "Answer"), [(row.id, row.situation, row.answer) for row in record.decisions])
    yield Text("\nNumbers", style="bold")
    yield _table(("Number", "Value", "Meaning", "Source"), [_number(number) for number in record.numbers])
    yield Text(f"\nReviewed on {record.reviewed_on}.")
    file = cases / f"{rule.name}.yaml"
    if file.is_file():
        yield Text("\nCases", style="bold")
        for case in read_yaml(file.read_text("utf-8")):
            yield Text(f"- {case['name']} ({case['row']})")


def _number(number: Number) -> tuple[str, ...]:
    source = SOURCES[number.source]
    return (
        number.id,
        f"{readable(number.value)} {number.unit}",
        number.meaning,
        f"{source.citation}; {number.locator} ({number.kind})",
    )


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    table = Table(*columns, box=None, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*row)
    return table
