"""Renal toxicity: do creatinine and its clearance allow the next dose, and with which activity?

The clearance is the measured one, else Cockcroft-Gault with the actual body weight. The label's "40 %"
is read as 40 % or more, its "less than 40 mL/min" as strict. Creatinine is always needed, also beside a
measured clearance: it alone tells a change that the clearance of one day does not.

Doubt: the numbers of the label are recalled. Doubt: a toxicity counts as resolved when nothing triggers
and every value that had a baseline is back within a tenth of it.
"""

from service.evidence import load
from service.facts import Facts
from service.phrases import (
    END_TREATMENT,
    NO_CYCLE,
    RESUME_REDUCED,
    SEND_TREATMENTS,
    asked_afresh,
    by_analogy,
    last_since_cycle,
    reduced_dose,
    standing,
    treatments_not_told,
    withhold,
)
from service.verdict import Answer, Missing, Reason, clear, fires, not_applicable, note, rule, unknown

EVIDENCE = load(__name__)


@rule("Renal toxicity", evidence=EVIDENCE)
def renal_toxicity(facts: Facts) -> Answer:
    """Judge creatinine and clearance over the course by the label's dose modification."""
    exposure, episode = facts.exposure, facts.toxicity.renal.episode
    if not exposure.treatments_told:
        return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
    why, caveats = (*standing(facts.toxicity.renal, facts), *_creatinine_grade(facts)), by_analogy(facts)
    if episode.state == "stopped":
        return fires("stopped", "critical", END_TREATMENT, *why, caveats=caveats)
    if episode.state == "held":
        return fires("held", "critical", withhold(facts, "creatinine"), *why, caveats=caveats)
    if not exposure.current:
        return not_applicable("no_cycle", NO_CYCLE)
    missing = _missing(facts)
    if missing:
        advice = "Send creatinine of now and from before the first cycle, with what its clearance needs."
        return unknown("not_measured", advice, *missing, reasons=why)
    if episode.state == "reduced" and exposure.remaining_cycles:
        return fires("resume", "warning", RESUME_REDUCED, *why, reduced_dose(), caveats=caveats)
    grade = facts.blood["creatinine"].grade
    if grade and grade.lowest:
        advice = "Watch renal function: no dose is withheld for this grade."
        return fires("lower_grade", "info", advice, *why, caveats=caveats)
    return clear("no_toxicity", *why, caveats=caveats)


def _creatinine_grade(facts: Facts) -> tuple[Reason, ...]:
    grade = facts.blood["creatinine"].grade
    return (note(f"Creatinine is {grade}."),) if grade and facts.blood["creatinine"].during_course else ()


def _missing(facts: Facts) -> tuple[Missing, ...]:
    """What is needed before it can be said that nothing withholds the dose."""
    last = {reading.criterion: reading for reading in facts.toxicity.renal.latest}
    missing = [*asked_afresh(facts, "creatinine", last_since_cycle(facts, "creatinine"))]
    if facts.blood["creatinine"].baseline is None:
        missing.append(
            Missing("baseline_creatinine", "Creatinine before the first cycle was not told: it shows whether it has risen.")
        )
    clearance = last.get("clearance_low")
    if clearance is None:
        why = "Clearance is not known: it needs weight, birth date and sex (adults), or to be measured."
        missing.append(Missing("creatinine_clearance", why))
    else:
        since = clearance.on > (facts.exposure.last_cycle_on or facts.as_of)
        missing += asked_afresh(facts, "creatinine_clearance", clearance.on if since else None)
    return tuple(missing)
