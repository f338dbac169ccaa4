"""An assessment in the shapes of the wire contract."""

from datetime import date

from service.assessment import Assessment
from service.evidence import SOURCES, Number, Source
from service.intake.trace import Intake
from service.next_cycle import NextCycle
from service.presentation.risks_as_json import reference_as_json, risk_as_json
from service.presentation.wire import Amount, AskedOut, AssessmentOut, MissingOut, NextCycleOut, ReasonOut, SourceOut, VerdictOut
from service.presentation.wire_intake import IntakeOut
from service.terminology.quantity import Quantity, readable
from service.verdict import Missing, Reason, Verdict


def as_json(assessment: Assessment, intake: Intake | None = None) -> AssessmentOut:
    """The whole answer, ready for a JSON encoder; with what was read from where, if it was."""
    verdicts = {verdict.rule: _verdict(verdict) for verdict in assessment.verdicts}
    answer: AssessmentOut = {
        "id": assessment.id,
        "as_of": assessment.as_of.isoformat(),
        "created_at": f"{assessment.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "patient_id": assessment.facts.state.patient.id,
        "knowledge": {
            "service": assessment.knowledge.service,
            "rules": assessment.knowledge.rules,
            "models": dict(assessment.knowledge.models),
        },
        "recommendations": [verdicts[verdict.rule] for verdict in assessment.recommendations],
        "verdicts": list(verdicts.values()),
        "missing": [AskedOut(item=asked.item, why=asked.why, asked_by=list(asked.asked_by)) for asked in assessment.missing],
        "risks": [risk_as_json(risk) for risk in assessment.risks],
        "reference_outcomes": [reference_as_json(reference) for reference in assessment.references],
        "notices": list(assessment.notices),
        "sources": {name: _SOURCES[name] for name in assessment.sources},
    }
    if assessment.next_cycle:
        answer["next_cycle"] = _next_cycle(assessment.next_cycle)
    if intake:
        answer["intake"] = _intake(intake)
    return answer


def _intake(intake: Intake) -> IntakeOut:
    return {
        "used": [
            {"resource": used.resource, "item": used.item, "date": used.date, "value": used.value, "unit": used.unit}
            for used in intake.used
        ],
        "not_used": [{"resource": each.resource, "reason": each.reason} for each in intake.not_used],
    }


def _next_cycle(next_cycle: NextCycle) -> NextCycleOut:
    window, activity = next_cycle.window, next_cycle.activity
    return {
        "decision": next_cycle.decision,
        "cycle": next_cycle.cycle,
        "due_on": _day(next_cycle.due_on),
        "window": {"opens_on": window[0].isoformat(), "closes_on": window[1].isoformat()} if window else None,
        "earliest_on": _day(next_cycle.earliest_on),
        "activity": {"value": float(readable(activity.value)), "unit": activity.unit} if activity else None,
        "decided_by": list(next_cycle.decided_by),
        "open_questions": list(next_cycle.open_questions),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def source_as_json(source: Source) -> SourceOut:
    """One source."""
    return {
        "title": source.title,
        "citation": source.citation,
        "year": source.year,
        "doi": source.doi,
        "design": source.design_with(source.n),
        "population": source.population,
        "limits": source.limits,
    }


_SOURCES = {name: source_as_json(source) for name, source in SOURCES.items()}


def _verdict(verdict: Verdict) -> VerdictOut:
    answer = verdict.answer
    return {
        "rule": verdict.rule,
        "title": verdict.title,
        "status": answer.status,
        "decision": answer.decision,
        "urgency": answer.urgency,
        "advice": answer.advice,
        "reasons": [_reason(reason) for reason in answer.reasons],
        "caveats": list(answer.caveats),
        "missing": [_missing(missing) for missing in answer.missing],
    }


def _missing(missing: Missing) -> MissingOut:
    return {"item": missing.item, "why": missing.why}


def _reason(reason: Reason) -> ReasonOut:
    said, holds, observed, number = reason
    return {
        "statement": str(said),
        "holds": holds,
        "observed": _amount(observed, number) if observed else None,
        "parameter": number.id if number else None,
        "source": number.source if number else None,
        "locator": number.locator if number else None,
        "certainty": number.kind if number else None,
    }


def _amount(observed: Quantity, beside: Number | None) -> Amount:
    return {"value": float(readable(observed.value, beside.value if beside else None)), "unit": observed.unit}
