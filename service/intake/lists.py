"""The lists of the patient's state: what their entries are, and how many fit."""

from collections.abc import Sequence

from annotated_types import MaxLen

from service.intake.gathering import Entry, Gathered
from service.patient import PatientState
from service.patient.fields import RequestPart
from service.patient.findings import AssessmentOfResponse, Event, ImagingStudy, LaboratoryValue, Symptoms, UptakeRatio
from service.patient.person import Comorbidity
from service.patient.state import DATED
from service.patient.treatment import Treatment

LISTS: dict[str, type[RequestPart]] = {
    "comorbidities": Comorbidity,
    "treatments": Treatment,
    "laboratory": LaboratoryValue,
    "imaging": ImagingStudy,
    "symptoms": Symptoms,
    "assessments_of_response": AssessmentOfResponse,
    "uptake_ratios": UptakeRatio,
    "events": Event,
}
MOST: dict[str, int] = {
    name: next(bound.max_length for bound in PatientState.model_fields[name].metadata if isinstance(bound, MaxLen))
    for name in LISTS
}


def shortened(name: str, entries: Sequence[Entry], gathered: Gathered) -> list[Entry]:
    """The entries, in their order, without the oldest of those that are more than the contract takes."""
    surplus = len(entries) - MOST[name]
    if surplus <= 0:
        return list(entries)
    dated_by = DATED.get(name)
    by_age = sorted(range(len(entries)), key=lambda index: getattr(entries[index].part, dated_by) if dated_by else -index)
    dropped = set(by_age[:surplus])
    for index in sorted(dropped):
        refuse_entry(entries[index], "is older than as many others as the contract takes", gathered)
    return [entry for index, entry in enumerate(entries) if index not in dropped]


def refuse_entry(entry: Entry, reason: str, gathered: Gathered) -> None:
    """List every resource of an entry as not used."""
    for origin in entry.origins:
        gathered.refuse(origin.resource, reason)
