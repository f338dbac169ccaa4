"""The entries of the lists of a patient's state, each as one FHIR resource."""

from collections.abc import Callable
from typing import Any

from service.intake.own_extension import extension_of
from service.intake.unread_imaging import EVIDENCE_TYPE
from service.intake.written import basic, completed, concept, is_fhir_time, quantity, quantity_of
from service.patient.fields import RequestPart
from service.patient.findings import AssessmentOfResponse, ImagingStudy, LaboratoryValue
from service.patient.person import Comorbidity
from service.patient.treatment import Treatment
from service.terminology.codes import code_of

_PROCEDURES = ("sirt", "external_beam_radiotherapy", "surgery")
_STUDY = {"coding": [{"system": "http://loinc.org", "code": "18748-4", "display": "Diagnostic imaging study"}]}


def observation(means: str) -> dict[str, Any]:
    """A final observation of one of our readings, without its value."""
    return {"resourceType": "Observation", "status": "final", "code": concept(code_of("reading", means))}


def laboratory_value(value: LaboratoryValue) -> dict[str, Any]:
    """An Observation with the laboratory's limits as its reference range."""
    timed = value.taken_at is not None and is_fhir_time(value.taken_at)
    core: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "code": concept(code_of("analyte", value.analyte)),
        "effectiveDateTime": (value.taken_at if timed and value.taken_at else value.taken_on).isoformat(),
        "valueQuantity": quantity(value.value, value.unit),
    }
    limits = {"low": value.lower_limit, "high": value.upper_limit}
    told = {side: quantity(limit, value.unit) for side, limit in limits.items() if limit is not None}
    if told:
        core["referenceRange"] = [told]
    carried = {"analyte", "value", "unit", "taken_on", "lower_limit", "upper_limit", *(["taken_at"] if timed else ())}
    return completed(core, "laboratory", value, carried)


def treatment(given: Treatment) -> dict[str, Any]:
    """A MedicationAdministration, or a Procedure."""
    if given.kind in _PROCEDURES:
        code = code_of("procedure", given.kind)
        core = {"resourceType": "Procedure", "status": "completed", "code": concept(code, given.kind)}
        carried = {"given_on", "kind"} if code else {"given_on"}
        return completed(core | {"performedDateTime": given.given_on.isoformat()}, "treatments", given, carried)
    of_activity = given.kind == "radiopharmaceutical"
    code = code_of("radiopharmaceutical", given.agent or "") if of_activity else code_of("drug", given.kind, given.agent)
    core = {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "medicationCodeableConcept": concept(code, given.kind),
        "effectiveDateTime": given.given_on.isoformat(),
    }
    carried = {"given_on", "kind", "agent"} if code else {"given_on"}
    dosage: dict[str, Any] = {}
    if code and given.activity is not None:  # FHIR has no dosage without a dose
        dosage = {"dose": quantity_of(given.activity)}
        carried |= {"activity"}
        if given.route is not None:
            dosage["route"] = concept(code_of("route", given.route))
            carried |= {"route"}
    return completed(core | ({"dosage": dosage} if dosage else {}), "treatments", given, carried)


def imaging_study(study: ImagingStudy) -> dict[str, Any]:
    """A DiagnosticReport."""
    modality = code_of("study", study.modality or "")
    response = code_of("response", study.overall_response or "")
    core: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "category": [concept(modality or code_of("study", "imaging"))],
        "code": _STUDY,
        "effectiveDateTime": study.performed_on.isoformat(),
    }
    if response is not None:
        core["conclusionCode"] = [concept(response)]
    carried = {"performed_on", *(["modality"] if modality else ()), *(["overall_response"] if response else ())}
    written = completed(core, "imaging", study, carried)
    if "conclusionCode" in written or "extension" in written:
        return written
    return written | {"extension": [extension_of("imaging", {})]}  # else the reader takes it for a report of nothing


def assessment_of_response(judged: AssessmentOfResponse) -> dict[str, Any]:
    """A cancer disease status as mCODE has it."""
    return {
        **observation("disease_status"),
        "extension": [{"url": EVIDENCE_TYPE, "valueCodeableConcept": concept(code_of("evidence", judged.kind))}],
        "effectiveDateTime": judged.assessed_on.isoformat(),
        "valueCodeableConcept": concept(code_of("trend", judged.response)),
    }


def comorbidities(told: tuple[Comorbidity, ...]) -> list[dict[str, Any]]:
    """A Condition for each that has a code. What the list says again is a Basic: conditions that repeat count once."""
    resources = []
    for index, each in enumerate(told):
        code = code_of("comorbidity", each.kind)
        again = each in told[:index]
        core = {"resourceType": "Condition", "code": concept(code)}
        resources.append(core if code and not again else basic("comorbidities", each))
    return resources


WRITERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "laboratory": laboratory_value,
    "treatments": treatment,
    "imaging": imaging_study,
    "assessments_of_response": assessment_of_response,
}


def written_entry(name: str, entry: RequestPart) -> dict[str, Any]:
    """One entry of the list `name` as a resource without its subject."""
    return WRITERS[name](entry) if name in WRITERS else basic(name, entry)
