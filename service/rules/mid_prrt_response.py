"""Mid-PRRT response assessment: what the study after cycle 2 says about going on.

The study behind it required four cycles for entry: it has no patient with early progression.
So progression is judged by the definition of progression, not by this study, and stable
disease is never by itself a reason to stop. PR at mid-treatment and at completion are
measured against the same baseline, so part of the association between them is built in.

Doubt: the latest assessment counts, but a progression found earlier in the course is never
silently erased by a later, better reading: it must be reconciled.

A study that is newer than every assessment, and of which no response was told or could be read, leaves the question open:
the older assessment does not stand in for it, unless that was progression, which holds until it is looked at.

Doubt: marrow reserve is reduced by a grade 2 count after the first cycle of the course or
by earlier chemotherapy; where counts are missing it is asked for, and not assumed.
"""

from dataclasses import replace
from datetime import date

from service.evidence import CRITERIA, load
from service.facts import Facts
from service.facts.response import TimePoint
from service.phrases import SEND_TREATMENTS, by_analogy, response_not_told, treatments_not_told
from service.terminology.quantity import count
from service.verdict import Answer, Missing, Reason, at_least, below, cite, fires, not_applicable, note, rule, unknown
from service.vocabulary import ANALYTE_NAMES

EVIDENCE = load(__name__)
FIRST_CYCLES = EVIDENCE["first_cycles"]
COURSE_CYCLES = EVIDENCE["course_cycles"]
REDUCED_MARROW_GRADE = EVIDENCE["reduced_marrow_grade"]
STUDY = (
    cite(EVIDENCE.finding("completion_after_response")),
    cite(EVIDENCE.finding("completion_after_stable_disease")),
    cite(EVIDENCE.finding("additional_response")),
)
PANCREATIC = cite(EVIDENCE.finding("pancreatic_reduction_with_response"))
DEFINITION = CRITERIA["recist_1_1"]["progression_relative"]
COUNTS = ("platelets", "haemoglobin", "neutrophils")
NO_EFFECT = (
    "Part of the association is built in: both responses are measured against the same baseline.",
    "The study required four cycles for entry and reports neither PFS nor OS.",
)
RESTAGE = "Assess response by CT or MRI with RECIST 1.1 (and SSTR PET/CT) against the pre-treatment study before the next cycle."
WORDS = {
    "complete_response": "complete response",
    "partial_response": "partial response",
    "stable_disease": "stable disease",
    "non_cr_non_pd": "non-CR/non-PD (no target lesions)",
    "progressive_disease": "progressive disease",
    "not_evaluable": "not evaluable",
}


@rule("Mid-PRRT response assessment", evidence=EVIDENCE)
def mid_prrt_response(facts: Facts) -> Answer:
    """Judge the latest assessment after cycle 2 of the current course."""
    exposure = facts.exposure
    if not exposure.cycles_told:
        return unknown(
            "not_told",
            SEND_TREATMENTS,
            treatments_not_told(facts),
        )
    if not exposure.all_cycles:
        return not_applicable("no_prrt", note("No PRRT was given."))
    given = count(len(exposure.current))
    too_few = below(given, FIRST_CYCLES, "Number of cycles in the current course")
    if too_few:
        return not_applicable("before_two_cycles", too_few)
    complete = at_least(given, COURSE_CYCLES, "Number of cycles in the current course")
    if complete or not exposure.remaining_cycles:
        return not_applicable("course_given", complete or note("All planned cycles were given."))
    cycle_2_on = exposure.given_on(int(FIRST_CYCLES.value))
    latest = facts.response.latest_after(cycle_2_on)
    unread_on = facts.response.unread_after(cycle_2_on)
    if latest is None and unread_on is not None:
        return _newest_not_told(facts, unread_on)
    if latest is None:
        asked = Missing("imaging", f"No response was told after cycle 2, given on {cycle_2_on}.")
        return unknown("not_assessed", RESTAGE, asked)
    progression = facts.response.progression_after(cycle_2_on)
    undecided = unread_on is not None or latest.settled in (None, "not_evaluable")
    answer = _judge(facts, progression if progression and undecided else latest, progression)
    if unread_on is None:
        return answer
    if answer.urgency == "critical":
        return replace(answer, missing=(*answer.missing, response_not_told(facts, unread_on)))
    return _newest_not_told(facts, unread_on, *answer.reasons)


def _newest_not_told(facts: Facts, on: date, *known: Reason) -> Answer:
    advice = "Read the newest imaging and send its response before the next cycle."
    return unknown("newest_not_told", advice, response_not_told(facts, on), reasons=known)


