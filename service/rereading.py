"""A stored request read again: the patient that an entry of the record speaks of."""

from datetime import date

from pydantic_core import from_json

from service.audit.entry import Entry
from service.intake.fhir_text import read_fhir
from service.intake.trace import Intake
from service.patient import PatientState
from service.patient.reading import read_patient


def read_again(entry: Entry) -> tuple[PatientState, Intake | None]:
    """The patient, and what was read from where if it came as FHIR. Raises RefusedRequest: the reader may have changed since."""
    answer = from_json(entry.draft.answer)
    as_of = date.fromisoformat(answer["as_of"])
    if "intake" not in answer:
        return read_patient(entry.draft.request, as_of), None
    intake = read_fhir(entry.draft.request, as_of)
    return intake.state, intake
