"""Pieces of written FHIR: concepts, quantities, and what our extension has to add."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from service.intake.own_extension import SYSTEM, extension_of
from service.patient.fields import RequestPart
from service.patient.measures import Measure
from service.terminology.codes import UCUM, UCUM_UNITS, Code

_WIDEST_OFFSET = timedelta(hours=14)  # of FHIR's dateTime


def concept(code: Code | None, words: str = "") -> dict[str, Any]:
    """A CodeableConcept; without a code, a text that the reader does not look at."""
    if code is None:
        return {"text": words.replace("_", " ")}
    return {"coding": [{"system": code.system, "code": code.code, "display": code.display}]}


def quantity(value: object, unit: str) -> dict[str, Any]:
    """A Quantity. Only a unit that is a code of UCUM is written as one."""
    coded = {"system": UCUM, "code": unit} if unit in UCUM_UNITS else {}
    return {"value": value, "unit": unit, **coded}


def quantity_of(measure: Measure) -> dict[str, Any]:
    """The Quantity of a value with its unit."""
    return quantity(measure.value, measure.unit)


def completed(core: Mapping[str, Any], name: str, part: RequestPart, carried: Collection[str]) -> dict[str, Any]:
    """The resource with an extension for the fields of a part that FHIR's own members do not carry."""
    rest = part.model_dump(exclude_defaults=True, exclude=set(carried))
    extensions = [*core.get("extension", ()), *([extension_of(name, rest)] if rest else ())]
    return {**core, "extension": extensions} if extensions else dict(core)


def basic(name: str, part: RequestPart) -> dict[str, Any]:
    """A Basic resource of ours: one entry of the list `name`."""
    core = {"resourceType": "Basic", "code": {"coding": [{"system": SYSTEM, "code": name}]}}
    return completed(core, name, part, ())


def is_fhir_time(moment: datetime) -> bool:
    """Whether FHIR can write the zone of a time."""
    offset = moment.utcoffset() or timedelta()
    return abs(offset) <= _WIDEST_OFFSET
