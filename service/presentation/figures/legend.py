"""The legend of the timeline: only what occurs."""

from collections.abc import Iterator
from math import ceil

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from service.presentation.figures.canvas import ROW
from service.presentation.figures.marks import AGENTS, HATCH, LABELLED, SERIES, SUM
from service.presentation.figures.shapes import Course
from service.presentation.figures.style import HATCHED, INK
from service.presentation.words import words
from service.vocabulary import AGENT_NAMES

COLUMNS = 3


def entries(course: Course) -> Iterator[tuple[Artist, str]]:
    """What a reader must know to read the timeline."""
    text = words("figures")["legend"]
    for agent in dict.fromkeys(cycle.agent for cycle in course.cycles):
        colour, hatch = AGENTS[agent]
        yield Patch(facecolor=colour, hatch=hatch, edgecolor=INK, linewidth=0.6), text["dose"].format(agent=AGENT_NAMES[agent])
    if any(cycle.gbq is None for cycle in course.cycles):
        yield Patch(facecolor="white", edgecolor=INK, linestyle=":"), text["activity_not_told"]
    if any(course.sums):
        yield Line2D([], [], **SUM), text["sum"]
    if course.labelled:
        yield (
            Line2D([], [], **LABELLED),
            text["labelled"].format(gbq=course.labelled.gbq),
        )
    if course.holds:
        yield Patch(facecolor="none", edgecolor=HATCHED, hatch=HATCH, linewidth=0.5), text["hold"]
    for name in ("clearance_measured", "clearance_estimated"):
        if getattr(course, name):
            yield Line2D([], [], **SERIES[name]), text[name]


def height_of_legend(course: Course) -> float:
    """In units."""
    return ROW * ceil(len(list(entries(course))) / COLUMNS)


def draw_legend(axes: Axes, course: Course, left: float, top: float) -> None:
    """The legend, its upper left corner there."""
    told = list(entries(course))
    axes.legend(
        [artist for artist, _ in told],
        [label for _, label in told],
        loc="upper left",
        bbox_to_anchor=(left, top),
        bbox_transform=axes.transData,
        ncols=COLUMNS,
        borderaxespad=0,
        borderpad=0,
        labelspacing=0.4,
        handlelength=2.2,
        columnspacing=1.8,
    )
