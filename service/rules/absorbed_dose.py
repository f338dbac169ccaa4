"""Absorbed dose: do kidneys and marrow stay within their limits, where dosimetry was done?

The sum is that of a lifetime: every cycle of every course, and the cycles still to come. Each
organ is judged by itself. Dosimetry is optional in practice: without it the published doses per
activity are told, and nothing is asked for, before the first cycle as well as after it.

Doubt: a cycle without dosimetry counts at the mean of those with, among the cycles given too.

Doubt: where a risk factor of the kidney was not told and none is known, the lower limit applies.

Doubt: the latest creatinine clearance counts, however old it is.
"""

from dataclasses import replace

from service.evidence import CRITERIA, Parameter, load
from service.facts import Facts
from service.facts.dosimetry import OrganDose
from service.phrases import SEND_TREATMENTS, by_analogy, treatments_not_told
from service.verdict import (
    Answer,
    Missing,
    Reason,
    above,
    below,
    cite,
    clear,
    fires,
    not_applicable,
    note,
    recalled_mark,
    rule,
    together,
    unknown,
)

EVIDENCE = load(__name__)
MARROW_LIMIT = EVIDENCE["marrow_limit"]
KIDNEY_LIMIT = EVIDENCE["kidney_limit"]
EFFECTIVE_LIMIT = EVIDENCE["effective_limit"]
EFFECTIVE_LIMIT_AT_RISK = EVIDENCE["effective_limit_at_risk"]
REDUCED_CLEARANCE = EVIDENCE["reduced_clearance"]
SPREAD = EVIDENCE.finding("spread")
PUBLISHED = (
    cite(EVIDENCE.finding("kidney_per_activity_lowest")),
    cite(EVIDENCE.finding("kidney_per_activity")),
    cite(EVIDENCE.finding("kidney_per_activity_label")),
    note(f"The published kidney doses per activity differ {SPREAD.value}-fold (derived); none is this patient's.", SPREAD),
    cite(EVIDENCE.finding("marrow_per_activity_label")),
)
MODEL = CRITERIA["dosimetry"]
REPAIR, DELIVERY = MODEL["repair_half_life"], MODEL["effective_half_life"]
ALPHA_BETA = MODEL["alpha_beta"]
BY_MODEL = note(
    f"The biologically effective dose (BED) is computed with alpha/beta {ALPHA_BETA.value} {ALPHA_BETA.unit}, half-life of "
    f"repair {REPAIR.value} {REPAIR.unit} and effective half-life {DELIVERY.value} {DELIVERY.unit}{recalled_mark(ALPHA_BETA)}.",
    ALPHA_BETA,
)
EXTERNAL_BEAM = "The kidney limit of absorbed dose stems from external beams, those of BED from small cohorts."
ONE_ORGAN = {
    "marrow": Missing("treatments.absorbed_dose.marrow", "The marrow dose was not told; only the kidneys were judged."),
    "kidney": Missing("treatments.absorbed_dose.kidney", "The kidney dose was not told; only the marrow was judged."),
}


@rule("Absorbed dose of kidneys and marrow", evidence=EVIDENCE)
def absorbed_dose(facts: Facts) -> Answer:
    """Compare the doses given, and those still planned, with the limits of kidneys and marrow."""
    if not facts.exposure.cycles_told:
        return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
    if not facts.exposure.is_given_or_planned:
        return not_applicable("no_prrt", note("No PRRT was given and none is planned."))
    kidney, marrow = facts.dosimetry.kidney, facts.dosimetry.marrow
    if kidney is None and marrow is None:
        return _without_dosimetry(facts)
    judged = [*(_marrow(facts, marrow) if marrow else ()), *(_kidney(facts, kidney) if kidney else ())]
    grounds = [each for each in judged if isinstance(each, Answer)]
    within = tuple(each for each in judged if isinstance(each, Reason))
    caveats = (EXTERNAL_BEAM,) if kidney else ()
    missing = (*(() if kidney else (ONE_ORGAN["kidney"],)), *(() if marrow else (ONE_ORGAN["marrow"],)))
    if not grounds:
        return clear("within_limits", *within, caveats=caveats, missing=missing)
    answer = together(*grounds, caveats=caveats, missing=missing)
    return replace(answer, reasons=(*answer.reasons, *within))


