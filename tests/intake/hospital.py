"""Resources as a hospital sends them, of one patient, and what is read from them."""

import json
from datetime import date
from typing import Any

import jiter

from service.intake.reading import read_resources
from service.intake.trace import Intake

TODAY = date(2026, 3, 10)
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
ATC = "http://www.whocc.no/atc"
LUTETIUM = {"coding": [{"system": ATC, "code": "V10XX04"}]}
SUBJECT = {"reference": "Patient/p1"}
PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1961-04-02"}


def coded(code: str, system: str = LOINC, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, **more}]}


def amount(value: Any, unit: str, code: str | None = None) -> dict[str, Any]:
    return {"value": value, "unit": unit} | ({"system": UCUM, "code": code} if code else {})


def without_nothing(resource: dict[str, Any]) -> dict[str, Any]:
    """A member that a test sets to None is not there."""
    return {name: member for name, member in resource.items() if member is not None}


def lab(loinc: str = "6768-6", value: Any = 182, unit: str = "U/L", **more: Any) -> dict[str, Any]:
    told = {
        "resourceType": "Observation",
        "id": "lab",
        "status": "final",
        "subject": SUBJECT,
        "code": coded(loinc),
        "effectiveDateTime": "2026-03-02",
        "valueQuantity": amount(value, unit),
    }
    return without_nothing(told | more)


def condition(code: str, system: str = SNOMED, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": "c", "subject": SUBJECT, "code": coded(code, system)} | more


def administration(**more: Any) -> dict[str, Any]:
    told = {
        "resourceType": "MedicationAdministration",
        "id": "given",
        "status": "completed",
        "subject": SUBJECT,
        "medicationCodeableConcept": LUTETIUM,
        "effectiveDateTime": "2026-01-19",
        "dosage": {"dose": amount(7.4, "GBq", "GBq")},
    }
    return without_nothing(told | more)


def order(**more: Any) -> dict[str, Any]:
    told = {
        "resourceType": "MedicationRequest",
        "id": "order",
        "status": "draft",
        "intent": "order",
        "subject": SUBJECT,
        "medicationCodeableConcept": LUTETIUM,
    }
    return without_nothing(told | more)


def service_request(**more):
    told = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "intent": "plan",
        "subject": SUBJECT,
        "code": LUTETIUM,
    }
    return without_nothing(told | more)


def exact(node: Any) -> Any:
    """The node as the service reads it from JSON text, with exact decimals."""
    return jiter.from_json(json.dumps(node).encode(), float_mode="decimal")


def read(*resources: Any, patient: dict[str, Any] | None = None, today: date = TODAY, patient_id: str | None = None) -> Intake:
    """The intake of these resources beside the patient."""
    return read_resources([exact(each) for each in (patient or PATIENT, *resources)], today, patient_id)


def reasons(*resources: Any, **how: Any) -> list[str]:
    return [each.reason for each in read(*resources, **how).not_used]
