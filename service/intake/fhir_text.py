"""The JSON text of FHIR resources."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import simplejson

from service.intake.members import entries_at, text_at
from service.intake.reading import read_resources
from service.intake.trace import Intake
from service.patient.reading import Refusal, RefusedRequest, read_json

MOST_FIELDS = 1_000_000
PATIENT, RESOURCE = "patient", "resource"


def read_fhir(body: bytes, today: date) -> Intake:
    """The patient of a Bundle, or of Parameters: `resource` holds what is known, `patient` the id of whom it is asked for.

    `today` is the day of the question. Raises RefusedRequest.
    """
    told = read_resource(body)
    if told.get("resourceType") not in ("Bundle", "Parameters"):
        raise RefusedRequest([Refusal("", "must be a FHIR Bundle, or Parameters that hold one")])
    named = [each for each in entries_at(told, "parameter") if each.get("name") == PATIENT]
    asked = [text_at(each, value) for each in named for value in ("valueId", "valueString") if value in each]
    if len(named) > 1 or len(asked) != len(named) or None in asked:
        raise RefusedRequest([Refusal("", "must name at most one patient, by valueId or valueString")])
    if not asked:
        return read_resources([told], today)
    intake = read_resources([told], today, asked[0])
    patient = intake.state.patient.model_copy(update={"id": asked[0]})  # whatever id our own extension tells
    return replace(intake, state=intake.state.model_copy(update={"patient": patient}))


def occasion_of(body: bytes, name: str) -> str | None:
    """What `asked_about` wrote of the occasion under a name."""
    named = (each for each in entries_at(read_resource(body), "parameter") if each.get("name") == name)
    return next((text_at(each, "valueString") for each in named), None)


def read_resource(body: bytes) -> Mapping[str, Any]:
    """One JSON object, its numbers with a point as Decimal. Raises RefusedRequest."""
    told = read_json(body, MOST_FIELDS)
    if not isinstance(told, dict):
        raise RefusedRequest([Refusal("", "must be a JSON object")])
    return told


def as_text(resource: Mapping[str, Any]) -> bytes:
    """A resource as it was read from JSON, or parts of such, as JSON text; a Decimal keeps the digits that it has."""
    text: str = simplejson.dumps(
        resource, use_decimal=True, namedtuple_as_object=False, check_circular=False, separators=(",", ":")
    )
    return text.encode("ascii")


def asked_about(patient_id: str, resources: list[Any], **occasion: str | None) -> Mapping[str, Any]:
    """What is known about one patient, as the Parameters of the operation; with the occasion on which it was asked."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource} for resource in resources]}
    told = {PATIENT: patient_id, **occasion}
    named = [{"name": name, "valueString": text} for name, text in told.items() if text is not None]
    return {"resourceType": "Parameters", "parameter": [*named, {"name": RESOURCE, "resource": bundle}]}