def _without_dosimetry(facts: Facts) -> Answer:
    advice = "Consider dosimetry of kidneys and marrow with the next cycle; it is optional."
    if not facts.awaited.cycles:
        advice = "Do not take a published dose per activity for this patient's own if a further cycle is considered."
    return fires("no_dosimetry", "info", advice, note("No dosimetry was told."), *PUBLISHED, caveats=by_analogy(facts))


def _marrow(facts: Facts, marrow: OrganDose) -> tuple[Answer | Reason, ...]:
    """The grounds on which the marrow fires, and what is to be said of it anyway."""
    basis = _basis(facts, "marrow", marrow)
    given = above(marrow.given, MARROW_LIMIT, "Marrow dose of the cycles given")
    if given:
        advice = "Give no further cycle until the board has judged the marrow dose and the blood counts."
        return (fires("marrow_exceeded", "critical", advice, given, basis),)
    projected = above(marrow.projected, MARROW_LIMIT, "Marrow dose given and still planned")
    if projected:
        advice = "Put the remaining cycles to the board: with them the marrow passes its limit."
        return (fires("marrow_projected", "warning", advice, projected, given, basis),)
    return (projected, basis)


def _kidney(facts: Facts, kidney: OrganDose) -> tuple[Answer | Reason, ...]:
    """The grounds on which the kidneys fire, and what is to be said of them anyway."""
    limit, risk, asked = _limit(facts)
    said: list[Answer | Reason] = []
    effective = above(kidney.effective, limit, "BED of the kidneys from the cycles given")
    if effective:
        advice = "Give no further cycle until the board has judged the kidney dose and the kidney function."
        said.append(fires("kidney_exceeded", "critical", advice, effective, risk, BY_MODEL, missing=asked))
    else:
        said += [effective, risk, BY_MODEL]
    projected = above(kidney.projected, KIDNEY_LIMIT, "Kidney dose given and still planned")
    basis = _basis(facts, "kidney", kidney)
    if projected:
        advice = "Put any further cycle to the board: with what is given and planned the kidneys pass their limit."
        said.append(fires("kidney_projected", "warning", advice, projected, basis))
    else:
        said += [projected, basis]
    return tuple(said)


def _basis(facts: Facts, organ: str, dose: OrganDose) -> Reason:
    """From which cycles the dose is known, and which are estimated."""
    assumed = " (assumed; no plan was told)" if dose.awaited_cycles and not facts.exposure.planned else ""
    cycles = f"Cycles given {dose.given_cycles}, still to come {dose.awaited_cycles}{assumed}"
    measured = f"mean {organ} dose of a cycle {dose.mean.words}"
    if not dose.cycles_without:
        return note(f"{cycles}; {measured}.")
    return note(f"{cycles}; {measured}, which counts for the {dose.cycles_without} given without dosimetry as well.")


def _limit(facts: Facts) -> tuple[Parameter, Reason, tuple[Missing, ...]]:
    """The limit of the effective dose, why it is that one, and what would decide it."""
    known: list[str] = []
    asked: list[Missing] = []
    for condition in ("diabetes", "hypertension"):
        has = facts.conditions[condition]
        if has:
            known.append(condition)
        elif has is None:
            asked.append(Missing("comorbidities", "Diabetes and hypertension were not told: they decide the kidney limit."))
    if facts.clearance is None:
        asked.append(Missing("creatinine_clearance", "Creatinine clearance is not known: a reduced one lowers the kidney limit."))
    else:
        reduced = below(facts.clearance.quantity, REDUCED_CLEARANCE, f"creatinine clearance ({facts.clearance.words})")
        known += [reduced.statement] if reduced else []
    if known:
        return EFFECTIVE_LIMIT_AT_RISK, note(f"Risk factors of the kidney: {', '.join(known)}."), ()
    if asked:
        risk = note("The risk factors of the kidney were not all told; the limit with a risk factor is applied.")
        return EFFECTIVE_LIMIT_AT_RISK, risk, tuple(dict.fromkeys(asked))
    return EFFECTIVE_LIMIT, note("No risk factor of the kidney: neither diabetes, hypertension nor reduced clearance."), ()
