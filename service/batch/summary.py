"""An assessment as one row of a table: the decision, the rules that fire, and the probabilities with their bounds."""

from collections.abc import Iterator, Sequence
from typing import Any

from service.assessment import Assessment
from service.batch.assessing import Crashed, Refused, Wrong
from service.risk.artefacts import ServedModel
from service.risk.predict import HORIZON_STEP_MONTHS, Band
from service.risk.questions import Question
from service.verdict import URGENCIES

TOLD = ("patient_id", "as_of", "decision", "cycle", "due_on", "earliest_on", "decided_by", "open_questions")
PROBLEM = "problem"
WHOLE_NUMBERS = frozenset({"cycle"})
_BOUNDS = ("probability", "lower", "upper")
_BETWEEN = ";"


def names(models: Sequence[ServedModel]) -> tuple[str, ...]:
    """The columns of a summary."""
    questions = [predictor.question for model in models for predictor in model.predictors.values()]
    risks = [name for question in questions for name in (_status(question), *_numbers(question))]
    return (*TOLD, *URGENCIES, "unknown", *risks, PROBLEM)


def is_number(name: str) -> bool:
    """Whether a column holds probabilities."""
    return name.rpartition(".")[2] in _BOUNDS


def summary(found: Assessment | Wrong) -> dict[str, Any]:
    """The columns that tell something; the others stay empty."""
    if not isinstance(found, Assessment):
        return {PROBLEM: _problem(found)}
    told: dict[str, Any] = {"patient_id": found.facts.state.patient.id, "as_of": found.as_of.isoformat()}
    if next_cycle := found.next_cycle:
        told |= {
            "decision": next_cycle.decision,
            "cycle": next_cycle.cycle,
            "due_on": next_cycle.due_on and next_cycle.due_on.isoformat(),
            "earliest_on": next_cycle.earliest_on and next_cycle.earliest_on.isoformat(),
            "decided_by": _BETWEEN.join(next_cycle.decided_by),
            "open_questions": _BETWEEN.join(next_cycle.open_questions),
        }
    verdicts = [(verdict.rule, verdict.answer) for verdict in found.verdicts]
    for urgency in URGENCIES:
        told[urgency] = _BETWEEN.join(rule for rule, answer in verdicts if answer.urgency == urgency)
    told["unknown"] = _BETWEEN.join(rule for rule, answer in verdicts if answer.status == "unknown")
    for risk in found.risks:
        told[_status(risk.question)] = risk.status
        if risk.estimate:
            bands = [risk.estimate.probability] if risk.estimate.probability else [band for _, band in risk.estimate.horizons]
            told |= zip(_numbers(risk.question), _values(bands), strict=True)
    return told


def _problem(wrong: Wrong) -> str:
    """What is wrong with a row, without a value."""
    if isinstance(wrong, Refused):
        return "; ".join(f"{refusal.pointer} {refusal.message}".strip() for refusal in wrong.refusals)
    return f"internal error ({wrong.error})" if isinstance(wrong, Crashed) else "is too long"


def _status(question: Question) -> str:
    return f"{question.id}.status"


def _numbers(question: Question) -> Iterator[str]:
    """The columns of a question, in the order in which an estimate tells its horizons."""
    last = question.horizon_months
    months = range(HORIZON_STEP_MONTHS, last + 1, HORIZON_STEP_MONTHS) if last else ()
    places = [f"{question.id}.{each}" for each in months] or [question.id]
    return (f"{place}.{bound}" for place in places for bound in _BOUNDS)


def _values(bands: Sequence[Band]) -> Iterator[float]:
    return (value for band in bands for value in (band.value, band.lower, band.upper))
