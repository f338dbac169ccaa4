"""The curve of one question: estimate with its band, horizons, both groups, and what others published."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from service.presentation.figures.canvas import ROW, Panel, sheet, styled, written
from service.presentation.figures.lines import lines_of
from service.presentation.figures.numbers import number, per_cent
from service.presentation.figures.style import BEHIND, GREEN, GREY, INK, SKY, VERMILLION
from service.presentation.figures.svg import inline, plain
from service.presentation.words import words

if TYPE_CHECKING:  # the worker need not read the evidence
    from service.presentation.wire_risks import CurveOut, GroupOut, ReferenceOut, RiskOut

WIDTH, LEFT, RIGHT, TOP, TALL = 380.0, 34.0, 24.0, 20.0, 170.0
PLOT, INDENT = WIDTH - LEFT - RIGHT, 30.0
KEY = TOP + TALL + 5 * ROW + 8  # where the key begins: below the numbers of the horizons and the name of the axis
YEAR = 12
APART = 44.0  # units between the numbers of two horizons
_LETTER = 12.0  # room of a letter, in units
_GROUPS: tuple[dict[str, Any], ...] = (
    {"color": VERMILLION, "linestyle": (0, (6, 3)), "linewidth": 1.2},
    {"color": GREEN, "linestyle": (0, (2, 2)), "linewidth": 1.2},
)
_ESTIMATE: dict[str, Any] = {"color": INK, "linewidth": 1.8}
_Line = tuple[str, dict[str, Any] | None]


def curve(risk: "RiskOut", references: Sequence["ReferenceOut"]) -> str | None:
    """The figure as inline SVG; None for a question without a time."""
    if risk["curve"] is None:
        return None
    text, told = words("figures")["curve"], published(risk, references)
    last = float(risk["curve"]["months"][-1])
    key = list(_key(risk, told, last))
    with styled():
        panel = Panel(sheet(WIDTH, KEY + ROW * len(key)), LEFT, TOP, PLOT, TALL, 100.0)
        panel.frame(text[risk["outcome"]], ticks=(0, 25, 50, 75, 100))
        _draw_band(panel, risk["curve"], last)
        _draw_line(panel, risk["curve"], last, **_ESTIMATE)
        for group, look in zip(risk["groups"], _GROUPS, strict=False):
            _draw_line(panel, group["curve"], last, **look)
        _draw_horizons(panel, risk, last)
        _draw_months(panel, risk, last)
        _draw_references(panel, told, last)
        for row, (line, sign) in enumerate(key):
            if sign:
                panel.line((LEFT, LEFT + INDENT - 6), (KEY + ROW * row - 4,) * 2, **sign)
            panel.text(LEFT + (INDENT if sign else 0), KEY + ROW * row, plain(line), color=INK if sign else GREY)
        drawn = written(panel.axes)
    title = text["title"].format(question=risk["question"])
    return inline(drawn, f"curve-{risk['question_id']}", title, " ".join(_described(risk, told)))


def published(risk: "RiskOut", references: Sequence["ReferenceOut"]) -> list[tuple[str, "ReferenceOut"]]:
    """Medians of the same outcome, each with a letter. They count from the start of treatment: beside no landmark."""
    those = [each for each in references if each["outcome"] == risk["outcome"] and risk["time_origin"] == "start_of_prrt"]
    return list(zip("abcdefghijkl", sorted(those, key=lambda each: each["median_months"]["value"]), strict=False))


def group_words(group: "GroupOut") -> str:
    """A group by its input and the value of that."""
    text = words("figures")
    return f"{text['features'].get(group['feature'], group['feature'])}: {text['values'][str(group['value']).lower()]}"


def _x(month: float, last: float) -> float:
    return LEFT + PLOT * month / last


def _draw_band(panel: Panel, drawn: "CurveOut", last: float) -> None:
    places = [_x(month, last) for month in drawn["months"]]
    lower, upper = ([panel.y(100 * float(each)) for each in drawn[bound]] for bound in ("lower", "upper"))
    panel.axes.fill_between(places, lower, upper, color=SKY, alpha=0.3, linewidth=0)


def _draw_line(panel: Panel, drawn: "CurveOut", last: float, **look: Any) -> None:
    places = [_x(month, last) for month in drawn["months"]]
    panel.line(places, [panel.y(100 * float(each)) for each in drawn["survival"]], **look)


def _draw_horizons(panel: Panel, risk: "RiskOut", last: float) -> None:
    """Each with a point, its interval, and both in numbers below the axis, as far as these have room."""
    text = words("figures")["curve"]
    rows = [panel.bottom + ROW * row + 4 for row in (2, 3)]
    for y, name in zip(rows, ("estimate", "interval"), strict=True):
        panel.text(2, y, text[name], color=GREY)
    free_from = 0.0
    for horizon in risk["horizons"]:
        place = _x(float(horizon["months"] or 0), last)
        lower, middle, upper = (per_cent(horizon[name]) for name in ("lower", "probability", "upper"))
        ends = [panel.y(100 * float(horizon[name])) for name in ("lower", "upper")]
        panel.line((place, place), ends, color=INK, linewidth=1, marker="_", markersize=6)
        panel.line((place,), (panel.y(100 * float(horizon["probability"])),), color=INK, marker="o", markersize=5)
        if place >= free_from:
            panel.text(place, rows[0], f"{middle} %", ha="center", weight="bold")
            panel.text(place, rows[1], f"{lower}\u2013{upper}", ha="center")
            free_from = place + APART


def _draw_months(panel: Panel, risk: "RiskOut", last: float) -> None:
    text = words("figures")["curve"]
    step = next(step for step in (YEAR, 2 * YEAR, 5 * YEAR, last) if _x(step, last) - LEFT >= APART)
    ticks = [(_x(step * count, last) - LEFT, number(step * count)) for count in range(int(last / step) + 1)]
    panel.months(ticks, named=True)
    label = text[risk["time_origin"]].format(months=risk["landmark_months"])
    panel.text(panel.right, panel.bottom + 4 * ROW + 6, label, ha="right", weight="bold")


def _draw_references(panel: Panel, told: Sequence[tuple[str, "ReferenceOut"]], last: float) -> None:
    """A mark on the axis for each median, its letter above it; letters that are too close stand one above the other."""
    row, free_from = 0, 0.0
    for letter, reference in told:
        months = float(reference["median_months"]["value"])
        if months <= last:
            place = _x(months, last)
            row = row + 1 if place < free_from else 0
            free_from = place + _LETTER
            panel.line((place,), (panel.bottom,), marker="v", markersize=6, color=INK, markerfacecolor="white", zorder=7)
            panel.text(place, panel.bottom - 7 - row * _LETTER, letter, ha="center", weight="bold", bbox=BEHIND, zorder=6)


def _key(risk: "RiskOut", told: Sequence[tuple[str, "ReferenceOut"]], last: float) -> Iterator[_Line]:
    """The lines below the figure, each with its sign if it has one."""
    text = words("figures")["curve"]
    yield text["band"], _ESTIMATE
    for group, look in zip(risk["groups"], _GROUPS, strict=False):
        first, *more = lines_of(group_words(group), PLOT - INDENT)
        yield first, look
        yield from ((line, None) for line in more)
    notes = [text["groups_note"]] if risk["groups"] else []
    notes += [text["references"]] if told else []
    for letter, reference in told:
        months = float(reference["median_months"]["value"])
        beyond = text["beyond"] if months > last else ""
        notes.append(text["reference"].format(letter=letter, months=months, beyond=beyond, population=reference["population"]))
    for note in notes:
        yield from ((line, None) for line in lines_of(note, WIDTH - LEFT - 4))


def _described(risk: "RiskOut", told: Sequence[tuple[str, "ReferenceOut"]]) -> Iterator[str]:
    text = words("figures")["curve"]
    for name, horizons in (("", risk["horizons"]), *((group_words(each), each["horizons"]) for each in risk["groups"])):
        for horizon in horizons:
            lower, middle, upper = (per_cent(horizon[bound]) for bound in ("lower", "probability", "upper"))
            sentence = text["described_group" if name else "described"]
            yield sentence.format(months=horizon["months"], estimate=middle, lower=lower, upper=upper, group=name)
    for _, reference in told:
        months = float(reference["median_months"]["value"])
        yield text["described_reference"].format(months=months, population=reference["population"])
