"""MedicationAdministration and Procedure: what was given, and when."""

from collections.abc import Mapping
from typing import Any

from service.intake.concepts import codes_at, of_kind
from service.intake.gathering import Gathered, origin
from service.intake.medications import drugs_of
from service.intake.members import object_at
from service.intake.moments import When, start_of
from service.intake.own_extension import told_by_extension
from service.intake.quantities import NotReadError, read_amount, told_unit
from service.intake.settling import settle
from service.intake.sources import Source, Sources
from service.patient.treatment import Treatment


def read_administration(source: Source, gathered: Gathered, sources: Sources) -> None:
    """Add a drug that was given."""
    drugs = drugs_of(source, sources)
    if len(drugs) > 1:
        gathered.refuse(source.label, "has codes that mean different things")
        return
    core: dict[str, Any] = {}
    dose = object_at(source.resource, "dosage", "dose")
    if drugs and drugs[0].kind == "drug":
        core = {"kind": drugs[0].means, "agent": drugs[0].agent}
        dose = object_at(None)
    elif drugs:
        core = {"kind": "radiopharmaceutical", "agent": drugs[0].means, **_route(source, gathered), **_activity(source, gathered)}
    _add(source, gathered, core, start_of(source.resource, "effective"), dose)


def read_procedure(source: Source, gathered: Gathered, sources: Sources) -> None:  # noqa: ARG001  # every reader has this shape
    """Add a procedure that is a treatment."""
    codes = codes_at(source.resource, "code")
    known = of_kind(codes, "procedure")
    unclear = of_kind(codes, "not_comparable")
    if not known and unclear:
        gathered.refuse(source.label, unclear[0].means)
        return
    core = {"kind": known[0].means} if known else {}
    _add(source, gathered, core, start_of(source.resource, "performed"), object_at(None))


def _add(source: Source, gathered: Gathered, core: dict[str, Any], when: When | None, dose: Mapping[str, Any]) -> None:
    told = told_by_extension(source.resource, "treatments")
    if not core and told is None:
        gathered.refuse(source.label, "has no code that is read")
        return
    if when is None:
        gathered.refuse(source.label, "has no full date")
        return
    merged = (told or {}) | core | {"given_on": when.on}
    part = settle(Treatment, merged, lambda reason: gathered.refuse(source.label, reason))
    if part is not None:
        gathered.add("treatments", part, origin(source.label, when, dose.get("value"), told_unit(dose)))


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
