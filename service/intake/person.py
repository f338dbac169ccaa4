"""Patient: which one it is, what references name that one, and what the resource says."""

from service.intake.gathering import Claim, Gathered, origin
from service.intake.members import shown, text_at
from service.intake.own_extension import told_by_extension
from service.intake.settling import settle
from service.intake.sources import URN, Source, Sources, uuid_of
from service.patient.person import Person
from service.patient.reading import Refusal, RefusedRequest
from service.vocabulary import Sex

_SEXES: dict[str, Sex] = {"male": "male", "female": "female", "other": "other", "unknown": "unknown"}


def choose_patient(sources: Sources, patient_id: str | None) -> Source:
    """The patient that was asked for, or the only one. Raises RefusedRequest."""
    patients = [source for source in sources.every if source.kind == "Patient"]
    if patient_id is not None:
        patients = [source for source in patients if identifier(source) == patient_id]
    if len(patients) > 1:
        raise RefusedRequest([Refusal("", "holds more than one patient; say which one is meant")])
    if not patients or identifier(patients[0]) is None:
        raise RefusedRequest([Refusal("", "holds no Patient that can be used")])
    if "modifierExtension" in patients[0].resource or "implicitRules" in patients[0].resource:
        raise RefusedRequest([Refusal("", "holds a Patient with a modifier that is not understood")])
    return patients[0]


def identifier(source: Source) -> str | None:
    """The id of a resource; the UUID of its entry if it has none."""
    own = text_at(source.resource, "id")
    if own:
        return own
    address = source.address or ""
    return address.removeprefix(URN) if address.startswith(URN) else None


def references_to(source: Source, sources: Sources) -> frozenset[str]:
    """Every reference that names this patient, once a server and a version are taken off it."""
    name = uuid_of(source)
    by_id = f"{URN}{name}" if name and sources.by_reference[f"{URN}{name}"] is source else None
    return frozenset(found for found in (f"Patient/{identifier(source)}", source.address, by_id) if found)


def is_deceased(source: Source) -> bool:
    """Whether the resource says that the patient has died, on whatever day."""
    return source.resource.get("deceasedBoolean") is True or text_at(source.resource, "deceasedDateTime") is not None


def read_person(source: Source, gathered: Gathered) -> None:
    """Claims about the patient. An id that is no id of FHIR stands in our own extension."""
    told = told_by_extension(source.resource, "patient") or {}
    gathered.complete("patient", told, origin(source.label))
    gathered.claim("patient", "id", Claim(told.get("id", identifier(source)), origin(source.label)))
    _read_sex(source, gathered)
    _read_birth(source, gathered)
    if any(source.resource.get(name, False) is not False for name in ("deceasedBoolean", "deceasedDateTime")):
        gathered.refuse(source.label, "says that the patient has died, for which there is no field")


def _read_sex(source: Source, gathered: Gathered) -> None:
    gender = text_at(source.resource, "gender")
    if gender is not None and gender not in _SEXES:
        gathered.refuse(source.label, "has a gender that is not read")
    gathered.claim("patient", "sex", Claim(_SEXES.get(gender or "", "unknown"), origin(source.label, value=gender)))


def _read_birth(source: Source, gathered: Gathered) -> None:
    if "birthDate" not in source.resource:
        return
    told = {"id": "-", "sex": "unknown", "birth_date": text_at(source.resource, "birthDate") or ""}
    person = settle(Person, told, lambda reason: gathered.refuse(source.label, reason))
    if person is not None and person.birth_date is not None:
        gathered.claim("patient", "birth_date", Claim(person.birth_date, origin(source.label, value=shown(told["birth_date"]))))