def _judge(facts: Facts, point: TimePoint, progression: TimePoint | None) -> Answer:
    why = _what_was_seen(point)
    missing = _sclerosis(point)
    if point.settled is None:
        not_told = " and ".join(point.not_told)
        asked = Missing("imaging.non_target", f"Not told of {point.on}: {not_told}. Progression is not excluded.")
        advice = "Complete the reading: state non-target disease and new lesions, or the overall response."
        return unknown("progression_not_excluded", advice, asked, *missing, reasons=why)
    if point.settled == "not_evaluable":
        asked = Missing("imaging", "The response is not known: a study is needed that can be compared with the baseline.")
        return unknown("not_evaluable", RESTAGE, asked, *missing, reasons=why)
    if point.stated == "progressive_disease" and point.disagrees:
        advice = "Reconcile the stated progression with radiology before the next cycle."
        return fires("disagreement", "warning", advice, *why, caveats=point.doubts, missing=missing)
    if point.settled == "progressive_disease":
        advice = "Hold the next cycle and restage."
        return fires("progression", "critical", advice, *why, *_definition(point), caveats=point.doubts, missing=missing)
    if progression:
        advice = "Reconcile the earlier progression with radiology before the next cycle."
        seen = (*_what_was_seen(progression), *why)
        return fires("earlier_progression", "warning", advice, *seen, caveats=point.doubts, missing=missing)
    caveats = (*NO_EFFECT, *by_analogy(facts, "study"), *point.doubts)
    if point.settled in ("partial_response", "complete_response"):
        advice = "Continue to the planned course."
        return fires("response", "info", advice, *why, *STUDY, *_pancreatic(facts), caveats=caveats, missing=missing)
    return _stable(facts, why, caveats, missing)


def _stable(facts: Facts, why: tuple[Reason, ...], caveats: tuple[str, ...], missing: tuple[Missing, ...]) -> Answer:
    """Stable disease, or non-target disease that neither vanished nor grew."""
    alarms, unknowns = _little_reserve(facts)
    missing = (*missing, *unknowns)
    if alarms:
        advice = "Do not stop for stable disease alone; weigh at the board what further cycles can add against marrow exposure."
        return fires("stable_with_little_reserve", "warning", advice, *why, *alarms, *STUDY, caveats=caveats, missing=missing)
    advice = "Do not stop for stable disease alone; weigh what further cycles can add against marrow exposure."
    return fires("stable", "info", advice, *why, *STUDY, caveats=caveats, missing=missing)


def _what_was_seen(point: TimePoint) -> tuple[Reason, ...]:
    """The assessment in words, with a word on where its two readings differ."""
    seen: list[Reason] = []
    if point.computed:
        seen.append(note(f"Study of {point.on}: {WORDS[point.computed]}, computed by RECIST 1.1{_measured(point)}."))
    if point.stated:
        seen.append(note(f"Assessment of {point.on}: {WORDS[point.stated]}, as stated."))
    if point.not_comparable:
        seen.append(note(point.not_comparable))
    if point.disagrees:
        seen.append(note("Stated and computed response disagree; the computed one is used."))
    elif point.computed and point.not_told:
        not_told = " and ".join(point.not_told)
        seen.append(note(f"Not told: {not_told}. The worse of stated and computed counts."))
    return tuple(seen)


def _measured(point: TimePoint) -> str:
    """The sum with its change against the baseline, and with its growth over the nadir where that decides."""
    if point.sum_mm is None or point.change is None or point.nadir_mm is None:
        return ""
    text = f"sum of diameters {point.sum_mm.words}, {point.change.words} against the baseline"
    grown = f", {point.growth.words} over the nadir of {point.nadir_mm.words}" if point.growth and point.shows_progression else ""
    return f" ({text}{grown})"


def _definition(point: TimePoint) -> tuple[Reason, ...]:
    if not point.shows_progression:
        return (note("The reason is the stated progression; the study of mid-treatment response has no such patients."),)
    why = "The reason is the definition of progression; the study of mid-treatment response has no such patients."
    return (note(why, DEFINITION),)


def _sclerosis(point: TimePoint) -> tuple[Missing, ...]:
    if not point.sclerosis_only:
        return ()
    return (Missing("sstr_pet", "SSTR PET/CT was not told: new sclerosis of bone can be healing (MD Anderson criteria)."),)


def _pancreatic(facts: Facts) -> tuple[Reason, ...]:
    disease = facts.state.disease
    return (PANCREATIC,) if disease and disease.primary_site == "pancreas" else ()


def _little_reserve(facts: Facts) -> tuple[tuple[Reason, ...], tuple[Missing, ...]]:
    """What speaks for little to gain or little marrow to spend, and what is not known of it."""
    alarms: list[Reason] = []
    missing: list[Missing] = []
    disease = facts.state.disease
    if disease is None or disease.primary_site is None:
        missing.append(
            Missing(
                "disease.primary_site", "The primary site was not told: if pancreatic, stable disease is a matter for the board."
            )
        )
    elif disease.primary_site == "pancreas":
        alarms.append(note("The primary is pancreatic."))
    if any(treatment.kind == "chemotherapy" for treatment in facts.state.treatments or ()):
        alarms.append(note("Chemotherapy was given; marrow reserve may be reduced."))
    for analyte in COUNTS:
        reduced = facts.blood[analyte].reached_in_course(int(REDUCED_MARROW_GRADE.value))
        if reduced:
            version = facts.ctcae_version
            grade = f"CTCAE {version} grade {REDUCED_MARROW_GRADE.value} or worse"
            alarms.append(note(f"{ANALYTE_NAMES[analyte].capitalize()} reached {grade} in this course.", REDUCED_MARROW_GRADE))
        elif reduced is None:
            missing.append(
                Missing(
                    analyte, "Counts of this course with the laboratory's limits were not told: they show the marrow reserve."
                )
            )
    return tuple(alarms), tuple(missing)
