"""The whole answer as one Bundle of FHIR R4 resources."""

import re
from collections.abc import Iterator

from service.presentation.fhir.call import SERVICE, Call
from service.presentation.fhir.concerns import detected_issue
from service.presentation.fhir.devices import model_device, service_device
from service.presentation.fhir.elements import AI_ASSERTED, URI, Element, without_empties
from service.presentation.fhir.guidance import DECISION, INTAKE, guidance_response, next_cycle_parameters
from service.presentation.fhir.outcomes import Severity, operation_outcome
from service.presentation.fhir.provenance import provenance
from service.presentation.fhir.risks import risk_assessment
from service.presentation.wire import AssessmentOut
from service.presentation.wire_intake import IntakeOut

# A resource of a type that says nothing of what is judged; that one was not used is a piece of information, not a warning.
_OF_ANOTHER_TYPE = re.compile(
    r"(?!Patient/|Observation/|Condition/|Procedure/|Medication|ImagingStudy/|DiagnosticReport/)[A-Z][A-Za-z]+/.*"
)


def assessment_as_fhir(answer: AssessmentOut, service_url: str | None, request_identifier: str | None = None) -> Element:
    """A Bundle of type collection that tells the answer; the same answer gives the same bundle.

    Left out: curves and contributions of predictions, outcomes of published cohorts (they are no predictions), and rules that
    do not fire. All of it stands in the stored answer.
    `service_url` is the public URL of the service, `request_identifier` the caller's name of the request (hookInstance).
    """
    call = Call(answer, service_url, request_identifier)
    parts = list(_parts(call))
    parts.append(("provenance", provenance(call, [part for part, _ in parts])))
    bundle: Element = without_empties(
        {
            "resourceType": "Bundle",
            "id": call.identity("bundle"),
            "meta": _LABEL,
            "identifier": {"system": URI, "value": f"urn:uuid:{answer['id']}"},
            "type": "collection",
            "timestamp": answer["created_at"],
            "entry": [
                {"fullUrl": call.reference(part)["reference"], "resource": _labelled(call, part, told)} for part, told in parts
            ],
        }
    )
    return bundle


_LABEL: Element = {"security": [AI_ASSERTED]}


def _labelled(call: Call, part: str, resource: Element) -> Element:
    return {"resourceType": resource["resourceType"], "id": call.identity(part), "meta": _LABEL, **resource}


def _parts(call: Call) -> Iterator[tuple[str, Element]]:
    """Every resource but the Provenance, under the name of the part of the answer that it tells."""
    answer = call.answer
    yield "guidance", guidance_response(call)
    if "next_cycle" in answer:
        yield DECISION, next_cycle_parameters(answer, answer["next_cycle"])
    if "intake" in answer and answer["intake"]["not_used"]:
        yield INTAKE, _not_used(answer["intake"])
    for verdict in answer["recommendations"]:
        yield f"rule/{verdict['rule']}", detected_issue(call, verdict)
    for risk in answer["risks"]:
        yield f"question/{risk['question_id']}", risk_assessment(call, risk)
    yield SERVICE, service_device(call)
    for part, model in call.models:
        yield part, model_device(call, model)


def _not_used(intake: IntakeOut) -> Element:
    """What came and was not used, with the reasons."""
    return operation_outcome(
        [
            (_severity(each["resource"]), "processing", f"Not used: {each['resource']} {each['reason']}", None)
            for each in intake["not_used"]
        ]
    )


def _severity(resource: str) -> Severity:
    return "information" if _OF_ANOTHER_TYPE.fullmatch(resource) else "warning"
