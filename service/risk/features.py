"""The features of the risk models, and the only definition of each. Training names them; it does not compute them.

A feature is known (true or false) or unknown (None). Baseline features use what was known at
time zero: later values are never used for a prediction from the start.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from service.evidence import RISK
from service.facts import Facts
from service.facts.exposure import ACCURACY, LABELLED_AGENT, activities, total
from service.facts.response import TimePoint
from service.terminology.quantity import months_after, times

SURVIVAL = RISK["overall_survival"]
ALP_RAISED = SURVIVAL["alp_raised"]
ACTIVITY = SURVIVAL["activity"]
LANDMARK_MONTHS = int(SURVIVAL["landmark"].value)
FIRST_CYCLES = int(RISK["response_at_completion"]["first_cycles"].value)
SURVIVAL_HORIZON_MONTHS = int(SURVIVAL["horizon"].value)
PROGRESSION_HORIZON_MONTHS = int(RISK["progression_free_survival"]["horizon"].value)
LOOKED_FOR_MONTHS = int(SURVIVAL["progression_looked_for"].value)
MIBG = RISK["mibg_overall_survival"]
MIBG_LANDMARK_MONTHS = int(MIBG["landmark"].value)
MIBG_HORIZON_MONTHS = int(MIBG["horizon"].value)
EARLIEST_RESPONSE_MONTHS = int(MIBG["earliest_response"].value)
LATEST_RESPONSE_MONTHS = int(MIBG["latest_response"].value)
_BETTER_SYMPTOMS = {
    "improved": True,
    "resolved": True,
    "stable": False,
    "worse": False,
    "present": False,
}  # "none": never had any


def alp_raised(facts: Facts) -> bool | None:
    """Whether the baseline ALP is above the upper limit sent with it."""
    baseline = facts.blood["alkaline_phosphatase"].baseline
    if baseline is None or baseline.limits.upper is None:
        return None
    return times(baseline.limits.value, baseline.limits.upper, "xULN").minus(ALP_RAISED.value) > 0


def male(facts: Facts) -> bool | None:
    """Whether the sex is male; None for other and unknown."""
    return {"male": True, "female": False}.get(facts.state.patient.sex)


def landmark_on(facts: Facts) -> date | None:
    """The day of the landmark of this course, some months after its first cycle."""
    started_on = facts.exposure.course_started_on
    return months_after(started_on, LANDMARK_MONTHS) if started_on else None


def activity_reached(facts: Facts) -> bool | None:
    """Whether the activity of the activity term was received by the landmark; None if a cycle has none told."""
    landmark = landmark_on(facts)
    received = [cycle for cycle in facts.exposure.current_of(LABELLED_AGENT) if landmark is None or cycle.given_on <= landmark]
    if any(cycle.activity is None for cycle in received):
        return None
    # as accurately as activity is measured, so that rule and model say the same of one course
    return 100 * total(activities(received)).amount >= (100 - ACCURACY.value) * ACTIVITY.value


def progression_found(facts: Facts) -> date | None:
    """The first day of this course on which progression was found."""
    started_on = facts.exposure.course_started_on
    found = [point.on for point in facts.response.time_points if point.settled == "progressive_disease"]
    return min((day for day in found if started_on is not None and day > started_on), default=None)


def progressed_by(facts: Facts, day: date) -> bool | None:
    """Whether progression was found by a day of this course; None if nobody looked for it around that day or later."""
    found = progression_found(facts)
    if found is not None and found <= day:
        return True
    judged = [point.on for point in facts.response.time_points if point.settled not in (None, "not_evaluable")]
    looked = any(on >= months_after(day, -LOOKED_FOR_MONTHS) for on in judged)
    return False if looked else None


def response_at_mid_treatment(facts: Facts) -> TimePoint | None:
    """The last assessment after cycle 2 and before the next cycle; of a course without one, the last assessment."""
    exposure = facts.exposure
    cycle_2_on = exposure.given_on(FIRST_CYCLES)
    later = [cycle.given_on for cycle in exposure.current[FIRST_CYCLES:]]
    points = [point for point in facts.response.time_points if point.on > cycle_2_on and (not later or point.on <= later[0])]
    return points[-1] if points else None


def pancreatic(facts: Facts) -> bool:
    """Whether the primary is known to be pancreatic."""
    return facts.state.disease is not None and facts.state.disease.primary_site == "pancreas"


def mibg_given_on(facts: Facts) -> date | None:
    """The first treatment with I-131 MIBG."""
    given = [treatment.given_on for treatment in facts.state.treatments or () if treatment.agent == "iodine_131_mibg"]
    return min(given, default=None)


@dataclass(frozen=True, slots=True)
class MibgResponse:
    """The response at the first follow-up after MIBG that is used: its kind, its day, whether it is the better one."""

    kind: str
    on: date
    better: bool


def mibg_response(facts: Facts, given_on: date) -> MibgResponse | None:
    """Imaging, else biochemistry, else symptoms; of each the one nearest to the landmark, before any further treatment."""
    further = [
        treatment.given_on
        for treatment in facts.state.treatments or ()
        if treatment.kind not in ("somatostatin_analogue", "bone_modifying_agent") and treatment.given_on > given_on
    ]
    earliest = months_after(given_on, EARLIEST_RESPONSE_MONTHS)
    latest = min([months_after(given_on, LATEST_RESPONSE_MONTHS), *further])
    landmark = months_after(given_on, MIBG_LANDMARK_MONTHS)
    in_time = [found for found in _mibg_responses(facts) if earliest <= found.on <= latest]
    order = {"imaging": 0, "biochemistry": 1, "symptoms": 2}
    ranked = sorted(in_time, key=lambda found: (order[found.kind], abs((found.on - landmark).days), found.on, found.better))
    return ranked[0] if ranked else None


def _mibg_responses(facts: Facts) -> Iterator[MibgResponse]:
    for point in facts.response.time_points:
        if point.settled not in (None, "not_evaluable"):
            yield MibgResponse("imaging", point.on, point.settled != "progressive_disease")
    for assessed in facts.state.assessments_of_response or ():
        if assessed.kind == "biochemical":
            yield MibgResponse("biochemistry", assessed.assessed_on, assessed.response != "progression")
        elif assessed.kind == "symptomatic":
            yield MibgResponse("symptoms", assessed.assessed_on, assessed.response == "response")
    for symptoms in facts.state.symptoms or ():
        if symptoms.response in _BETTER_SYMPTOMS:
            yield MibgResponse("symptoms", symptoms.recorded_on, _BETTER_SYMPTOMS[symptoms.response])
