"""For whom each question is answered, and with which inputs.

Refused: the patient is known to be outside. Unknown: something was not told without which
nobody can say, and which cannot be averaged over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.facts import Facts
from service.facts.exposure import LABELLED_AGENT, PLANNED_CYCLES
from service.facts.kidney import ADULT_AGE, age_in_years
from service.risk import features
from service.terminology.quantity import months_after

THORACIC_OR_GEP = ("lung", "pancreas", "small_intestine", "colon", "rectum", "stomach", "appendix")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a question knows of one patient. `refused` and `missing` say why there is no estimate."""

    values: Mapping[str, bool | None]
    member: str = ""  # which of the model's estimators is used
    refused: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    caveats: tuple[str, ...] = ()


@dataclass(slots=True)
class _Findings:
    """What was found about the population so far."""

    refused: list[str]
    missing: list[tuple[str, str]]
    caveats: list[str]

    def inputs(self, values: Mapping[str, bool | None], member: str) -> Inputs:
        return Inputs(values, member, tuple(self.refused), tuple(self.missing), tuple(self.caveats))


def _well_differentiated(facts: Facts) -> _Findings:
    found = _Findings([], [], [])
    differentiation = facts.state.disease.differentiation if facts.state.disease else None
    if differentiation is None:
        found.missing.append(("disease.differentiation", "The population is well-differentiated tumours."))
    elif differentiation == "poor":
        found.refused.append("Poorly differentiated: outside the population.")
    return found


def _first_course_with_skeletal_metastases(facts: Facts) -> _Findings:
    found = _well_differentiated(facts)
    if facts.bone.metastases is None:
        found.missing.append(("disease.metastases", "The population has skeletal metastases."))
    elif not facts.bone.metastases:
        found.refused.append("No skeletal metastases: outside the population.")
    _first_course(facts, found)
    _adult(facts, found)
    return found


def _first_course(facts: Facts, found: _Findings) -> None:
    exposure = facts.exposure
    if not exposure.cycles_told and not exposure.planned:
        found.missing.append(("treatments", "The population was treated with Lu-177 DOTATATE."))
    elif exposure.agent is None and exposure.planned:
        found.missing.append(("plan.agent", "The population was treated with Lu-177 DOTATATE."))
    elif exposure.agent != LABELLED_AGENT:
        found.refused.append("Lu-177 DOTATATE is neither given nor planned: outside the population.")
    if exposure.earlier:
        found.refused.append("A further course: the population had its first.")
    if any(cycle.agent != LABELLED_AGENT for cycle in exposure.current):
        found.refused.append("A cycle of another agent: the population had Lu-177 DOTATATE only.")


def _adult(facts: Facts, found: _Findings) -> None:
    born = facts.state.patient.birth_date
    if born is None:
        found.caveats.append("The age was not told; the population is adult.")
    elif age_in_years(born, facts.as_of) < ADULT_AGE.value:
        found.refused.append("Below 18 years: outside the population.")


def _clock(found: _Findings, started_on: date | None, as_of: date, horizon_months: int) -> None:
    """The clock runs from time zero: a curve that lies in the past is refused, one that has begun says so."""
    if started_on is None or as_of <= started_on:
        return
    if as_of > months_after(started_on, horizon_months):
        found.refused.append(f"The clock started on {started_on}; every horizon of this question lies in the past.")
    found.caveats.append(f"The clock started on {started_on}; the figures are not conditional on having lived so far.")


def _progression(facts: Facts, found: _Findings, *, is_the_event: bool) -> None:
    day = features.progression_found(facts)
    if day is not None and is_the_event:
        found.refused.append(f"Progression was found on {day}: the event has happened, there is nothing left to predict.")
    elif day is not None:
        found.caveats.append(f"Progression, found on {day}, is not taken into account; survival is likely shorter than shown.")


def _baseline_alp(facts: Facts, found: _Findings) -> dict[str, bool | None]:
    baseline = facts.blood["alkaline_phosphatase"].baseline
    if baseline is not None:
        found.caveats.append(f"Baseline ALP is that of {baseline.taken_on}.")
    return {"alp_raised": features.alp_raised(facts), "male": features.male(facts)}


def survival_from_start(facts: Facts) -> Inputs:
    """Survival from the start."""
    found = _first_course_with_skeletal_metastases(facts)
    _clock(found, facts.exposure.course_started_on, facts.as_of, features.SURVIVAL_HORIZON_MONTHS)
    _progression(facts, found, is_the_event=False)
    return found.inputs(_baseline_alp(facts, found), "from_start")


def progression_from_start(facts: Facts) -> Inputs:
    """Progression-free survival from the start; no covariate effect was reported."""
    found = _first_course_with_skeletal_metastases(facts)
    _clock(found, facts.exposure.course_started_on, facts.as_of, features.PROGRESSION_HORIZON_MONTHS)
    _progression(facts, found, is_the_event=True)
    return found.inputs({}, "from_start")


