"""A Quantity of FHIR: its number and its unit, as the closed table of units spells it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from service.intake.members import text_at
from service.terminology.codes import UCUM


class NotReadError(ValueError):
    """Something that is not used. Its text is the reason and never holds a value."""


class Amount(NamedTuple):
    """A number, of whatever JSON type it came as, with the unit as told and as it is read."""

    value: object
    told_unit: str
    unit: str


def read_amount(quantity: Mapping[str, Any], read_as: Mapping[str, str]) -> Amount:
    """The number and unit of a quantity; `read_as` completes a unit. Raises NotReadError.

    The UCUM code counts if there is one, else the unit as printed.
    """
    if "value" not in quantity:
        raise NotReadError("has no quantity")
    if "comparator" in quantity:
        raise NotReadError("is only a bound: its value has a comparator")
    told = told_unit(quantity)
    if told is None:
        raise NotReadError("has no unit")
    return Amount(quantity["value"], told, read_as.get(told, told))


def told_unit(quantity: Mapping[str, Any]) -> str | None:
    """The unit as told: the code if it is of UCUM, else the printed unit."""
    code = text_at(quantity, "code") if quantity.get("system") == UCUM else None
    return code or text_at(quantity, "unit")
