"""Predictions as RiskAssessments.

The wire carries probabilities of survival. FHIR's `outcome` names what the probability is of, so each names being alive
(and without progression), never the event: nothing is turned into its complement on the way.
"""

from collections.abc import Iterator

from service.presentation.fhir.call import Call, model_part
from service.presentation.fhir.elements import Element, months, named, notes
from service.presentation.wire_risks import GroupOut, HorizonOut, MedianOut, RiskOut
from service.risk.questions import Outcome

_CODES: dict[Outcome, str] = {
    "overall_survival": "alive",
    "progression_free_survival": "alive_without_progression",
    "response_at_completion": "partial_response_at_completion",
}
_STATES: dict[Outcome, str] = {
    "overall_survival": "Alive",
    "progression_free_survival": "Alive and without progression",
    "response_at_completion": "Partial response at completion",
}
_NOT_OF: dict[Outcome, str] = {
    "overall_survival": "Probability of being alive, not of death",
    "progression_free_survival": "Probability of being alive and without progression, not of progression or death",
    "response_at_completion": "Probability of a partial response",
}


def risk_assessment(call: Call, risk: RiskOut) -> Element:
    """The answer to one question; without an estimate it has no prediction, and its notes say why."""
    model = risk["model"]
    return {
        "resourceType": "RiskAssessment",
        "status": "preliminary",
        "method": named("model", model["name"], f"{model['name']} {model['version']}"),
        "code": named("question", risk["question_id"], risk["question"]),
        "subject": call.subject,
        "occurrenceDateTime": call.answer["created_at"],
        "performer": call.reference(model_part(model)),
        "basis": call.basis,
        "prediction": [_prediction(risk, horizon) for horizon in risk["horizons"]],
        "note": notes(*_remarks(risk)),
    }


def _prediction(risk: RiskOut, horizon: HorizonOut) -> Element:
    outcome = risk["outcome"]
    return {
        "outcome": named("outcome", _CODES[outcome], f"{_STATES[outcome]}{_when(risk, horizon['months'])}"),
        "probabilityDecimal": horizon["probability"],
        "whenRange": None if horizon["months"] is None else {"low": months(0), "high": months(horizon["months"])},
        "rationale": (
            f"{_NOT_OF[outcome]}; 95 % interval {horizon['lower']} to {horizon['upper']}. "
            "What the interval does not hold stands in the notes."
        ),
    }


def _when(risk: RiskOut, count: int | None) -> str:
    """The horizon in words, with the origin from which it counts; nothing for an outcome without a time."""
    if count is None:
        return ""
    if risk["time_origin"] == "start_of_prrt":
        return f" {count} months after the start of PRRT"
    return f" {count} months after the landmark, which is {risk['landmark_months']} months after time zero"


def _remarks(risk: RiskOut) -> Iterator[str]:
    """Of whom it speaks, why there is no estimate, the median, both groups, and what it must not be taken for."""
    yield f"Question: {risk['question']}."
    yield f"Population: {risk['population']}."
    if risk["status"] != "estimated":
        yield f"No prediction; {risk['status']}: {' '.join(risk['applicability']['reasons'])}"
    if median := risk["median_months"]:
        yield _median(median, risk["horizons"])
    yield from (_group(group) for group in risk["groups"])
    yield from risk["caveats"]


def _median(median: MedianOut, horizons: list[HorizonOut]) -> str:
    longest = max(horizon["months"] or 0 for horizon in horizons)
    value, lower, upper = (
        f"beyond {longest}" if each is None else str(each) for each in (median["value"], median["lower"], median["upper"])
    )
    return f"Median {value} months; 95 % interval {lower} to {upper} months."


def _group(group: GroupOut) -> str:
    figures = "; ".join(
        f"{each['months']} months {each['probability']} ({each['lower']} to {each['upper']})" for each in group["horizons"]
    )
    answer = "yes" if group["value"] else "no"
    return f"A description of the group with {group['feature']} {answer}, not the effect of changing it: {figures}."