def _landmark(facts: Facts) -> _Findings:
    """Those alive and progression-free at the landmark."""
    found = _first_course_with_skeletal_metastases(facts)
    landmark = features.landmark_on(facts)
    if landmark is None or facts.as_of < landmark:
        found.refused.append(f"{features.LANDMARK_MONTHS} months after the first cycle are not reached.")
        return found
    progressed = features.progressed_by(facts, landmark)
    if progressed is None:
        found.missing.append(("imaging", f"Nobody is known to have looked for progression around {landmark} or later."))
    elif progressed:
        found.refused.append("Progression by the landmark: the question is for those without.")
    if features.activity_reached(facts) is None:
        found.missing.append(("treatments.activity", "The activity received by the landmark is an input."))
    return found


def survival_landmark(facts: Facts) -> Inputs:
    """Survival from the landmark."""
    found = _landmark(facts)
    _clock(found, facts.exposure.course_started_on, facts.as_of, features.SURVIVAL_HORIZON_MONTHS)
    _progression(facts, found, is_the_event=False)
    values = {**_baseline_alp(facts, found), "activity_reached": features.activity_reached(facts)}
    return found.inputs(values, "landmark")


def progression_landmark(facts: Facts) -> Inputs:
    """Progression-free survival from the landmark."""
    found = _landmark(facts)
    _clock(found, facts.exposure.course_started_on, facts.as_of, features.PROGRESSION_HORIZON_MONTHS)
    _progression(facts, found, is_the_event=True)
    return found.inputs({"activity_reached": features.activity_reached(facts)}, "landmark")


def response(facts: Facts) -> Inputs:
    """Partial response at completion."""
    found = _well_differentiated(facts)
    _first_course(facts, found)
    _adult(facts, found)
    exposure = facts.exposure
    if not exposure.cycles_told:
        found.missing.append(("treatments", "Mid-treatment is counted in cycles."))
        return found.inputs({"responded": None}, "responded")
    if len(exposure.current) < features.FIRST_CYCLES:
        found.refused.append("Mid-treatment, after two cycles, is not reached.")
        return found.inputs({"responded": None}, "responded")
    if len(exposure.current) >= PLANNED_CYCLES.value:
        found.refused.append("The course is given; there is nothing left to predict.")
    if exposure.planned_cycles < PLANNED_CYCLES.value:
        found.refused.append("Fewer than four cycles are planned: outside the population.")
    point = features.response_at_mid_treatment(facts)
    settled = point.settled if point else None
    if settled == "progressive_disease":
        found.refused.append("Progressive disease at mid-treatment: the study has no such patients.")
    elif settled == "complete_response":
        found.refused.append("Complete response at mid-treatment: there is no partial response left to predict.")
    elif settled in (None, "not_evaluable"):
        found.missing.append(("imaging", "The response after cycle 2, before the next cycle, is the input."))
    if features.pancreatic(facts):
        found.caveats.append("In the study a pancreatic primary shrank further after a response.")
    return found.inputs({"responded": settled == "partial_response"}, "responded")


def mibg(facts: Facts) -> Inputs:
    """Survival after I-131 MIBG; exactly one response is used."""
    found = _Findings([], [], [])
    given_on = features.mibg_given_on(facts)
    if facts.state.treatments is None:
        found.missing.append(("treatments", "The population was treated with I-131 MIBG."))
    elif given_on is None:
        found.refused.append("No I-131 MIBG was given: outside the population.")
    if given_on is None:
        return found.inputs({}, "")
    _adult(facts, found)
    _stage_four(facts, found)
    if facts.as_of < months_after(given_on, features.MIBG_LANDMARK_MONTHS):
        found.refused.append(f"{features.MIBG_LANDMARK_MONTHS} months after treatment are not reached.")
    _clock(found, given_on, facts.as_of, features.MIBG_HORIZON_MONTHS)
    used = features.mibg_response(facts, given_on)
    if used is None:
        found.missing.append(
            ("assessments_of_response", "The response at the first follow-up, about 3 months after treatment, is the input.")
        )
        return found.inputs({}, "")
    found.caveats.append(f"The response used ({used.kind}) is that of {used.on}; the treatment was on {given_on}.")
    return found.inputs({f"better_{used.kind}": used.better}, used.kind)


def _stage_four(facts: Facts, found: _Findings) -> None:
    """Stage IV pulmonary or gastroenteropancreatic disease."""
    disease = facts.state.disease
    if disease is None or disease.metastases is None:
        found.missing.append(("disease.metastases", "The population is stage IV."))
    elif not disease.metastases:
        found.refused.append("No metastases: the population is stage IV.")
    if disease is None or disease.primary_site in (None, "unknown"):
        found.caveats.append("The primary is unknown; the population is pulmonary or gastroenteropancreatic.")
    elif disease.primary_site not in THORACIC_OR_GEP:
        found.refused.append("The primary is neither pulmonary nor gastroenteropancreatic: outside the population.")
    if disease is not None and disease.differentiation == "poor":
        found.refused.append("Poorly differentiated: outside the population.")
