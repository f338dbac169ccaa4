"""Measure and write docs/performance.md."""

import platform
from collections.abc import Iterable
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from tests.benchmarks import assessing, hooks, risk

LIBRARIES = ("numpy", "scikit-learn", "lifelines", "scikit-survival")
HEAD = """# Performance

Made by `make bench`. Figures of one run on one machine; the ratios are what repeats. How the interpreter
was built makes a difference of about a quarter: name it beside a figure.

{machine}

## Rules

| what | median |
| --- | --- |
{rules}

## Predictions

| what | median |
| --- | --- |
{predictions}

## From an EHR

One call after the other over one connection, each recorded on the disk before it is answered.

| what | median |
| --- | --- |
{hooks}
"""

machine = (
    f"Python {platform.python_version()} ({platform.python_compiler()}), {cpu_count()} cores; "
    + ", ".join(f"{each} {version(each)}" for each in LIBRARIES)
    + "."
)


def rows(measured: Iterable[tuple[str, str]]) -> str:
    """The rows of one table."""
    return "\n".join(f"| {what} | {figure} |" for what, figure in measured)


text = HEAD.format(
    machine=machine, rules=rows(assessing.measured()), predictions=rows(risk.measured()), hooks=rows(hooks.measured())
)
(Path(__file__).parents[2] / "docs" / "performance.md").write_text(text, "utf-8")
