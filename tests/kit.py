"""The test patients as an integrator may post them: FHIR bundles and CDS Hooks requests. `make docs` writes them."""

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import simplejson

from service.cds_hooks.catalogue import PREFETCH, SERVICES
from service.intake.writing import state_as_fhir
from service.patient.reading import read_patient
from tests.vignettes import EXAMPLES, TODAY, names

LUTATHERA = {
    "coding": [{"system": "http://www.whocc.no/atc", "code": "V10XX04", "display": "lutetium (177Lu) oxodotreotide"}],
}
_KEYS = {
    "Patient": "patient",
    "Condition": "conditions",
    "MedicationAdministration": "treatments",
    "Procedure": "procedures",
    "DiagnosticReport": "reports",
    "MedicationRequest": "medication_orders",
    "ServiceRequest": "service_orders",
}
_ANALYTES = {part.partition("|")[2] for part in PREFETCH["laboratory"].partition("code=")[2].partition("&")[0].split(",")}


def bundle(name: str) -> dict[str, Any]:
    """A test patient as a FHIR Bundle."""
    return state_as_fhir(read_patient((EXAMPLES / f"{name}.json").read_bytes(), TODAY))


def hook_request(name: str, service_id: str) -> dict[str, Any]:
    """A test patient as an EHR would send it to a service: each key of the prefetch filled."""
    told = bundle(name)
    patient = told["entry"][0]["resource"]
    context: dict[str, Any] = {"userId": "Practitioner/example", "patientId": patient["id"]}
    if SERVICES[service_id].speaks_of_orders:
        order = {
            "resourceType": "MedicationRequest",
            "id": "draft-1",
            "status": "draft",
            "intent": "order",
            "medicationCodeableConcept": LUTATHERA,
            "subject": {"reference": f"Patient/{patient['id']}"},
        }
        entry = [{"resource": order}]
        context |= {"draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": entry}}
        if service_id == "prrt-order-select":
            context |= {"selections": ["MedicationRequest/draft-1"]}
    return {
        "hook": SERVICES[service_id].hook,
        "hookInstance": str(uuid5(NAMESPACE_URL, f"{service_id}/{name}")),
        "context": context,
        "prefetch": _prefetch(told),
    }


def _prefetch(told: dict[str, Any]) -> dict[str, Any]:
    """The patient, and a search result for every other key; what we alone encode comes under a key of its own."""
    first, *others = told["entry"]
    patient = first["resource"]
    found: dict[str, list[dict[str, Any]]] = {key: [] for key in (*PREFETCH, "prrt_state") if key != "patient"}
    for entry in others:
        resource = entry["resource"] | {"subject": {"reference": f"Patient/{patient['id']}"}}
        found[_key(resource)].append({"resource": resource})
    searches = {key: {"resourceType": "Bundle", "type": "searchset", "entry": entries} for key, entries in found.items()}
    return {"patient": patient, **searches}


def _key(resource: dict[str, Any]) -> str:
    if resource["resourceType"] == "Observation":
        codes = {coding["code"] for coding in resource["code"]["coding"]}
        return "laboratory" if codes & _ANALYTES else "findings"
    return _KEYS.get(resource["resourceType"], "prrt_state")


def every_bundle() -> dict[Path, str]:
    """The FHIR bundles, by file."""
    return {Path(f"{name}.json"): _text(bundle(name)) for name in names()}


def every_hook_request() -> dict[Path, str]:
    """The CDS Hooks requests, by file: each patient viewed, and an order of PRRT for three of them."""
    asked = [(name, "prrt-patient-view") for name in names()]
    ordered = ("skeletal-metastases-cycle-3", "pregnancy-before-cycle-3", "almost-no-data")
    asked += [(name, service_id) for name in ordered for service_id in ("prrt-order-select", "prrt-order-sign")]
    return {
        Path(f"{service_id.removeprefix('prrt-')}-{name}.json"): _text(hook_request(name, service_id))
        for name, service_id in asked
    }


def _text(resource: dict[str, Any]) -> str:
    return f"{simplejson.dumps(resource, use_decimal=True, indent=2, ensure_ascii=False)}\n"
