"""What is drawn on: one sheet whose coordinates are those of the viewBox, and panels on it.

matplotlib's own axes and ticks cost most of the time of a figure; here lines and texts do their work.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from math import nan
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from service.presentation.figures.numbers import number
from service.presentation.figures.style import BEHIND, GREY, INK, SMALL

ROW = 15.0  # height of a line of text, in units
ABOVE = 19.0  # height of the title of a panel
_UNITS_PER_INCH = 72
_TICK = 3.0
THIN: dict[str, Any] = {"color": GREY, "linewidth": 0.8}


def styled() -> AbstractContextManager[None]:
    """The settings under which a figure is made and written."""
    return rc_context(
        {
            "font.family": ["DejaVu Sans"],
            "font.size": SMALL,
            "hatch.linewidth": 0.7,
            "legend.frameon": False,
            "svg.fonttype": "none",
            "svg.hashsalt": "prrt-cds",
            "text.color": INK,
            "text.parse_math": False,
        }
    )


def sheet(width: float, height: float) -> Axes:
    """An empty figure of that size; y counts from the top."""
    figure = Figure(figsize=(width / _UNITS_PER_INCH, height / _UNITS_PER_INCH), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0), autoscale_on=False)
    axes.axis("off")
    return axes


def written(axes: Axes) -> str:
    """The figure as matplotlib writes it: not yet for a page."""
    text = StringIO()
    axes.get_figure(root=True).savefig(text, format="svg", metadata={"Date": None})  # type: ignore[union-attr]
    return text.getvalue()


@dataclass(frozen=True, slots=True)
class Panel:
    """A rectangle of the sheet with a value axis from `lowest` to `highest`."""

    axes: Axes
    left: float
    top: float
    width: float
    height: float
    highest: float = 1.0

    @property
    def bottom(self) -> float:
        """Where its lower edge is."""
        return self.top + self.height

    @property
    def right(self) -> float:
        """Where its right edge is."""
        return self.left + self.width

    def y(self, value: float) -> float:
        """Where a value stands."""
        return self.bottom - self.height * value / self.highest

    def frame(self, title: str, ticks: Sequence[float] | None = None) -> None:
        """Title, base line, and the value axis with its numbers; `ticks` None: round numbers, empty: no value axis."""
        self.text(self.left, self.top - 5, title, weight="bold", bbox=BEHIND, zorder=5)
        self.line((self.left, self.right), (self.bottom, self.bottom), **THIN)
        at = [tick for tick in (MaxNLocator(3).tick_values(0, self.highest) if ticks is None else ticks) if tick <= self.highest]
        if at:
            marks = [(self.left - _TICK, self.left, nan) for _ in at], [(self.y(tick), self.y(tick), nan) for tick in at]
            self.line(*(list(chain.from_iterable(each)) for each in marks), **THIN)
            self.line((self.left, self.left), (self.top, self.bottom), **THIN)
        for tick in at:
            self.text(self.left - _TICK - 2, self.y(tick), number(tick), ha="right", va="center")

    def months(self, ticks: Sequence[tuple[float, str]], *, named: bool) -> None:
        """Marks on the base line, each at so many units from the left, with their names."""
        marks = [(self.left + at, self.left + at, nan) for at, _ in ticks], [(self.bottom, self.bottom + _TICK, nan)] * len(ticks)
        self.line(*(list(chain.from_iterable(each)) for each in marks), **THIN)
        for at, label in ticks if named else ():
            self.text(self.left + at, self.bottom + _TICK + 3, label, ha="center", va="top")

    def line(self, x: Sequence[float], y: Sequence[float], **look: Any) -> None:
        """A line through places of the sheet, interrupted where one is not a number."""
        self.axes.add_line(Line2D(x, y, **look))

    def text(self, x: float, y: float, text: str, **look: Any) -> None:
        """A text at a place of the sheet."""
        self.axes.text(x, y, text, **look)
