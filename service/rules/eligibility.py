"""Eligibility: may this patient have the next dose at all?

Judged before every cycle: pregnancy, breast-feeding, differentiation, uptake on SSTR imaging, disease that
is FDG-positive and SSTR-negative, age, label, other conditions. Blood, kidney, liver and performance are
judged before cycle 1 of a course only; afterwards the toxicity rules decide, and what is asked only here
makes no later cycle a question.

Doubt: no age is at hand above which pregnancy can be excluded, so it is asked of every patient who is not
male. Doubt: leukocytes below the limit count as lymphopenia alone if lymphocytes are below their lower
limit and neutrophils are not. Doubt: a missing birth date makes only the first cycle a question.
"""

from collections.abc import Iterator

from service.evidence import CRITERIA, load
from service.facts import Facts
from service.facts.conditions import last_given
from service.facts.exposure import LABELLED_AGENT
from service.facts.toxicity.hepatic import liver_synthesis
from service.phrases import (
    CONDITION_NOT_TOLD,
    SEND_TREATMENTS,
    by_analogy,
    reading_told,
    response_not_told,
    too_old,
    treatments_not_told,
)
from service.terminology.quantity import count, days
from service.verdict import (
    Answer,
    Missing,
    above,
    at_least,
    at_most,
    below,
    cite,
    clear,
    fires,
    not_applicable,
    note,
    rule,
    together,
    unknown,
)
from service.vocabulary import ANALYTE_NAMES, PRRT_AGENTS, Analyte

EVIDENCE = load(__name__)
ROWS = [row.id for row in EVIDENCE.decisions]
COUNTS: tuple[Analyte, ...] = ("haemoglobin", "platelets", "leukocytes")
LABEL = CRITERIA["dose_modification"]
YOUNGEST = {"us": EVIDENCE["youngest_us"], "eu": EVIDENCE["youngest_eu"]}
NETTER_2 = cite(EVIDENCE.finding("progression_free_survival_of_high_grade"))

# Grounds that are a plain condition of the same name; what is asked when a critical one was not told.
CONDITIONS = (
    fires("pregnant", "critical", "Do not give PRRT in pregnancy.", note("The patient is pregnant.")),
    fires("breast_feeding", "critical", "Do not give PRRT while breast-feeding.", note("The patient is breast-feeding.")),
    fires("poorly_differentiated", "critical", "Do not give PRRT for a carcinoma.", note("It is poorly differentiated.")),
    fires("discordant", "critical", "Do not give PRRT; discuss other treatment.", note("FDG-positive, SSTR-negative disease.")),
    fires("marrow_neoplasm", "critical", "Give no PRRT; refer to haematology.", note("MDS or leukaemia is recorded.")),
    fires("not_all_positive", "warning", "Discuss the lesions without uptake.", note("Not every lesion takes up the tracer.")),
    fires("outside_the_eu_label", "warning", "Record the off-label use.", note("The EU label is for progressive grade 1 to 2.")),
    fires("carcinoid_heart_disease", "warning", "Have the heart judged first.", note("Carcinoid heart disease is known.")),
    fires("hydronephrosis", "warning", "Have the urinary tract judged before the dose.", note("Hydronephrosis is known.")),
    fires("bowel_obstruction", "warning", "Have the bowel judged before the dose.", note("Bowel obstruction is a risk.")),
    fires("brain_metastases", "warning", "Have the brain judged before the dose.", note("Brain metastases are known.")),
    fires("primary_outside_the_label", "info", "Record the off-label use.", note("The label is not for lung or thymus.")),
    fires("functional_syndrome", "info", "Be prepared for a hormonal crisis.", note("A functional syndrome is known.")),
)
FIRST_LINE = "Weigh the evidence for grade 3, which is of first-line treatment."
GRADE_3 = note("The tumour is well differentiated, grade 3.")
HIGH_GRADE = fires("well_differentiated_grade_3", "info", FIRST_LINE, GRADE_3, NETTER_2)
ASKED = ("pregnant", "breast_feeding", "poorly_differentiated", "discordant")
CONDITIONS_NOT_READ = Missing("conditions", "A condition is recorded that was not read; it may be a ground against the dose.")
ALSO_ASKED = ("not_all_positive", "hydronephrosis", "brain_metastases", "primary_outside_the_label")
OF_THE_TUMOUR = ("functional_syndrome", "well_differentiated_grade_3")

Ground = Answer | Missing  # a Missing leaves a critical row open


