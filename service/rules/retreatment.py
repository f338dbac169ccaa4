"""Retreatment: did the last earlier course hold the disease long enough to speak for a further one?

Benefit is the time from the first cycle of the last earlier course to the first progression
after it, in completed calendar months.

Doubt: progression is what was told as such an event, up to the day before the first cycle of
the current course; a response that was read as progression on imaging is not searched for.

Doubt: an earlier course exists only when another one was given or is planned.
"""

from collections.abc import Iterable
from datetime import date

from service.evidence import load
from service.facts import Facts
from service.phrases import SEND_TREATMENTS, treatments_not_told
from service.terminology.quantity import months
from service.verdict import Answer, Missing, at_least, cite, fires, not_applicable, note, rule, unknown

EVIDENCE = load(__name__)
BENEFIT = EVIDENCE["benefit"]
STUDIES = (
    cite(EVIDENCE.finding("activity")),
    cite(EVIDENCE.finding("progression_free_survival")),
    cite(EVIDENCE.finding("progression_free_survival_pooled")),
)
CAVEATS = (
    "A further course is off-label in the US and in the EU: both labels end with four doses.",
    "The patients of these studies were selected for benefit from the course before.",
)


@rule("Further course", evidence=EVIDENCE)
def retreatment(facts: Facts) -> Answer:
    """Compare the benefit of the last earlier course with that of the patients in whom a further one was studied."""
    exposure = facts.exposure
    if not exposure.cycles_told:
        return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
    if not exposure.earlier:
        return not_applicable("no_earlier_course", note("There is no earlier course; a further one is judged when planned."))
    *_, last_course = exposure.earlier
    started_on = min(cycle.given_on for cycle in last_course)
    progressed_on = min(_progressions(facts, started_on), default=None)
    if progressed_on is None:
        advice = "Send the date of progression after the earlier course."
        why = f"No progression was told after the course that began on {started_on}; its date tells how long that course helped."
        return unknown("progression_not_told", advice, Missing("events.progression", why))
    course = note(f"The last earlier course began on {started_on}; progression was on {progressed_on}.")
    long_enough = at_least(months(started_on, progressed_on), BENEFIT, "Benefit of the last earlier course")
    if long_enough:
        advice = "Weigh a further course of two cycles at the board; the benefit of the last one speaks for it."
        return fires("long_benefit", "info", advice, long_enough, course, *STUDIES, caveats=CAVEATS)
    advice = "Reconsider the further course at the board; the last one helped for less time than in the patients studied."
    return fires("short_benefit", "warning", advice, long_enough, course, *STUDIES, caveats=CAVEATS)


def _progressions(facts: Facts, started_on: date) -> Iterable[date]:
    """The days of progression from the first cycle of the last earlier course to before the current course."""
    ended_on = facts.exposure.course_started_on
    for event in facts.state.events or ():
        if event.kind == "progression" and event.occurred_on >= started_on and (ended_on is None or event.occurred_on < ended_on):
            yield event.occurred_on
