"""FHIR R4 resources into a patient's state. Nothing is used that is not understood, and nothing is refused for being unknown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from service.intake.assembling import assemble
from service.intake.conditions import read_condition
from service.intake.gathering import Gathered
from service.intake.observations import read_observation
from service.intake.orders import read_order
from service.intake.own_parts import read_basic
from service.intake.person import choose_patient, read_person, references_to
from service.intake.reports import read_report
from service.intake.sources import Source, Sources, gather_sources
from service.intake.standing import why_not_standing
from service.intake.trace import Intake
from service.intake.treatments import read_administration, read_procedure

_READERS: dict[str, Callable[[Source, Gathered, Sources], None]] = {
    "Observation": read_observation,
    "Condition": read_condition,
    "MedicationAdministration": read_administration,
    "Procedure": read_procedure,
    "MedicationRequest": read_order,
    "ServiceRequest": read_order,
    "DiagnosticReport": read_report,
    "Basic": read_basic,
}
_OTHERS = {
    "Patient": "is another patient",
    "Medication": "is read with the resource that refers to it",
    "OperationOutcome": "is an OperationOutcome: what was searched for may be incomplete",
}


def read_resources(resources: Sequence[Mapping[str, Any]], today: date, patient_id: str | None = None) -> Intake:
    """The state of one patient from resources, or bundles of them, as read from JSON with Decimals.

    `today` is the day of the question unless a bundle of our own tells it. `patient_id` is the FHIR id of the patient;
    without it there must be exactly one. Raises RefusedRequest if there is no such patient, or more than one.
    """
    sources = gather_sources(resources)
    patient = choose_patient(sources, patient_id)
    references = references_to(patient)
    gathered = Gathered(not_used=list(sources.not_used))
    read_person(patient, gathered)
    for source in sources.every:
        if source is not patient:
            _read(source, gathered, sources, references)
    return assemble(gathered, today)


def read_bundle(bundle: Mapping[str, Any], today: date, patient_id: str | None = None) -> Intake:
    """The state of one patient from a Bundle of any type, or from Parameters that hold one. Raises RefusedRequest."""
    return read_resources([bundle], today, patient_id)


def _read(source: Source, gathered: Gathered, sources: Sources, patient: frozenset[str]) -> None:
    reader = _READERS.get(source.kind)
    if reader is None:
        gathered.refuse(source.label, _OTHERS.get(source.kind, "is of a type that is not read"))
        return
    reason = why_not_standing(source, patient)
    if reason is not None:
        gathered.refuse(source.label, reason)
        return
    reader(source, gathered, sources)
