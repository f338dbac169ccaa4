"""Courses: the cycles that were given, as runs without too long a gap.

A cycle is an administered PRRT dose.
"""

from dataclasses import dataclass
from datetime import date

from service.evidence import CRITERIA
from service.patient import PatientState
from service.patient.treatment import OrganDoses
from service.terminology.quantity import Quantity, weeks
from service.vocabulary import PRRT_AGENTS, Route

LONGEST_GAP = CRITERIA["course"]["longest_gap"]


@dataclass(frozen=True, slots=True)
class Cycle:
    """One administered PRRT dose."""

    agent: str
    given_on: date
    activity: Quantity | None
    route: Route | None = None
    absorbed_dose: OrganDoses | None = None


Course = tuple[Cycle, ...]


def given_courses(state: PatientState) -> list[Course]:
    """The courses of one patient, earliest first. Entries after `as_of` must be gone."""
    administered = sorted(
        (
            treatment
            for treatment in state.treatments or ()
            if treatment.kind == "radiopharmaceutical" and treatment.agent in PRRT_AGENTS
        ),
        key=lambda treatment: (treatment.given_on, treatment.agent),
    )
    courses: list[list[Cycle]] = []
    for given in administered:
        activity = given.activity.quantity if given.activity else None
        if not courses or too_long(courses[-1][-1].given_on, given.given_on):
            courses.append([])
        courses[-1].append(Cycle(str(given.agent), given.given_on, activity, given.route, given.absorbed_dose))
    return [tuple(course) for course in courses]


def too_long(earlier: date, later: date) -> bool:
    """Whether a new course begins with a cycle on the later day."""
    return weeks(earlier, later).minus(LONGEST_GAP.value) > 0
