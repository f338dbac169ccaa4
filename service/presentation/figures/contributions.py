"""What each input contributes to an estimate: bars of the log hazard with their intervals."""

from math import nan
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from service.presentation.figures.canvas import ROW, THIN, sheet, styled, written
from service.presentation.figures.numbers import number
from service.presentation.figures.style import BEHIND, BLUE, GREY, INK, SMALL, VERMILLION
from service.presentation.figures.svg import inline, plain
from service.presentation.words import words

if TYPE_CHECKING:  # the worker need not read the evidence
    from service.presentation.wire_risks import ContributionOut, RiskOut

WIDTH, MARGIN, EACH, BAR = 380.0, 24.0, 46.0, 14.0
SMALLEST = 0.1  # of the log hazard that the axis reaches at least


def contributions(risk: "RiskOut") -> str | None:
    """The figure as inline SVG; None where nothing contributes."""
    told, text = risk["contributions"], words("figures")["contributions"]
    if not told:
        return None
    furthest = max(
        SMALLEST, *(abs(float(value)) for each in told for value in (each["lower"], each["upper"], each["log_hazard"]))
    )
    middle, per_unit = WIDTH / 2, (WIDTH / 2 - MARGIN) / furthest
    bottom = ROW + 6 + EACH * len(told)
    with styled():
        axes = sheet(WIDTH, bottom + 2.6 * ROW)
        axes.text(MARGIN, ROW - 3, f"← {text['lower']}", color=GREY)
        axes.text(WIDTH - MARGIN, ROW - 3, f"{text['higher']} →", ha="right", color=GREY)
        axes.add_line(Line2D((middle, middle, nan, MARGIN, WIDTH - MARGIN), (ROW + 2, bottom, nan, bottom, bottom), **THIN))
        for row, each in enumerate(told):
            at = ROW + 6 + EACH * row
            amount, lower, upper = (middle + per_unit * float(each[name]) for name in ("log_hazard", "lower", "upper"))
            axes.text(MARGIN, at + SMALL, plain(f"{_name(each)}: {_value(each)}"), bbox=BEHIND)
            colour, hatch = (VERMILLION, "") if amount > middle else (BLUE, "///")
            bar = Rectangle((min(middle, amount), at + 17), abs(amount - middle), BAR, facecolor=colour, hatch=hatch)
            bar.set(edgecolor=INK, linewidth=0.6)
            axes.add_patch(bar)
            axes.add_line(Line2D((lower, upper), (at + 17 + BAR / 2,) * 2, color=INK, linewidth=1.4, marker="|", markersize=9))
        for value in (-furthest, 0.0, furthest):
            axes.text(middle + per_unit * value, bottom + 3 + SMALL, _signed(value), ha="center")
        axes.text(middle, bottom + 2.3 * ROW, text["axis"], ha="center", weight="bold")
        drawn = written(axes)
    return inline(
        drawn, f"contributions-{risk['question_id']}", text["title"].format(question=risk["question"]), _described(risk)
    )


def _name(contribution: "ContributionOut") -> str:
    return str(words("figures")["features"].get(contribution["feature"], contribution["feature"]))


def _value(contribution: "ContributionOut") -> str:
    text, value = words("figures"), contribution["value"]
    return str(text["contributions"]["averaged"] if value is None else text["values"][str(value).lower()])


def _signed(value: float) -> str:
    """With its sign."""
    written_out = number(abs(value))
    sign = "\u2212" if value < 0 else "+"
    return written_out if written_out == "0" else f"{sign}{written_out}"


def _described(risk: "RiskOut") -> str:
    text = words("figures")["contributions"]
    sentences = (
        text["described"].format(
            feature=_name(each),
            value=_value(each),
            estimate=_signed(float(each["log_hazard"])),
            lower=_signed(float(each["lower"])),
            upper=_signed(float(each["upper"])),
        )
        for each in risk["contributions"]
    )
    return " ".join((f"{text['axis'].capitalize()}.", *sentences))
