"""The pictures of a card, as SVG files that come out byte for byte the same again.

Colours are those of Okabe and Ito; groups also differ by line style or marker, never by colour alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#595959"
_STYLES = ((BLUE, "-", "o"), (VERMILION, "--", "s"))
_SETTINGS = {
    "svg.hashsalt": "prrt-cds",
    "svg.fonttype": "path",
    "font.family": ["DejaVu Sans"],  # it comes with matplotlib
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E3E3E3",
    "axes.axisbelow": True,
    "legend.frameon": False,
}
_INCHES = (7.0, 4.2)
_RATIOS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Curve:
    """Survival with its 95 % band: months and the other three have shape (n_times,); survival has no unit."""

    label: str
    months: Sequence[float]
    survival: Sequence[float]
    lower: Sequence[float]
    upper: Sequence[float]


@dataclass(frozen=True, slots=True)
class Point:
    """A number with its 95 % interval, in the unit of the axis that it is drawn on."""

    label: str
    value: float
    lower: float
    upper: float


def draw_curves(path: Path, title: str, origin: str, outcome: str, curves: Sequence[Curve], median: Point | None) -> None:
    """One or two survival curves over months from the origin, and a median (months) marked at one half."""
    with _axes(path, title) as axes:
        for curve, (colour, style, _) in zip(curves, _STYLES, strict=False):
            axes.fill_between(curve.months, curve.lower, curve.upper, color=colour, alpha=0.2, linewidth=0)
            axes.plot(curve.months, curve.survival, style, color=colour, linewidth=2, label=f"{curve.label}, 95 % band")
        if median is not None:
            reach = [[median.value - median.lower], [median.upper - median.value]]
            axes.errorbar(
                [median.value], [0.5], xerr=reach, fmt="D", color="black", markersize=6, capsize=5, label=median.label, zorder=5
            )
        last = max([curve.months[-1] for curve in curves] + ([median.upper + 1] if median else []))
        axes.set(xlabel=f"Months from {origin}", ylabel=outcome, xlim=(0, last), ylim=(0, 1))
        axes.xaxis.set_major_locator(FixedLocator(list(np.arange(0, last + 0.5, 12 if last > 30 else 6))))  # noqa: PLR2004  # a look
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        _legend_below(axes)


def draw_points(path: Path, title: str, axis: str, groups: Sequence[Sequence[Point]], wanted: float | None = None) -> None:
    """Shares (no unit) with their intervals, one per row, and the share that was wanted as a vertical line."""
    points = [point for group in groups for point in group]
    rows = iter(range(len(points))[::-1])
    with _axes(path, title, height=1.5 + 0.45 * len(points)) as axes:
        for group, (colour, _, marker) in zip(groups, _STYLES, strict=False):
            for point in group:
                reach = [[point.value - point.lower], [point.upper - point.value]]
                style = {"color": colour, "marker": marker, "markersize": 6, "capsize": 4, "linewidth": 2}
                axes.errorbar([point.value], [next(rows)], xerr=reach, **style)
        if wanted is not None:
            axes.axvline(wanted, color=VERMILION, linestyle="--", linewidth=1.5)
        lowest = 0.0 if wanted is None else min(0.85, *(point.lower - 0.02 for point in points))
        axes.set(xlabel=axis, xlim=(lowest, 1.005), ylim=(-0.6, len(points) - 0.4))
        axes.set_yticks(range(len(points))[::-1], [point.label for point in points])
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        axes.grid(visible=False, axis="y")


def draw_ratios(path: Path, title: str, groups: Sequence[tuple[str, Sequence[float]]], published: tuple[str, float]) -> None:
    """Distributions of hazard ratios (no unit, log axis) of simulated cohorts, and the published one marked."""
    everything = np.concatenate([np.asarray(ratios, dtype=float) for _, ratios in groups])
    lowest, highest = 0.95 * min(everything.min(), 0.1), 1.05 * max(everything.max(), 2.0)
    bins = np.geomspace(lowest, highest, 26)
    with _axes(path, title) as axes:
        for (label, ratios), (colour, style, _) in zip(groups, _STYLES, strict=True):
            told = f"{label}: median {np.median(ratios):.2f}"
            axes.hist(ratios, bins=bins, color=colour, alpha=0.35, label=told)
            axes.hist(ratios, bins=bins, histtype="step", color=colour, linestyle=style, linewidth=1.6)
        axes.axvline(1.0, color="black", linewidth=1.2, label="truth in these cohorts: 1")
        said, ratio = published
        axes.axvline(ratio, color=GREY, linestyle=":", linewidth=2, label=f"{said}: {ratio:g}")
        axes.set_xscale("log")
        axes.set(xlabel="Hazard ratio (no unit, logarithmic axis)", ylabel="Simulated cohorts (count)", xlim=(lowest, highest))
        axes.xaxis.set_major_locator(FixedLocator([ratio for ratio in _RATIOS if lowest <= ratio <= highest]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:g}"))
        _legend_below(axes)


def _legend_below(axes: Axes) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=1)


@contextmanager
def _axes(path: Path, title: str, height: float = _INCHES[1]) -> Iterator[Axes]:
    """Axes to draw on; written to `path` at the end, without a date."""
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(_INCHES[0], height))
        axes = figure.add_subplot()
        axes.set_title(title, loc="left", fontsize=11)
        yield axes
        figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None, "Title": title})