@rule("Eligibility", evidence=EVIDENCE)
def eligibility(facts: Facts) -> Answer:
    """Judge every ground against the next dose; the most urgent speaks."""
    exposure = facts.exposure
    if exposure.cycles_told and not exposure.is_given_or_planned:
        return not_applicable("no_prrt", note("No PRRT was given and none is planned."))
    if exposure.current and not exposure.remaining_cycles:
        return not_applicable("course_given", note(f"All {exposure.planned_cycles} planned cycles of the course were given."))
    if exposure.current and not facts.awaited.cycles:
        return not_applicable("none_awaited", note("The last cycle was long ago, and no further one is planned."))
    judged = [*_every_cycle(facts), *(() if exposure.current else _first_cycle(facts))]
    grounds = sorted((each for each in judged if isinstance(each, Answer)), key=lambda ground: ROWS.index(ground.decision))
    open_rows = [ground for ground in judged if isinstance(ground, Missing)]
    asked = (*open_rows, *_also_asked(facts))
    caveats = by_analogy(facts)
    if any(ground.urgency == "critical" for ground in grounds):
        return together(*grounds, caveats=caveats, missing=asked)
    known = tuple(reason for ground in grounds for reason in ground.reasons)
    if not exposure.cycles_told:
        cycles = treatments_not_told(facts)
        return unknown("not_told", SEND_TREATMENTS, cycles, *asked, reasons=(note(cycles.why), *known))
    if open_rows:
        advice = "Send what is missing: a ground against the dose cannot be excluded."
        return unknown("not_judged", advice, *asked, reasons=(*(note(each.why) for each in open_rows), *known))
    if grounds:
        return together(*grounds, caveats=caveats, missing=asked)
    return clear("eligible", note("No ground against the next dose was found."), caveats=caveats, missing=asked)


def _also_asked(facts: Facts) -> Iterator[Missing]:
    """What was not told and leaves no critical row open."""
    exposure = facts.exposure
    yield from (CONDITION_NOT_TOLD[name] for name in (*ALSO_ASKED, *OF_THE_TUMOUR) if facts.conditions[name] is None)
    disease = facts.state.disease
    if facts.jurisdiction == "eu" and (disease is None or disease.progressive_on_somatostatin_analogue is None):
        why = "Progression was not told: the EU label is for progressive disease."
        yield Missing("disease.progressive_on_somatostatin_analogue", why)
    if facts.age is None and exposure.current:
        yield Missing("birth_date", "The date of birth was not told: the label has a lowest age.")
    if facts.state.performance is None and not exposure.current:
        yield Missing("performance", "Performance status was not told: it is discussed before the first cycle.")
    if exposure.agent in PRRT_AGENTS and exposure.agent != LABELLED_AGENT and exposure.interval is None:
        yield Missing("plan.interval", "The planned interval was not told: the label's belongs to Lu-177 DOTATATE alone.")


def _every_cycle(facts: Facts) -> Iterator[Ground]:
    for ground in CONDITIONS:
        holds = facts.conditions[ground.decision]
        if holds:
            yield ground
        elif holds is None and ground.decision in ASKED:
            yield CONDITION_NOT_TOLD[ground.decision]
    if not facts.state.tells_all("conditions"):
        yield CONDITIONS_NOT_READ
    yield from _uptake(facts)
    yield from _progression(facts)
    if facts.age is not None:
        too_young = below(facts.age, YOUNGEST[facts.jurisdiction], "Age")
        if too_young:
            yield fires("too_young", "critical", "Do not give PRRT below the age of the label.", too_young)
    last_on, next_on = last_given(facts.state, "chemotherapy", "sirt"), facts.awaited.dose_on or facts.as_of
    recent = (
        below(days(last_on, next_on), EVIDENCE["wash_out"], "Time from chemotherapy or SIRT to the dose") if last_on else None
    )
    if recent:
        yield fires("recent_treatment", "warning", "Let blood and liver recover from the last treatment before the dose.", recent)


def _progression(facts: Facts) -> Iterator[Ground]:
    """Progression before mid-treatment; from then on it is the matter of the response assessment."""
    cycle_on, current = facts.exposure.last_cycle_on, facts.exposure.current
    early = below(count(len(current)), CRITERIA["follow_up"]["imaging_after_cycle"], "Number of cycles in the current course")
    latest = facts.response.latest_after(cycle_on) if cycle_on and early else None
    unread_on = facts.response.unread_after(cycle_on) if cycle_on and early else None
    if latest and latest.settled == "progressive_disease":
        yield fires("progressed", "critical", "Hold the next dose and restage.", note(f"Progression was found on {latest.on}."))
    elif unread_on:
        yield response_not_told(facts, unread_on)


def _uptake(facts: Facts) -> Iterator[Ground]:
    imaging = facts.state.disease.sstr_imaging if facts.state.disease else None
    if imaging is None or imaging.krenning_score is None:
        why = "Uptake on SSTR imaging was not told: it shows whether PRRT reaches the tumour."
        yield Missing("disease.sstr_imaging.krenning_score", why)
        return
    too_little = at_most(count(imaging.krenning_score), EVIDENCE["too_little_uptake"], "Krenning score")
    little = at_most(count(imaging.krenning_score), EVIDENCE["little_uptake"], "Krenning score")
    if too_little:
        yield fires("low_uptake", "critical", "Do not give PRRT: the uptake is below that of the liver.", too_little)
    elif little:
        yield fires("uptake_about_liver", "warning", "Confirm that the uptake is at least that of normal liver.", little)


