"""Which cycles are still to come: none without a plan before the first.

A course ends without its planned number if no plan was told and the gap since its last cycle
is too long: whatever is given then begins another course.

Doubt: a course of which nobody told the plan counts as going on until that gap has passed.
"""

from dataclasses import dataclass
from datetime import date

from service.facts.courses import too_long
from service.facts.exposure import Exposure


@dataclass(frozen=True, slots=True)
class Awaited:
    """How many cycles of the current course can still be given, and the day of the next one, if a date follows for it."""

    cycles: int
    dose_on: date | None


def derive_awaited(exposure: Exposure, as_of: date) -> Awaited:
    """What is still to come of the current course."""
    given = exposure.current
    if not exposure.planned and (not given or too_long(given[-1].given_on, as_of)):
        return Awaited(0, None)
    remaining = exposure.remaining_cycles
    return Awaited(remaining, exposure.next_dose_on(as_of) if remaining else None)
