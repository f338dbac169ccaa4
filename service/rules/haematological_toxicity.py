"""Haematological toxicity: do platelets, haemoglobin and neutrophils allow the next dose, and with which activity?

The label withholds a dose for each of the three on its own, resumes with a reduced dose after recovery,
and ends treatment when the toxicity comes back or delays a dose for too long. Lymphopenia alone changes
nothing. Each count is followed over the whole course.

Doubt: under CTCAE 6.0 neutrophils below 1.0 are grade 2 and no longer withhold the dose. The trials
behind the label called this grade 3, so it is a warning.

Doubt: where no lower limit was sent, grade 0 and grade 1 cannot be told apart. Neither changes the dose.
"""

from service.evidence import CRITERIA, load
from service.facts import Facts
from service.facts.toxicity.families import Toxicity
from service.phrases import (
    END_TREATMENT,
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
    withhold,
)
from service.verdict import Answer, Missing, clear, fires, not_applicable, note, rule, together, unknown

EVIDENCE = load(__name__)
SEVERE = CRITERIA["dose_modification"]["neutropenia_grade"]


@rule("Haematological toxicity", evidence=EVIDENCE)
def haematological_toxicity(facts: Facts) -> Answer:
    """Judge each count over the course by the label's dose modification."""
    exposure, counts = facts.exposure, facts.toxicity.haematological
    if not exposure.treatments_told:
        return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
    caveats = by_analogy(facts)
    stopped = standing_in("stopped", counts, facts)
    if stopped:
        return fires("stopped", "critical", END_TREATMENT, *stopped, caveats=caveats)
    held = standing_in("held", counts, facts)
    if held:
        return fires("held", "critical", withhold(facts, "the blood count"), *held, caveats=caveats)
    if not exposure.current:
        return not_applicable("no_cycle", NO_CYCLE)
    missing = [asked for each in counts for asked in asked_afresh(facts, each.name, last_since_cycle(facts, each.name))]
    missing += [Missing(each.name, reading_told(reading).statement) for each in counts for reading in each.not_judged]
    if missing:
        known = tuple(reason for each in counts for reason in standing(each, facts))
        asked = tuple(dict.fromkeys(missing))
        return unknown("not_measured", "Send a blood count from before the next dose.", *asked, reasons=known)
    grounds = [*_resume(counts, facts), *_milder(facts), *_lower_grade(counts, facts), *_lymphopenia(facts)]
    if grounds:
        return together(*grounds, caveats=caveats)
    return clear("no_toxicity", *(reason for each in counts for reason in standing(each, facts)), caveats=caveats)


def _resume(counts: tuple[Toxicity, ...], facts: Facts) -> list[Answer]:
    recovered = standing_in("reduced", counts, facts)
    if not recovered or not facts.exposure.remaining_cycles:
        return []
    return [fires("resume", "warning", RESUME_REDUCED, *recovered, reduced_dose())]


def _milder(facts: Facts) -> list[Answer]:
    reading = facts.toxicity.milder_neutropenia
    if reading is None:
        return []
    why = note(f"CTCAE {facts.ctcae_version} withholds no dose for these neutrophils; the trials behind the label graded them 3.")
    advice = "Look at the neutrophils before the next dose: an earlier version of CTCAE would withhold it."
    return [fires("neutrophils_graded_milder", "warning", advice, reading_told(reading), why)]


def _lower_grade(counts: tuple[Toxicity, ...], facts: Facts) -> list[Answer]:
    told = ("reduced",) if facts.exposure.remaining_cycles else ()  # these are told with the reduced dose
    others = [each for each in counts if each.episode.state not in told]
    low = [each for each in others if any(reading.is_lower_grade for reading in each.latest)]
    if not low:
        return []
    advice = "Watch the counts: no dose is withheld for these grades."
    return [fires("lower_grade", "info", advice, *(reason for each in low for reason in standing(each, facts)))]


def _lymphopenia(facts: Facts) -> list[Answer]:
    grade = facts.blood["lymphocytes"].grade
    if not grade or not facts.blood["lymphocytes"].during_course or not grade.at_least(int(SEVERE.value)):
        return []
    return [
        fires("lymphopenia", "info", "Do not change the dose for lymphopenia alone.", note(f"Lymphocytes are {grade}.", SEVERE))
    ]
