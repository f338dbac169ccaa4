"""One field of the form: where it stands in the contract, of what kind it is, and what there is to choose."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from service.patient.measures import Measure
from service.terminology.units import MEASURANDS, Measurand

Kind = Literal["text", "number", "whole", "date", "choice", "unit", "truth", "mark"]
_KINDS: dict[Any, Kind] = {
    str: "text",
    AwareDatetime: "text",  # a time with its zone, which no input of a browser has
    Decimal: "number",
    int: "whole",
    date: "date",
    bool: "truth",
}


@dataclass(frozen=True, slots=True)
class FormField:
    """A field by its place in the object that it belongs to."""

    path: tuple[str, ...]
    kind: Kind
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The place as one word."""
        return ".".join(self.path)

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer."""
        return "".join(f"/{step}" for step in self.path)


MARK = FormField(("present",), "mark")  # says no more than that the entry is there


def units_to_choose(measurand: Measurand) -> tuple[str, ...]:
    """One spelling of each unit, the canonical one first."""
    found: dict[Decimal, str] = {}
    for unit, factor in sorted(measurand.factors.items(), key=lambda pair: pair[0] != measurand.unit):
        found.setdefault(factor, unit)
    return tuple(found.values())


def fields_at(model: type[BaseModel], place: str, without: Collection[str] = ()) -> tuple[FormField, ...]:
    """The field at a place of a model, or every field of the measure there. Raises KeyError for a place that it has not."""
    path = tuple(place.split("."))
    owner: Any = model
    for step in path[:-1]:
        owner = type_at(owner, (step,))
    found = type_at(owner, path[-1:])
    if isinstance(found, type) and issubclass(found, Measure):
        names = sorted(found.model_fields, key=lambda name: (name != "value", name != "unit"))
        return tuple(_field(found, (*path, name), found.measurand) for name in names)
    return (_field(owner, path, None, without),)


def type_at(model: type[BaseModel], path: tuple[str, ...]) -> Any:
    """The type that stands there, and of a list the type of its entries."""
    found: Any = model
    for step in path:
        found = _unwrapped(found.model_fields[step].annotation)
    return found


def _unwrapped(annotation: Any) -> Any:
    """The type itself, without what may be missing, what bounds it and the list around it."""
    while get_args(annotation) and get_origin(annotation) is not Literal:
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    return annotation


def _field(
    owner: type[BaseModel], path: tuple[str, ...], measurand: Measurand | None, without: Collection[str] = ()
) -> FormField:
    found = type_at(owner, path[-1:])
    if path[-1] == "unit":
        return FormField(path, "unit", units_to_choose(measurand) if measurand else _EVERY_UNIT)
    if get_origin(found) is Literal:
        return FormField(path, "choice", tuple(choice for choice in get_args(found) if choice not in without))
    return FormField(path, _KINDS[found])


_EVERY_UNIT = tuple(dict.fromkeys(unit for measurand in MEASURANDS.values() for unit in units_to_choose(measurand)))
