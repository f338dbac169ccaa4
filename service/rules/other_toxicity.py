"""Other toxicity: do liver enzymes or recorded events of grade 3 to 4 withhold the next dose?

Transaminases, ALP and GGT count by their CTCAE grade; events count if they may be related to PRRT.
Hypersensitivity of grade 3 to 4 ends treatment at its first occurrence.

What was found and cannot be graded leaves the next dose undetermined; what was not looked for is a question
that does not.

Doubt: the table of the label says "possibly related"; a liver enzyme of grade 3 to 4 is taken as possibly
related. Doubt: a dose that is told as delayed for toxicity beyond the label's limit, with no value
that shows it, is for the board to reconcile.
"""

from service.evidence import load
from service.facts import Facts
from service.facts.toxicity.other import ENZYMES
from service.phrases import (
    END_TREATMENT,
    LONGEST_DELAY,
    NO_CYCLE,
    RESUME_REDUCED,
    SEND_TREATMENTS,
    asked_afresh,
    by_analogy,
    last_since_cycle,
    reading_told,
    reduced_dose,
    standing,
    standing_in,
    treatments_not_told,
)
from service.verdict import Answer, Missing, clear, fires, not_applicable, note, rule, unknown
from service.vocabulary import ANALYTE_NAMES

EVIDENCE = load(__name__)


@rule("Other toxicity", evidence=EVIDENCE)
def other_toxicity(facts: Facts) -> Answer:
    """Judge liver enzymes and events over the course by the label's dose modification."""
    exposure, every = facts.exposure, (*facts.toxicity.enzymes, *facts.toxicity.events)
    if not exposure.treatments_told:
        return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
    caveats = by_analogy(facts)
    stopped = standing_in("stopped", every, facts)
    if stopped:
        return fires("stopped", "critical", END_TREATMENT, *stopped, caveats=caveats)
    held = standing_in("held", every, facts)
    if held:
        advice = "Withhold the next dose until the toxicity is grade 0 to 2 (an event: until it has resolved)."
        return fires("held", "critical", advice, *held, caveats=caveats)
    if not exposure.current:
        return not_applicable("no_cycle", NO_CYCLE)
    if facts.toxicity.told_delay_until and not facts.toxicity.in_force:
        advice = "Reconcile the told delay with the values before any further dose; so long a delay ends treatment."
        told = note(
            f"The next dose is told as delayed for toxicity, beyond {facts.toxicity.told_delay_until}.",
            LONGEST_DELAY[facts.jurisdiction],
        )
        return fires("told_delay", "critical", advice, told, caveats=caveats)
    not_judged = _not_judged(facts)
    if not_judged:
        known = tuple(reason for each in every for reason in standing(each, facts))
        advice = "Send what the grade of these needs: it cannot be excluded that they withhold the dose."
        return unknown("not_judged", advice, *not_judged, reasons=known)
    missing = _not_measured(facts)
    recovered = standing_in("reduced", every, facts)
    if recovered and exposure.remaining_cycles:
        return fires("resume", "warning", RESUME_REDUCED, *recovered, reduced_dose(), caveats=caveats, missing=missing)
    if missing:
        known = tuple(reason for each in every for reason in standing(each, facts))
        return unknown("not_measured", "Complete the liver panel and the events of this course.", *missing, reasons=known)
    seen = tuple(reading_told(reading) for each in every for reading in each.latest)
    if any(reading.is_lower_grade for each in every for reading in each.latest):
        advice = "Look at these before the next dose: no dose is withheld for their grade."
        return fires("lower_grade", "info", advice, *seen, caveats=caveats)
    return clear("no_toxicity", *seen, caveats=caveats)


def _not_judged(facts: Facts) -> tuple[Missing, ...]:
    """What was found and cannot be graded."""
    missing: list[Missing] = []
    for reading in (reading for each in facts.toxicity.enzymes for reading in each.not_judged):
        name = ANALYTE_NAMES[reading.criterion]
        why = f"The upper limit of {name} and the value before the first cycle were not told: its grade needs them."
        missing.append(Missing(f"baseline_{reading.criterion}", why))
    for reading in (reading for each in facts.toxicity.events for reading in each.not_judged):
        why = f"{reading.criterion}: {reading.remark}. Tell its grade and whether it may be related."
        missing.append(Missing("events", why))
    return tuple(missing)


def _not_measured(facts: Facts) -> tuple[Missing, ...]:
    """What was not looked for, or long ago."""
    missing = [asked for name in ENZYMES for asked in asked_afresh(facts, name, last_since_cycle(facts, name))]
    if facts.state.events is None:
        missing.append(Missing("events", "The events of this course were not told: say so if there were none."))
    return tuple(missing)
