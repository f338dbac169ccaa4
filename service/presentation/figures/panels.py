"""The panels of the timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from matplotlib.patches import Rectangle

from service.presentation.figures.canvas import ROW, THIN, Panel
from service.presentation.figures.marks import AGENTS, LABELLED, RESPONSES, SERIES, SUM
from service.presentation.figures.numbers import number
from service.presentation.figures.shapes import Course, Given, Measured, Responded
from service.presentation.figures.style import BEHIND, INK
from service.presentation.figures.timescale import Timescale
from service.presentation.words import words

BAR = 8.0  # width of a bar, in units
ROOM = 26.0  # for the number of a bar or the letters of a response, in units
ABOVE_THE_SUMS = 1.4  # so much higher is the panel of activity: there the doses have their numbers
NOT_TOLD = 0.15  # height of the bar of an activity that was not told, in parts of the panel
MOST_ROWS = 4  # of responses that stand too close for one row


def draw_activity(panel: Panel, scale: Timescale, title: str, course: Course) -> None:
    """Bars for the doses with their activity above them, steps for their sums, and the labelled total."""
    heights = [1.0, *(cycle.gbq or 0 for cycle in course.cycles), *(each.gbq for sums in course.sums for each in sums)]
    panel = replace(panel, highest=ABOVE_THE_SUMS * max(*heights, course.labelled.gbq if course.labelled else 0))
    panel.frame(title)
    free_from = float("-inf")
    for cycle in course.cycles:
        place = panel.left + scale.position(cycle.on)
        _bar(panel, place, cycle)
        if place >= free_from:
            label = number(cycle.gbq) if cycle.gbq is not None else "?"
            panel.text(place, panel.top, label, ha="center", va="top", bbox=BEHIND, zorder=6)
            free_from = place + ROOM
    for sums in filter(None, course.sums):
        places = [panel.left + scale.position(each.on) for each in sums]
        heights = [panel.y(each.gbq) for each in sums]
        panel.line(places, heights, drawstyle="steps-post", **SUM)
        if len(sums) > 1:
            panel.text(places[-1] - 4, heights[-1] - 3, number(sums[-1].gbq), ha="right", weight="bold", zorder=6)
    if course.labelled:
        since, until = (panel.left + scale.position(day) for day in (course.labelled.since, course.labelled.until))
        panel.line((since, max(until, since + ROOM)), (panel.y(course.labelled.gbq),) * 2, **LABELLED)


def _bar(panel: Panel, place: float, cycle: Given) -> None:
    """From the base line up. One whose activity was not told is low and dotted."""
    colour, hatch = AGENTS[cycle.agent]
    height, told = (panel.height * NOT_TOLD, False) if cycle.gbq is None else (panel.bottom - panel.y(cycle.gbq), True)
    bar = Rectangle((place - BAR / 2, panel.bottom - height), BAR, height, edgecolor=INK, zorder=3)
    bar.set(facecolor=colour, hatch=hatch, linewidth=0.6) if told else bar.set(facecolor="white", linestyle=":", linewidth=1)
    panel.axes.add_patch(bar)


def draw_series(panel: Panel, scale: Timescale, title: str, name: str, series: Mapping[str, Sequence[Measured]]) -> None:
    """Values over time, broken where the axis is; the latest with its number at the right."""
    every = [measured for values in series.values() for measured in values]
    limit = [1.0] if name == "alp" else []  # the unit is the upper limit itself
    panel = replace(panel, highest=1.2 * max(*limit, 0.1, *(each.value for each in every)))
    panel.frame(title)
    for each in limit:
        panel.line((panel.left, panel.right), (panel.y(each),) * 2, linestyle=(0, (1, 2)), **THIN)
    for part, values in series.items():
        for since, until in scale.stretches():
            here = [measured for measured in values if since <= measured.on <= until]
            places = [panel.left + scale.position(measured.on) for measured in here]
            panel.line(places, [panel.y(measured.value) for measured in here], **SERIES[part])
    latest = max(every, key=lambda each: each.on)
    panel.text(panel.right + 4, panel.y(latest.value), number(latest.value), va="center", weight="bold")


def rows_of(places: Sequence[float]) -> list[int | None]:
    """The row of each response, so that no text covers another; None where no row is free."""
    free_from = [float("-inf")] * MOST_ROWS
    rows: list[int | None] = []
    for place in places:
        row = next((row for row in range(MOST_ROWS) if free_from[row] <= place), None)
        if row is not None:
            free_from[row] = place + ROOM + BAR
        rows.append(row)
    return rows


def height_of_responses(scale: Timescale, responses: Sequence[Responded]) -> float:
    """In units: as many rows as are needed."""
    rows = rows_of([scale.position(each.on) for each in responses])
    return ROW * (1 + max(row or 0 for row in rows))


def draw_responses(panel: Panel, scale: Timescale, title: str, responses: Sequence[Responded]) -> None:
    """A marker for each response with its letters, as far as they have room."""
    letters = words("figures")["responses"]
    panel.frame(title, ticks=())
    places = [panel.left + scale.position(each.on) for each in responses]
    for response, place, row in zip(responses, places, rows_of(places), strict=True):
        y = panel.top + ROW * ((row or 0) + 0.5)
        marker, colour = RESPONSES[response.word]
        look: dict[str, Any] = {
            "marker": marker,
            "markersize": 7,
            "markerfacecolor": colour,
            "markeredgecolor": INK,
            "markeredgewidth": 0.7,
        }
        panel.line((place,), (y,), zorder=7, **look)
        if row is not None:
            panel.text(place + 7, y, letters[response.word][0], va="center", zorder=6, bbox=BEHIND)
