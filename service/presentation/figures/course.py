"""The course of one patient as plain values. Nothing is derived anew: a hold is what the facts of each earlier day say.

Doubt: an earlier day is judged by today's plan, because no other was told.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from service.facts import Facts
from service.facts.blood import History
from service.facts.courses import Cycle
from service.facts.exposure import LABELLED_AGENT, Exposure, activities, derive_exposure, total
from service.facts.kidney import Clearance
from service.facts.toxicity.families import Toxicities, derive_toxicities
from service.facts.toxicity.haematological import TRANSFUSION_WINDOW
from service.facts.visible import visible
from service.patient import PatientState
from service.presentation.figures.shapes import Course, Given, Hold, Labelled, Measured, Responded, Sum
from service.rules.cumulative_activity import TARGET
from service.terminology.quantity import Quantity, times
from service.vocabulary import PRRT_AGENTS

MOST_DAYS = 100  # that are looked at for holds: the last ones


def course_of(facts: Facts, earliest_on: date | None = None) -> Course:
    """What is drawn of one patient. The decision adds the earliest day of the next cycle."""
    exposure, days = facts.exposure, _days_with_news(facts)
    return Course(
        as_of=facts.as_of,
        cycles=tuple(sorted((*_cycles(exposure), *_other_doses(facts)), key=lambda given: given.on)),
        cycles_told=exposure.cycles_told,
        sums=tuple(_sums(exposure)),
        labelled=_labelled(exposure, facts.as_of),
        alp=_to_upper_limit(facts.blood["alkaline_phosphatase"]),
        platelets=_values(facts.blood["platelets"]),
        haemoglobin=_values(facts.blood["haemoglobin"]),
        clearance_measured=_clearances(facts.clearances, "measured"),
        clearance_estimated=_clearances(facts.clearances, "cockcroft_gault"),
        responses=tuple(dict.fromkeys(Responded(point.on, point.settled or "open") for point in facts.response.time_points)),
        holds=tuple(_holds(facts, days[-MOST_DAYS:])),
        holds_since=days[-MOST_DAYS] if len(days) > MOST_DAYS else None,
        planned_on=exposure.next_cycle_on,
        earliest_on=earliest_on,
    )


def _cycles(exposure: Exposure) -> Iterator[Given]:
    return (_given(cycle.given_on, cycle.activity, cycle.agent) for cycle in exposure.all_cycles)


def _other_doses(facts: Facts) -> Iterator[Given]:
    """Radiopharmaceuticals that are no PRRT."""
    for each in facts.state.treatments or ():
        if each.kind == "radiopharmaceutical" and each.agent not in PRRT_AGENTS:
            yield _given(each.given_on, each.activity.quantity if each.activity else None, str(each.agent))


def _given(on: date, activity: Quantity | None, agent: str) -> Given:
    return Given(on, float(activity.value) if activity else None, agent)


def _sums(exposure: Exposure) -> Iterator[tuple[Sum, ...]]:
    for course in exposure.courses:
        for agent in dict.fromkeys(cycle.agent for cycle in course):
            yield tuple(_running(tuple(cycle for cycle in course if cycle.agent == agent)))


def _running(cycles: tuple[Cycle, ...]) -> Iterator[Sum]:
    """The running sum, up to a cycle whose activity is not known."""
    for count, cycle in enumerate(cycles, start=1):
        if cycle.activity is None:
            return
        yield Sum(cycle.given_on, float(total(activities(cycles[:count])).value))


def _labelled(exposure: Exposure, as_of: date) -> Labelled | None:
    """The labelled total, beside the first course if that is all of the labelled agent."""
    first = exposure.courses[0]
    if not first or {cycle.agent for cycle in first} != {LABELLED_AGENT}:
        return None
    return Labelled(float(TARGET.value), first[0].given_on, as_of if first is exposure.current else first[-1].given_on)


def _to_upper_limit(history: History) -> tuple[Measured, ...]:
    """Multiples of the limit that was sent along; what came without one is left out."""
    return tuple(
        Measured(sample.taken_on, float(times(sample.limits.value, sample.limits.upper, "xULN").value))
        for sample in history.samples
        if sample.limits.upper is not None
    )


def _values(history: History) -> tuple[Measured, ...]:
    return tuple(Measured(sample.taken_on, float(sample.limits.value)) for sample in history.samples)


def _clearances(clearances: tuple[Clearance, ...], method: str) -> tuple[Measured, ...]:
    return tuple(Measured(each.taken_on, float(each.quantity.value)) for each in clearances if each.method == method)


def _days_with_news(facts: Facts) -> list[date]:
    """Every day on which a toxicity may begin or end, from the first course on in which one withheld a dose, earliest first."""
    starts = [course[0].given_on for course in facts.exposure.courses if course]
    ends = [*(day - timedelta(days=1) for day in starts[1:]), facts.as_of]
    first = next((start for start, end in zip(starts, ends, strict=False) if _anything_triggered(facts, end)), None)
    if first is None:
        return []
    days = {facts.as_of, *(cycle.given_on for cycle in facts.exposure.all_cycles)}
    days |= {value.taken_on for value in facts.state.laboratory or ()}
    for event in facts.state.events or ():
        days |= {event.occurred_on, event.resolved_on or event.occurred_on}
        if event.kind == "transfusion":
            days.add(event.occurred_on + timedelta(days=int(TRANSFUSION_WINDOW.value) + 1))
    return sorted(day for day in days if first <= day <= facts.as_of)


def _anything_triggered(facts: Facts, day: date) -> bool:
    """Whether a toxicity withheld the dose in the course of that day, which is the course's last."""
    toxicities = _toxicities(facts.state.model_copy(update={"as_of": day, "plan": None}), facts)
    return any(each.episode.trigger for each in toxicities.every)


def _holds(facts: Facts, days: Iterable[date]) -> Iterator[Hold]:
    """Each run of days on which a toxicity was in force, until the first day on which it was not."""
    since: dict[str, date] = {}
    for day in days:
        toxicities = _toxicities(facts.state.model_copy(update={"as_of": day}), facts)
        in_force = dict.fromkeys(each.name for each in toxicities.in_force)
        for name in [name for name in since if name not in in_force]:
            yield Hold(name, since.pop(name), day, in_force=False)
        for name in in_force:
            since.setdefault(name, day)
    for name, day in since.items():
        yield Hold(name, day, facts.as_of, in_force=True)


def _toxicities(state: PatientState, facts: Facts) -> Toxicities:
    """The toxicities on an earlier day, as far as was known then."""
    seen, _ = visible(state)
    exposure = derive_exposure(seen)
    blood = facts.blood.of_course(exposure.course_started_on or seen.as_of, seen.as_of)
    return derive_toxicities(seen, exposure, blood, facts.jurisdiction)