def _first_cycle(facts: Facts) -> Iterator[Ground]:
    if facts.age is None:
        yield Missing("birth_date", "The date of birth was not told: the label has a lowest age.")
    yield from _kidney(facts)
    yield from _counts(facts)
    yield from _liver(facts)
    performance = facts.state.performance
    ecog = performance.ecog if performance else None
    karnofsky = performance.karnofsky if performance else None
    why = [at_least(count(ecog), EVIDENCE["ecog_for_caution"], "ECOG")] if ecog is not None else []
    why += [at_most(count(karnofsky), EVIDENCE["karnofsky_for_caution"], "Karnofsky")] if karnofsky is not None else []
    if any(why):
        advice = "Discuss at the board whether the patient is fit for PRRT."
        yield fires("poor_performance", "warning", advice, *(reason for reason in why if reason))
    if facts.conditions[HIGH_GRADE.decision]:
        yield HIGH_GRADE


def _kidney(facts: Facts) -> Iterator[Ground]:
    clearance = facts.clearance
    if clearance is None:
        why = "Clearance is not known: it needs creatinine, weight, birth date and sex (adults), or to be measured."
        yield Missing("creatinine_clearance", why)
        return
    yield from too_old(facts, "creatinine_clearance", clearance.taken_on)
    label = f"Creatinine clearance on {clearance.taken_on}, {clearance.words},"
    too_low = below(clearance.quantity, LABEL["lowest_clearance"], label)
    low = below(clearance.quantity, EVIDENCE["clearance_for_caution"], label)
    if too_low:
        yield fires("clearance_too_low", "critical", "Do not begin PRRT at this renal function.", too_low)
    elif low:
        yield fires("clearance_low", "warning", "Weigh the dose to the kidneys before the first cycle.", low)


def _counts(facts: Facts) -> Iterator[Ground]:
    for analyte in COUNTS:
        yield from _known(facts, analyte, facts.blood[analyte].latest is not None)
    haemoglobin, platelets, leukocytes = (facts.blood[analyte].quantity for analyte in COUNTS)
    anaemic = below(haemoglobin, EVIDENCE["lowest_haemoglobin"], "Haemoglobin") if haemoglobin else None
    if anaemic:
        yield fires("haemoglobin_too_low", "critical", "Do not begin PRRT at this haemoglobin.", anaemic)
    thrombocytopenic = below(platelets, EVIDENCE["lowest_platelets"], "Platelets") if platelets else None
    if thrombocytopenic:
        yield fires("platelets_too_low", "critical", "Do not begin PRRT at these platelets.", thrombocytopenic)
    leukopenic = below(leukocytes, EVIDENCE["lowest_leukocytes"], "Leukocytes") if leukocytes else None
    if leukopenic and facts.conditions["lymphopenia_alone"] is None:
        why = "Lymphocytes and neutrophils with their lower limits were not told: it may be lymphopenia alone."
        yield Missing("lymphocytes", why)
    elif leukopenic and not facts.conditions["lymphopenia_alone"]:
        yield fires("leukocytes_too_low", "critical", "Do not begin PRRT at these leukocytes.", leukopenic)


def _liver(facts: Facts) -> Iterator[Ground]:
    bilirubin, albumin, inr = (facts.blood[analyte] for analyte in ("bilirubin", "albumin", "inr"))
    yield from _known(facts, "bilirubin", bilirubin.to_upper_limit is not None)
    yield from _known(facts, "albumin", albumin.latest is not None)
    multiple = bilirubin.to_upper_limit
    too_high = above(multiple, LABEL["highest_bilirubin"], "Bilirubin") if multiple else None
    if too_high:
        yield fires("bilirubin_too_high", "critical", "Do not begin PRRT at this bilirubin.", too_high)
    synthesis = liver_synthesis(albumin.latest, albumin, inr, albumin.latest.taken_on) if albumin.latest else None
    if synthesis and synthesis.triggers:
        yield fires("albumin_with_inr", "critical", "Do not begin PRRT at this albumin and INR.", reading_told(synthesis))
    elif synthesis and synthesis.triggers is None:
        yield Missing("inr", "INR was not told: a low albumin counts together with a raised INR.")


def _known(facts: Facts, analyte: Analyte, known: bool) -> tuple[Missing, ...]:
    """The question for a value that cannot be judged, or is too old."""
    latest = facts.blood[analyte].latest
    if latest is None or not known:
        name, limit = ANALYTE_NAMES[analyte].capitalize(), " with its upper limit" if latest else ""
        return (Missing(analyte, f"{name}{limit} was not told: it must be known before the first cycle."),)
    return too_old(facts, analyte, latest.taken_on)
