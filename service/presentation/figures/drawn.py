"""Every figure of one answer. This is what the worker process does."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from service.presentation.figures.contributions import contributions
from service.presentation.figures.curves import curve
from service.presentation.figures.shapes import Course, Figures
from service.presentation.figures.timeline import timeline

if TYPE_CHECKING:  # the worker need not read the evidence
    from service.presentation.wire_risks import ReferenceOut, RiskOut


def draw(course: Course | None, risks: Sequence["RiskOut"], references: Sequence["ReferenceOut"]) -> Figures:
    """The figures of a course, and of each question that has an estimate."""
    estimated = {risk["question_id"]: risk for risk in risks if risk["status"] == "estimated"}
    curves = {name: curve(risk, references) for name, risk in estimated.items()}
    bars = {name: contributions(risk) for name, risk in estimated.items()}
    return Figures(
        timeline=timeline(course) if course and course.has_anything else None,
        curves={name: figure for name, figure in curves.items() if figure},
        contributions={name: figure for name, figure in bars.items() if figure},
    )
