"""MedicationAdministration and Procedure: what was given, and when."""

from collections.abc import Mapping
from typing import Any

from service.intake.concepts import codes_at, of_kind
from service.intake.cycles import (
    MAY_BE_CYCLE,
    RADIOPHARMACEUTICAL,
    UNNAMED,
    may_be_radiopharmaceutical_therapy,
    note_possible_cycle,
)
from service.intake.gathering import Gathered, origin
from service.intake.medications import NOT_SENT_ALONG, drugs_of, is_medication_missing
from service.intake.members import NOTHING, object_at
from service.intake.moments import When, start_of
from service.intake.own_extension import told_by_extension
from service.intake.quantities import NotReadError, read_amount, told_unit
from service.intake.settling import settle
from service.intake.sources import Source, Sources
from service.patient.treatment import Treatment

NO_CODE = "has no code that is read"


def read_administration(source: Source, gathered: Gathered, sources: Sources) -> None:
    """Add a drug that was given."""
    drugs = drugs_of(source, sources)
    if len(drugs) > 1:
        gathered.refuse(source.label, "has codes that mean different things")
        note_possible_cycle(source, gathered, sources)
        return
    core: dict[str, Any] = {}
    unknown = NOT_SENT_ALONG if is_medication_missing(source, sources) else NO_CODE
    dose = object_at(source.resource, "dosage", "dose")
    if drugs and drugs[0].kind == "drug":
        core = {"kind": drugs[0].means, "agent": drugs[0].agent}
        dose = NOTHING
    elif drugs:
        core = {"kind": RADIOPHARMACEUTICAL, "agent": drugs[0].means, **_route(source, gathered), **_activity(source, gathered)}
    if not _add(source, gathered, core, start_of(source.resource, "effective"), unknown, dose):
        note_possible_cycle(source, gathered, sources)


def read_procedure(source: Source, gathered: Gathered, sources: Sources) -> None:
    """Add a procedure that is a treatment. One that names a radiopharmaceutical is a cycle, without its activity."""
    codes = codes_at(source.resource, "code")
    known = of_kind(codes, "procedure", RADIOPHARMACEUTICAL)
    unclear = of_kind(codes, "not_comparable", UNNAMED)
    core: dict[str, Any] = {}
    if known:
        named = known[0].kind == RADIOPHARMACEUTICAL
        core = {"kind": RADIOPHARMACEUTICAL, "agent": known[0].means} if named else {"kind": known[0].means}
    if len(known) > 1 or (unclear and not known):
        gathered.refuse(source.label, "has codes that mean different things" if known else unclear[0].means)
        note_possible_cycle(source, gathered, sources)
    elif not _add(source, gathered, core, start_of(source.resource, "performed"), _why_unknown(source)):
        note_possible_cycle(source, gathered, sources)


def _why_unknown(source: Source) -> str:
    """Why a procedure without a code that is read is not used; one that may be a cycle is named with its day."""
    if not may_be_radiopharmaceutical_therapy(source):
        return NO_CODE
    when = start_of(source.resource, "performed")
    return f"{f'of {when.on}' if when else 'undated'} {MAY_BE_CYCLE}"


def _add(
    source: Source,
    gathered: Gathered,
    core: dict[str, Any],
    when: When | None,
    unknown: str,
    dose: Mapping[str, Any] = NOTHING,
) -> bool:
    """Whether a treatment was read and added; `unknown` is the reason if nothing says what it was."""
    told = told_by_extension(source.resource, "treatments")
    if not core and told is None:
        gathered.refuse(source.label, unknown)
        return False
    if when is None:
        gathered.refuse(source.label, "has no full date")
        return False
    merged = (told or {}) | core | {"given_on": when.on}
    part = settle(Treatment, merged, lambda reason: gathered.refuse(source.label, reason))
    if part is None:
        return False
    shown = dose if part.activity is not None else NOTHING
    found = origin(source.label, when, shown.get("value"), told_unit(shown))
    gathered.add("treatments", part, found, by_procedure=source.kind == "Procedure")
    return True


def _activity(source: Source, gathered: Gathered) -> dict[str, Any]:
    """The administered activity: the dose, if it has a quantity."""
    dose = object_at(source.resource, "dosage", "dose")
    if not dose:
        return {}
    try:
        amount = read_amount(dose, {})
    except NotReadError as reason:
        gathered.refuse(source.label, f"is used without its activity, which {reason}")
        return {}
    return {"activity": {"value": amount.value, "unit": amount.unit}}


def _route(source: Source, gathered: Gathered) -> dict[str, Any]:
    concept = object_at(source.resource, "dosage", "route")
    routes = of_kind(codes_at(source.resource, "dosage", "route"), "route")
    if len(routes) == 1:
        return {"route": routes[0].means}
    if concept:
        gathered.refuse(source.label, "is used without its route, which has no code that is read")
    return {}
