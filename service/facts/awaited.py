"""Which cycles are still to come: none without a plan before the first.

A course ends without its planned number if no plan was told and the gap since its last cycle
is too long: whatever is given then begins another course.

Doubt: a course of which nobody told the plan counts as going on until that gap has passed.
"""

from datetime import date

from service.facts.courses import too_long
from service.facts.exposure import Exposure


def awaited_cycles(exposure: Exposure, as_of: date) -> int:
    """Cycles of the current course that can still be given."""
    given = exposure.current
    if not exposure.planned and (not given or too_long(given[-1].given_on, as_of)):
        return 0
    return exposure.remaining_cycles


def awaited_dose_on(exposure: Exposure, as_of: date) -> date | None:
    """The day of the next dose; None when none is awaited, or when no date follows for it."""
    return exposure.next_dose_on(as_of) if awaited_cycles(exposure, as_of) else None
