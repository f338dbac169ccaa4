"""FHIR R4 resources into a patient's state. Nothing is used that is not understood, and nothing is refused for being unknown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from service.intake.assembling import assemble
from service.intake.concerns import note_concern_of_what_does_not_stand
from service.intake.conditions import read_condition
from service.intake.cycles import note_possible_cycle
from service.intake.gathering import Gathered
from service.intake.notes import KEYS, key_and_reason
from service.intake.observations import read_observation
from service.intake.orders import read_order
from service.intake.own_parts import read_basic
from service.intake.person import choose_patient, is_deceased, read_person, references_to
from service.intake.relations import Conditions
from service.intake.reports import read_report
from service.intake.sources import Source, Sources, gather_sources
from service.intake.standing import leaves_nothing_open, why_not_standing
from service.intake.trace import Intake
from service.intake.treatments import read_administration, read_procedure
from service.intake.unread import note_unread_observation
from service.intake.unread_imaging import note_unread_report

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
    references = references_to(patient, sources)
    conditions = Conditions(sources, references)
    gathered = Gathered(not_used=list(sources.not_used), not_had=set(sources.not_had))
    gathered.sources.update((source.label, source) for source in (*sources.every, *sources.disputed))
    read_person(patient, gathered)
    for source in sources.every:
        if source is not patient:
            _read(source, gathered, sources, references, conditions)
    for source in sources.disputed:
        _note(source, gathered, sources, references)
    intake = assemble(gathered, today, is_deceased=is_deceased(patient))
    return replace(intake, is_neuroendocrine=conditions.is_neuroendocrine)


def read_bundle(bundle: Mapping[str, Any], today: date, patient_id: str | None = None) -> Intake:
    """The state of one patient from a Bundle of any type, or from Parameters that hold one. Raises RefusedRequest."""
    return read_resources([bundle], today, patient_id)


def _read(source: Source, gathered: Gathered, sources: Sources, patient: frozenset[str], conditions: Conditions) -> None:
    reader = _READERS.get(source.kind)
    if reader is None:
        _refuse_unread_type(source, gathered)
        return
    reason = why_not_standing(source, patient)
    if conditions.is_about_another(source):
        gathered.refuse(source.label, reason or "is about another condition")
    elif reason is not None:
        gathered.refuse(source.label, reason)
        _note(source, gathered, sources, patient)
    else:
        reader(source, gathered, sources)


def _refuse_unread_type(source: Source, gathered: Gathered) -> None:
    note = key_and_reason(source.resource) if source.kind == "OperationOutcome" else None
    if note is None:
        gathered.refuse(source.label, _OTHERS.get(source.kind, "is of a type that is not read"))
        return
    key, why = note
    gathered.refuse(f"prefetch {key}", why)
    gathered.not_had.add(KEYS[key])


def _note(source: Source, gathered: Gathered, sources: Sources, patient: frozenset[str]) -> None:
    """Remember what a resource that is not used leaves open: a value, a response, a condition or a cycle that was not read."""
    if leaves_nothing_open(source, patient):
        return
    match source.kind:
        case "Observation":
            note_unread_observation(source, gathered)
        case "DiagnosticReport":
            note_unread_report(source, gathered)
        case "Condition":
            note_concern_of_what_does_not_stand(source, gathered)
        case _:
            note_possible_cycle(source, gathered, sources)
