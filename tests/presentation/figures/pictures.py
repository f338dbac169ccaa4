"""Courses to draw, among them those that are hard to lay out, and what a drawn figure says where."""

import math
import re
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple
from xml.etree.ElementTree import Element, fromstring

from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font

from service.presentation.figures.course import course_of
from service.presentation.figures.shapes import Course
from tests.patients import cycle, facts_of, lab, study

HOSTILE = '</desc></svg><script>alert(1)</script> $x^2$ & "quoted"'
NAMES = ("two courses", "one dose", "no dose", "doses of three agents", "many responses", "every year a value")
WOMAN = {
    "id": "demo-1",
    "sex": "female",
    "birth_date": "1960-01-01",
    "weight": {"value": 64, "unit": "kg", "measured_on": "2026-03-01"},
}


def day(start: str, days: int) -> str:
    """So many days after the start."""
    return (date.fromisoformat(start) + timedelta(days=days)).isoformat()


def course(**parts) -> Course:
    """The course of that woman on 2026-03-10."""
    return course_of(facts_of(**{"patient": WOMAN, **parts}))


@cache
def two_courses() -> Course:
    """A first course four years before eight doses in fourteen months; sixty values of each kind; responses within a week."""
    given = [cycle(day("2021-02-01", 56 * number)) for number in range(4)]
    given += [cycle(day("2025-01-06", 61 * number), None if number == 5 else 7.4) for number in range(8)]
    values = []
    for number in range(60):
        on, platelets = day("2024-12-20", 7 * number), 60 if 20 < number < 25 else 220 - number
        values.append(lab("alkaline_phosphatase", round(100 + 60 * math.sin(number / 7), 1), "U/L", on, upper_limit=120))
        values.append(lab("platelets", platelets, "10*9/L", on, lower_limit=150))
        values.append(lab("haemoglobin", 130.5 - number, "g/L", on, lower_limit=120))
        values.append(lab("creatinine", 80 + number / 2, "umol/L", on))
    values.append(lab("creatinine_clearance", 77, "mL/min", "2025-06-03"))
    words = {
        "2025-04-02": "stable_disease",
        "2025-04-05": "partial_response",
        "2025-04-07": "not_evaluable",
        "2025-09-02": "complete_response",
        "2026-02-27": "progressive_disease",
        "2026-03-02": "non_cr_non_pd",
    }
    seen = [study(on, overall_response=word) for on, word in words.items()]
    event = {"occurred_on": "2025-10-12", "kind": "adverse_event", "grade": 3, "related": True, "detail": HOSTILE}
    plan = {"planned_cycles": 10, "next_cycle_on": "2026-04-20"}
    return course(treatments=given, laboratory=values, imaging=seen, events=[event], plan=plan)


@cache
def every_course() -> dict[str, Course]:
    """By name."""
    many = [study(day("2026-02-01", number), overall_response="stable_disease") for number in range(9)]
    mixed = [cycle("2025-01-06", 11.1, agent="iodine_131_mibg"), cycle("2025-09-06", 7.5, agent="lutetium_177_edotreotide")]
    yearly = [lab("platelets", 200 - 5 * year, "10*9/L", day("2015-01-20", 365 * year)) for year in range(12)]
    planned = {"next_cycle_on": "2026-03-16", "agent": "lutetium_177_dotatate"}
    found = (
        two_courses(),
        course(treatments=[cycle("2026-03-09")], imaging=[study("2026-03-10", overall_response="stable_disease")]),
        course(treatments=[], laboratory=yearly[-1:], plan=planned),
        course(treatments=[*mixed, cycle("2026-02-06", 3.7)]),
        course(imaging=many),
        course(treatments=[cycle(day("2015-02-01", 56 * number)) for number in range(4)], laboratory=yearly),
    )
    return dict(zip(NAMES, found, strict=True))


class Said(NamedTuple):
    """A text of a figure and the rectangle that it takes."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def covers(self, other: "Said") -> bool:
        wide = min(self.right, other.right) - max(self.left, other.left)
        return wide > 0.5 and min(self.bottom, other.bottom) - max(self.top, other.top) > 1


def parsed(figure: str) -> Element:
    """The figure as XML, without namespaces."""
    return fromstring(figure.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1))  # noqa: S314  # we wrote it


def said(figure: str) -> list[Said]:
    """Every text of a figure, with the place that it takes in its own font."""
    return [_said(element) for element in parsed(figure).iter("text")]


def _said(element: Element) -> Said:
    size = float(element.get("font-size").removesuffix("px"))
    moved = re.match(r"translate\(([\d.]+) ([\d.]+)\)", element.get("transform", ""))
    x, y = map(float, moved.groups() if moved else (element.get("x"), element.get("y")))
    wide, high = _width(element.text, size, element.get("font-weight", "normal")), 0.75 * size
    if "rotate(-90" in element.get("transform", ""):
        return Said(element.text, x - high, y - wide / 2, x, y + wide / 2)
    left = x - {"start": 0, "middle": wide / 2, "end": wide}[element.get("text-anchor", "start")]
    return Said(element.text, left, y - high, left + wide, y)


def _width(text: str, size: float, weight: str) -> float:
    font = FT2Font(findfont("DejaVu Sans:bold" if weight in ("bold", "700") else "DejaVu Sans"))
    font.set_size(size, 72)
    font.set_text(text)
    return font.get_width_height()[0] / 64
