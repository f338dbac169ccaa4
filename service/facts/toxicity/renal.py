"""Creatinine and its clearance in one course, as readings of the dose modification.

A clearance is compared with a baseline that was found in the same way: measured with measured,
estimated with estimated. Below the label's limit it has recovered when it is no longer below it and,
if there is a baseline, is back at that.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from service.evidence import CRITERIA
from service.facts.blood import Blood
from service.facts.kidney import Clearance, derive_clearances
from service.facts.toxicity.episode import Reading
from service.patient.person import Person
from service.terminology.quantity import Quantity, percent_change

LABEL = CRITERIA["dose_modification"]
LOWEST_CLEARANCE = LABEL["lowest_clearance"]
CREATININE_RISE = LABEL["creatinine_rise"]
CLEARANCE_FALL = LABEL["clearance_fall"]
BACK_AT_BASELINE = LABEL["back_at_baseline"]


def renal(person: Person, blood: Blood, after: date) -> Iterator[Reading]:
    """Every reading of the course that began on the day `after`."""
    yield from _creatinine(blood)
    found = derive_clearances(person, blood)
    baselines = {each.method: each for each in found if each.taken_on <= after}
    for clearance in {each.taken_on: each for each in found}.values():  # of one day the measured one
        if clearance.taken_on > after:
            yield from _clearance(clearance, baselines.get(clearance.method))


def _creatinine(blood: Blood) -> Iterator[Reading]:
    history = blood["creatinine"]
    for sample in history.during_course:
        grade = history.grade_of(sample)
        if history.baseline is None:
            yield Reading(sample.taken_on, "creatinine_rise", None, None, threshold=CREATININE_RISE, grade=grade)
            continue
        change = percent_change(sample.limits.value, history.baseline.limits.value)
        triggers = change.minus(CREATININE_RISE.value) >= 0
        back = change.minus(BACK_AT_BASELINE.value) <= 0
        yield Reading(sample.taken_on, "creatinine_rise", triggers, back, change, CREATININE_RISE, grade)


def _clearance(clearance: Clearance, baseline: Clearance | None) -> Iterator[Reading]:
    day, found = clearance.taken_on, clearance.quantity
    low = found.minus(LOWEST_CLEARANCE.value) < 0
    change = _change(found, baseline.quantity) if baseline else None
    back = change is None or change.minus(-BACK_AT_BASELINE.value) >= 0
    yield Reading(day, "clearance_low", low, not low and back, found, LOWEST_CLEARANCE, remark=clearance.words)
    if change is not None:
        triggers = change.minus(CLEARANCE_FALL.value) <= 0
        yield Reading(day, "clearance_fall", triggers, back, change, CLEARANCE_FALL, remark=clearance.words)


def _change(found: Quantity, baseline: Quantity) -> Quantity | None:
    """Per cent of the baseline, without dividing the two quotients."""
    if not baseline.amount:
        return None
    return Quantity(Decimal(100) * (found.amount * baseline.per - baseline.amount * found.per), "%", baseline.amount * found.per)
