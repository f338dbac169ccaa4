"""One laboratory value with the laboratory's own limits, from an observation or a component."""

from collections.abc import Mapping
from typing import Any

from service.intake.gathering import Gathered, origin
from service.intake.members import entries_at, object_at
from service.intake.moments import When
from service.intake.observed import Observed
from service.intake.own_extension import told_by_extension
from service.intake.quantities import Amount, NotReadError, read_amount
from service.intake.settling import settle
from service.intake.unread import note_unread
from service.patient.findings import LaboratoryValue
from service.terminology.codes import Code
from service.terminology.units import MEASURANDS

_LIMITS = {"low": "lower_limit", "high": "upper_limit"}
_MEANINGS = "http://terminology.hl7.org/CodeSystem/referencerange-meaning"


def read_laboratory_value(observed: Observed, code: Code, when: When, gathered: Gathered) -> None:
    """Add a value of an analyte, or note that it could not be read. Raises NotReadError if it has no quantity."""
    amount = read_amount(object_at(observed.node, "valueQuantity"), code.read_as)
    told = told_by_extension(observed.node, "laboratory") or {}
    told |= {"analyte": code.means, "unit": amount.unit, "value": amount.value, "taken_on": when.on}
    if when.at is not None:
        told["taken_at"] = when.at
    told |= _limits(observed, code, amount, gathered)

    def refuse(reason: str) -> None:
        gathered.refuse(observed.label, reason)

    part = settle(LaboratoryValue, told, refuse, together=_LIMITS.values())
    if part is None:
        note_unread(observed, gathered)
    else:
        gathered.add("laboratory", part, origin(observed.label, when, amount.value, amount.told_unit))


def _limits(observed: Observed, code: Code, amount: Amount, gathered: Gathered) -> dict[str, object]:
    """The laboratory's normal range, if it tells exactly one and in the unit of the value."""
    ranges = [each for each in entries_at(observed.node, "referenceRange") if _is_normal(each)]
    if not ranges:
        return {}
    first, *others = [_read_range(each, code, amount) for each in ranges]
    if first is None or any(limits != first for limits in others):
        gathered.refuse(observed.label, "is used without its limits: they are not one range in the unit of the value")
        return {}
    return first


def _is_normal(reference_range: Mapping[str, Any]) -> bool:
    if "low" not in reference_range and "high" not in reference_range:
        return False
    codings = entries_at(reference_range, "type", "coding")
    return not codings or any(each.get("code") == "normal" and each.get("system") == _MEANINGS for each in codings)


def _read_range(reference_range: Mapping[str, Any], code: Code, amount: Amount) -> dict[str, object] | None:
    factors = MEASURANDS[code.means].factors
    limits: dict[str, object] = {}
    for side, name in _LIMITS.items():
        if side not in reference_range:
            continue
        try:
            limit = read_amount(object_at(reference_range, side), code.read_as)
        except NotReadError:
            return None
        if limit.unit != amount.unit and (limit.unit not in factors or factors[limit.unit] != factors.get(amount.unit)):
            return None
        limits[name] = limit.value
    return limits
