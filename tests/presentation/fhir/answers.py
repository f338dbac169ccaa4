"""Answers of the real engine as they are stored, with and without an intake, and their bundles."""

import json
from functools import cache
from typing import Any

from service.patient.reading import read_patient
from service.presentation.as_json import as_json
from service.presentation.fhir import assessment_as_fhir
from tests.reading import TODAY, engine
from tests.vignettes import EXAMPLES

SERVICE_URL = "https://prrt.hospital.example"
INTAKE = {
    "used": [
        {"resource": "Patient/demo-017", "item": "/patient/birth_date", "date": None, "value": None, "unit": None},
        {"resource": "Observation/alp-1", "item": "/laboratory/0", "date": "2026-03-02", "value": "3.03", "unit": "ukat/L"},
        {"resource": "Observation/alp-1", "item": "/laboratory/1", "date": "2026-03-02", "value": "148", "unit": "10*9/L"},
        {"resource": "Condition/bone", "item": "/disease/metastases/1", "date": None, "value": None, "unit": None},
        {"resource": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "item": "/laboratory/2", "date": None}
        | {"value": "4.1", "unit": "g/dL"},
    ],
    "not_used": [
        {"resource": "Observation/anc-1", "reason": "is not plausible for neutrophils"},
        {"resource": "Encounter/7", "reason": "is of a type that is not read"},
        {"resource": "urn:uuid:4f3b2a10-6ad5-4c6f-a0d7-0d6b6f6d1f11", "reason": "has no status"},
    ],
}


def stored(told: bytes) -> dict[str, Any]:
    """The answer about a patient as it is answered over HTTP and kept in the record."""
    return json.loads(json.dumps(as_json(engine().assess(read_patient(told, TODAY)))))


@cache
def _text(name: str) -> str:
    return json.dumps(stored((EXAMPLES / f"{name}.json").read_bytes()))


def answer(name: str, **more: Any) -> dict[str, Any]:
    """A fresh copy of the answer about an example, with other parts in place of its own."""
    return json.loads(_text(name)) | more


def bundle(told: dict[str, Any], service_url: str | None = SERVICE_URL, **more: Any) -> dict[str, Any]:
    """The bundle of an answer, through its JSON text."""
    return json.loads(json.dumps(assessment_as_fhir(told, service_url, **more)))


def resources(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Every resource of a type in a bundle."""
    return [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == kind]


def only(found: dict[str, Any], kind: str) -> dict[str, Any]:
    """The one resource of a type in a bundle."""
    (resource,) = resources(found, kind)
    return resource


def texts(resource: dict[str, Any]) -> str:
    """The notes of a resource."""
    return "\n".join(note["text"] for note in resource.get("note", []))
