"""The course of one patient: what was given, what was measured, what was seen, on one time axis."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from service.presentation.figures.canvas import ABOVE, ROW, Panel, sheet, styled, written
from service.presentation.figures.legend import draw_legend, height_of_legend
from service.presentation.figures.marks import HATCH
from service.presentation.figures.panels import BAR, draw_activity, draw_responses, draw_series, height_of_responses
from service.presentation.figures.shapes import Course, Hold
from service.presentation.figures.style import BEHIND, GREY, HATCHED, INK, PALE
from service.presentation.figures.svg import inline, plain
from service.presentation.figures.telling import about_the_course, captions
from service.presentation.figures.timescale import Timescale
from service.presentation.words import words

WIDTH, LEFT, RIGHT = 760.0, 34.0, 46.0
PLOT = WIDTH - LEFT - RIGHT
BETWEEN, MONTHS, LINE = 7.0, 24.0, 14.5
ACTIVITY, SERIES = 86.0, 42.0
_LINES = {"as_of": "-", "earliest_on": "-.", "planned_on": ":"}
_NEAR_THE_LEFT = 150.0  # units within which a text cannot stand left of its line
_Draw = Callable[[Panel, Timescale, str], None]


def timeline(course: Course) -> str:
    """The figure as inline SVG. Raises ValueError if there is nothing to draw."""
    if not course.has_anything:
        raise ValueError("nothing to draw")
    scale = Timescale.of(course.days, PLOT)
    contents, days, below = list(_contents(course, scale)), _days(course), captions(course, scale, PLOT)
    legend = ROW * len(days) + sum(ABOVE + tall + BETWEEN for _, tall, _ in contents) - BETWEEN + MONTHS
    caption = legend + height_of_legend(course) + LINE
    with styled():
        axes = sheet(WIDTH, caption + LINE * len(below))
        panels = list(_stacked(axes, ROW * len(days), [tall for _, tall, _ in contents]))
        _draw_days(axes, scale, days, panels[-1])
        _draw_gaps(axes, scale, panels)
        for (title, _, draw), panel in zip(contents, panels, strict=True):
            _draw_holds(panel, scale, course.holds)
            panel.months(scale.ticks(), named=panel is panels[-1])
            draw(panel, scale, title)
        draw_legend(axes, course, LEFT, legend)
        for row, line in enumerate(below):
            axes.text(LEFT, caption + LINE * row, plain(line), color=GREY)
        drawn = written(axes)
    return inline(drawn, "timeline", words("figures")["timeline"]["title"], about_the_course(course))


def _contents(course: Course, scale: Timescale) -> Iterator[tuple[str, float, _Draw]]:
    """Title, height and content of every panel that has something to show."""
    titles = words("figures")["panels"]
    if course.responses:
        tall = height_of_responses(scale, course.responses)
        yield titles["responses"], tall, partial(draw_responses, responses=course.responses)
    if course.cycles:
        yield titles["activity"], ACTIVITY, partial(draw_activity, course=course)
    for name, measured in course.series.items():
        if any(measured.values()):
            yield titles[name], SERIES, partial(draw_series, name=name, series=measured)


def _stacked(axes: Axes, at: float, heights: Sequence[float]) -> Iterator[Panel]:
    for tall in heights:
        yield Panel(axes, LEFT, at + ABOVE, PLOT, tall)
        at += ABOVE + tall + BETWEEN


def _days(course: Course) -> list[tuple[str, date]]:
    """The days that have a line of their own, the latest first."""
    told = ((name, getattr(course, name)) for name in _LINES)
    return sorted(((name, day) for name, day in told if day), key=lambda each: each[1], reverse=True)


def _draw_days(axes: Axes, scale: Timescale, days: Sequence[tuple[str, date]], lowest: Panel) -> None:
    """A line through all panels for each day, named above them."""
    text = words("figures")["timeline"]
    for row, (name, day) in enumerate(days):
        place = LEFT + scale.position(day)
        lowest.line((place, place), (ROW * row, lowest.bottom), color=INK, linestyle=_LINES[name], linewidth=0.8, zorder=1)
        side, shift = ("left", 4) if place < _NEAR_THE_LEFT else ("right", -4)
        axes.text(place + shift, ROW * (row + 0.5), text[name].format(day=day), ha=side, va="center", bbox=BEHIND, zorder=6)


def _draw_gaps(axes: Axes, scale: Timescale, panels: Sequence[Panel]) -> None:
    """A band through all panels for each time that the axis leaves out, with its length."""
    top, lowest = panels[0].top, panels[-1]
    for gap in scale.gaps:
        left, right = (LEFT + scale.position(day) for day in (gap.since, gap.until))
        width = right - left - 2 * BAR
        axes.add_patch(Rectangle((left + BAR, top), width, lowest.bottom - top, facecolor=PALE, edgecolor="none", zorder=0))
        label = words("figures")["timeline"]["left_out"].format(months=round(gap.days / 30.4))
        middle = ((left + right) / 2, lowest.top + lowest.height / 2)
        axes.text(*middle, label, rotation=90, ha="center", va="center", color=GREY, zorder=6)


def _draw_holds(panel: Panel, scale: Timescale, holds: Sequence[Hold]) -> None:
    """Hatching over the periods in which the dose was withheld."""
    for hold in holds:
        since, until = (panel.left + scale.position(day) for day in (hold.since, hold.until))
        box = Rectangle((since, panel.top), max(until - since, 1), panel.height, hatch=HATCH, facecolor="none", zorder=0.5)
        box.set(edgecolor=HATCHED, linewidth=0.5)
        panel.axes.add_patch(box)
