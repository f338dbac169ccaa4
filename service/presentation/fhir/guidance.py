"""The whole answer as a GuidanceResponse, and the decision for the next cycle as Parameters."""

from collections.abc import Iterator

from service.presentation.fhir.call import SERVICE, Call
from service.presentation.fhir.conformance import OPERATION, definition_url
from service.presentation.fhir.devices import NOT_A_DEVICE
from service.presentation.fhir.elements import URI, Element, notes, quantity
from service.presentation.fhir.wanted import data_requirements
from service.presentation.wire import AssessmentOut, NextCycleOut

DECISION = "decision"
INTAKE = "intake"


def guidance_response(call: Call) -> Element:
    """The call, whether more data is wanted, and the decision in words."""
    answer = call.answer
    intake = answer.get("intake")
    return {
        "resourceType": "GuidanceResponse",
        "requestIdentifier": {"value": call.request_identifier},
        "identifier": [{"system": URI, "value": f"urn:uuid:{answer['id']}"}],
        "moduleCanonical": f"{definition_url(call.service_url)}|{answer['knowledge']['service']}",
        "status": _status(answer),
        "subject": call.subject,
        "occurrenceDateTime": answer["created_at"],
        "performer": call.reference(SERVICE),
        "note": notes(*_remarks(answer)),
        "evaluationMessage": [call.reference(INTAKE)] if intake and intake["not_used"] else None,
        "outputParameters": call.reference(DECISION) if "next_cycle" in answer else None,
        "dataRequirement": data_requirements(answer["missing"]),
    }


def next_cycle_parameters(answer: AssessmentOut, next_cycle: NextCycleOut) -> Element:
    """The decision for a machine: the names are those of the wire contract."""
    window, activity = next_cycle["window"], next_cycle["activity"]
    told: list[Element | None] = [
        {"name": "assessment", "valueString": answer["id"]},
        {"name": "as_of", "valueDate": answer["as_of"]},
        {"name": "decision", "valueCode": next_cycle["decision"]},
        None if next_cycle["cycle"] is None else {"name": "cycle", "valueInteger": next_cycle["cycle"]},
        _day("due_on", next_cycle["due_on"]),
        {"name": "window", "valuePeriod": {"start": window["opens_on"], "end": window["closes_on"]}} if window else None,
        _day("earliest_on", next_cycle["earliest_on"]),
        {"name": "activity", "valueQuantity": quantity(activity)} if activity else None,
        *({"name": "decided_by", "valueString": rule} for rule in next_cycle["decided_by"]),
        *({"name": "open_questions", "valueString": rule} for rule in next_cycle["open_questions"]),
    ]
    return {"resourceType": "Parameters", "parameter": told}


def _day(name: str, day: str | None) -> Element | None:
    return {"name": name, "valueDate": day} if day else None


def _status(answer: AssessmentOut) -> str:
    """data-required: the decision needs more. data-requested: decided, and more would help."""
    next_cycle = answer.get("next_cycle")
    if next_cycle and next_cycle["decision"] == "undetermined":
        return "data-required"
    return "data-requested" if answer["missing"] else "success"


def _remarks(answer: AssessmentOut) -> Iterator[str]:
    yield f"${OPERATION}: assessed as of {answer['as_of']}. {NOT_A_DEVICE}"
    next_cycle = answer.get("next_cycle")
    yield " ".join(_decision(next_cycle)) if next_cycle else "No next cycle is awaited: there is none to decide."
    yield from answer["notices"]
    yield from (f"Missing: {asked['item']}. {asked['why']}" for asked in answer["missing"])


def _decision(next_cycle: NextCycleOut) -> Iterator[str]:
    number = f" {next_cycle['cycle']}" if next_cycle["cycle"] else ""
    yield f"Next cycle{number}: {next_cycle['decision'].replace('_', ' ')}."
    if next_cycle["due_on"]:
        yield f"Due on {next_cycle['due_on']}."
    if window := next_cycle["window"]:
        yield f"Window {window['opens_on']} to {window['closes_on']}."
    if next_cycle["earliest_on"]:
        yield f"Not before {next_cycle['earliest_on']}."
    if activity := next_cycle["activity"]:
        yield f"Activity {activity['value']} {activity['unit']}."
    yield f"Decided by {', '.join(next_cycle['decided_by'])}."
    if next_cycle["open_questions"]:
        yield f"Open questions: {', '.join(next_cycle['open_questions'])}."
