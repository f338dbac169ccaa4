"""What may be a cycle and was not read: while there is any, the radiopharmaceuticals are told only in part."""

from collections.abc import Iterable
from datetime import date

from service.intake.concepts import codes_at, of_kind
from service.intake.gathering import Entry, Gathered, PossibleCycle
from service.intake.medications import may_be_radiopharmaceutical
from service.intake.members import entries_at, text_at
from service.intake.moments import calendar_day, start_of
from service.intake.own_extension import told_by_extension
from service.intake.sources import Source, Sources
from service.patient.treatment import Treatment
from service.terminology.codes import is_another_procedure

UNNAMED = "unnamed_radiopharmaceutical"
ANOTHER = "another_procedure"
RADIOPHARMACEUTICAL = "radiopharmaceutical"


def note_possible_cycle(source: Source, gathered: Gathered, sources: Sources) -> None:
    """Remember a resource that was not read, if it may be the record of a cycle."""
    match source.kind:
        case "MedicationAdministration" if may_be_radiopharmaceutical(source, sources):
            on = calendar_day(start_of(source.resource, "effective"))
            gathered.possible_cycles.append(PossibleCycle(on, by_procedure=False))
        case "Procedure" if _may_be_radiopharmaceutical_therapy(source):
            on = calendar_day(start_of(source.resource, "performed"))
            gathered.possible_cycles.append(PossibleCycle(on, by_procedure=True))


def _may_be_radiopharmaceutical_therapy(source: Source) -> bool:
    """Whether a procedure is therapy with a radiopharmaceutical, or cannot be told from it.

    It is another one if its code or its category says so.
    Doubt: where procedures are coded in a system of which the table has few codes, nearly every procedure may be one.
    """
    codes = codes_at(source.resource, "code")
    if codes:
        return bool(of_kind(codes, RADIOPHARMACEUTICAL, UNNAMED))
    told = told_by_extension(source.resource, "treatments") or {}
    if told.get("kind", RADIOPHARMACEUTICAL) != RADIOPHARMACEUTICAL or of_kind(codes_at(source.resource, "category"), ANOTHER):
        return False
    codings = entries_at(source.resource, "code", "coding")
    return not any(is_another_procedure(text_at(each, "system") or "", text_at(each, "code") or "") for each in codings)


def may_lack_cycles(gathered: Gathered, treatments: Iterable[Entry], as_of: date) -> bool:
    """Whether something from before the end of `as_of` may be a cycle that is not among the treatments.

    A procedure on the day of a treatment with radiation from within is the record of that treatment.
    """
    days = {each.given_on.isoformat() for each in _of_kinds(treatments, RADIOPHARMACEUTICAL, "sirt")}
    return any(
        each.on is None or (each.on <= as_of.isoformat() and not (each.by_procedure and each.on in days))
        for each in gathered.possible_cycles
    )


def radiopharmaceuticals(treatments: Iterable[Entry]) -> list[Treatment]:
    """The radiopharmaceuticals among the entries of the treatments."""
    return _of_kinds(treatments, RADIOPHARMACEUTICAL)


def last_dose(treatments: Iterable[Entry], as_of: date) -> date | None:
    """The day of the last radiopharmaceutical that was given on or before `as_of`."""
    return max((each.given_on for each in radiopharmaceuticals(treatments) if each.given_on <= as_of), default=None)


def _of_kinds(treatments: Iterable[Entry], *kinds: str) -> list[Treatment]:
    given = (entry.part for entry in treatments)
    return [each for each in given if isinstance(each, Treatment) and each.kind in kinds]
