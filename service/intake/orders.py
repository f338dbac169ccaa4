"""MedicationRequest and ServiceRequest: what is intended for the current course."""

from collections.abc import Mapping
from typing import Any

from service.intake.concepts import codes_at, of_kind
from service.intake.gathering import Claim, Gathered, origin
from service.intake.medications import NOT_SENT_ALONG, drugs_of, is_medication_missing
from service.intake.members import entries_at, object_at
from service.intake.moments import When, moment_of, read_when
from service.intake.own_extension import told_by_extension
from service.intake.quantities import told_unit
from service.intake.settling import settle
from service.intake.sources import Source, Sources
from service.patient.treatment import Plan


def read_order(source: Source, gathered: Gathered, sources: Sources) -> None:
    """Add what an order of a radiopharmaceutical says about the plan."""
    drugs = [code for code in drugs_of(source, sources) if code.kind == "radiopharmaceutical"]
    told = told_by_extension(source.resource, "plan")
    if told is not None:
        gathered.complete("plan", told, origin(source.label))
    if len(drugs) > 1:
        gathered.refuse(source.label, "has codes that mean different things")
        return
    if not drugs and told is None:
        known = drugs_of(source, sources) or not is_medication_missing(source, sources)
        gathered.refuse(source.label, "orders no radiopharmaceutical that is read" if known else NOT_SENT_ALONG)
        return
    when = _next_cycle(source.resource)
    quantity = _quantity(source.resource)
    core: dict[str, Any] = {"agent": drugs[0].means} if drugs else {}
    if when is not None:
        core["next_cycle_on"] = when.on
    if quantity:
        core["planned_activity"] = {"value": quantity.get("value"), "unit": told_unit(quantity)}
    routes = of_kind(codes_at(_first_dosage(source.resource), "route"), "route")
    if len(routes) == 1:
        core["route"] = routes[0].means
    plan = settle(Plan, core, lambda reason: gathered.refuse(source.label, reason))
    for name in core:
        value = getattr(plan, name, None)
        if value is not None:
            with_value = origin(source.label, when, quantity.get("value"), told_unit(quantity))
            found = with_value if name == "planned_activity" else origin(source.label, when)
            gathered.claim("plan", name, Claim(value, found))


def _first_dosage(order: Mapping[str, Any]) -> Mapping[str, Any]:
    """The dosage instruction, if there is exactly one; several could be steps of something else."""
    dosages = entries_at(order, "dosageInstruction")
    return dosages[0] if len(dosages) == 1 else object_at(None)


def _quantity(order: Mapping[str, Any]) -> Mapping[str, Any]:
    doses = [object_at(each, "doseQuantity") for each in entries_at(_first_dosage(order), "doseAndRate")]
    told = [dose for dose in [*doses, object_at(order, "quantityQuantity")] if dose and "comparator" not in dose]
    return told[0] if len(told) == 1 else object_at(None)


def _next_cycle(order: Mapping[str, Any]) -> When | None:
    events = object_at(_first_dosage(order), "timing").get("event")
    first = events[0] if isinstance(events, list) and len(events) == 1 else None
    return moment_of(order, "occurrence") or read_when(first if isinstance(first, str) else None)
