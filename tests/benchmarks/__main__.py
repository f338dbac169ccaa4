"""Measure and write docs/performance.md."""

import platform
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from tests.benchmarks.risk import measured

LIBRARIES = ("numpy", "scikit-learn", "lifelines", "scikit-survival")
HEAD = """# Performance

Made by `make bench`. Figures of one run on one machine; the ratios are what repeats.

{machine}

## Predictions

| what | median |
| --- | --- |
{rows}
"""

machine = (
    f"Python {platform.python_version()}, {cpu_count()} cores; "
    + ", ".join(f"{each} {version(each)}" for each in LIBRARIES)
    + "."
)
rows = "\n".join(f"| {what} | {figure} |" for what, figure in measured())
(Path(__file__).parents[2] / "docs" / "performance.md").write_text(HEAD.format(machine=machine, rows=rows), "utf-8")
