"""Hepatic toxicity: do bilirubin, and albumin with INR, allow the next dose, and with which activity?

Bilirubin above three times the upper limit is taken literally, also with an abnormal baseline; the CTCAE
grade stands beside it. A low albumin withholds the dose only together with a raised INR: without INR it
is a question. Transaminases, ALP and GGT are judged as other toxicity.

Doubt: the numbers of the label are recalled. The EU label has a prothrombin ratio in the place of INR;
INR is taken for it.
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
from service.verdict import Answer, Missing, clear, fires, not_applicable, rule, unknown

EVIDENCE = load(__name__)
PROTHROMBIN = "The EU label has a prothrombin ratio in the place of INR."


@rule("Hepatic toxicity", evidence=EVIDENCE)
def hepatic_toxicity(facts: Facts) -> Answer:
    """Judge bilirubin, and albumin with INR, over the course by the label's dose modification."""
    exposure, episode = facts.exposure, facts.toxicity.hepatic.episode
    if not exposure.treatments_told:
        return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
    why = standing(facts.toxicity.hepatic, facts)
    caveats = (*by_analogy(facts), *((PROTHROMBIN,) if facts.jurisdiction == "eu" else ()))
    if episode.state == "stopped":
        return fires("stopped", "critical", END_TREATMENT, *why, caveats=caveats)
    if episode.state == "held":
        return fires("held", "critical", withhold(facts, "bilirubin, albumin and INR"), *why, caveats=caveats)
    if not exposure.current:
        return not_applicable("no_cycle", NO_CYCLE)
    missing = _missing(facts)
    if missing:
        advice = "Send bilirubin with its upper limit, and albumin with INR, from before the next dose."
        return unknown("not_measured", advice, *missing, reasons=why)
    if episode.state == "reduced" and exposure.remaining_cycles:
        return fires("resume", "warning", RESUME_REDUCED, *why, reduced_dose(), caveats=caveats)
    if any(reading.is_lower_grade for reading in facts.toxicity.hepatic.latest):
        advice = "Watch liver function: no dose is withheld for these grades."
        return fires("lower_grade", "info", advice, *why, caveats=caveats)
    return clear("no_toxicity", *why, caveats=caveats)


def _missing(facts: Facts) -> tuple[Missing, ...]:
    """What is needed before it can be said that nothing withholds the dose."""
    missing = [asked for item in ("bilirubin", "albumin") for asked in asked_afresh(facts, item, last_since_cycle(facts, item))]
    for reading in facts.toxicity.hepatic.not_judged:
        if reading.criterion == "bilirubin":
            missing.append(
                Missing("bilirubin.upper_limit", "The laboratory's upper limit was not told: bilirubin is judged by it.")
            )
        else:
            missing.append(Missing("inr", "INR was not told: a low albumin withholds the dose together with a raised INR."))
    return tuple(missing)
