"""The small parts that FHIR resources are made of."""

from typing import Any

from service.presentation.wire import Amount
from service.terminology.codes import UCUM

Element = dict[str, Any]  # an element or a resource, as JSON carries it
URI = "urn:ietf:rfc:3986"
OWN = "urn:prrt-cds"  # the service's own names: questions, outcomes, rules
# The display and the definition are those of HL7 Terminology 6.0.0; the copy in R4 core does not have this code.
AI_ASSERTED: Element = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "AIAST",
    "display": "Artificial Intelligence asserted",
}
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\*<`"})


def named(kind: str, code: str, text: str) -> Element:
    """A CodeableConcept in the service's own words; `code` is one of its own names of that `kind`."""
    return {"coding": [{"system": f"{OWN}:{kind}", "code": code}], "text": text}


def quantity(amount: Amount) -> Element:
    """A Quantity; the wire's units are UCUM codes."""
    return {"value": amount["value"], "unit": amount["unit"], "system": UCUM, "code": amount["unit"]}


def months(value: float) -> Element:
    """A Quantity of months."""
    return {"value": value, "unit": "months", "system": UCUM, "code": "mo"}


def notes(*texts: str) -> list[Element]:
    """One Annotation for each text. Its markdown is escaped: two times "10*9/L" would lose both asterisks."""
    return [{"text": text.translate(_MARKDOWN)} for text in texts]


def without_empties(value: Any) -> Any:
    """The same without null, empty text, empty lists and empty objects, at any depth; false and 0 stay."""
    if isinstance(value, dict):
        kept = {key: without_empties(part) for key, part in value.items()}
        return {key: part for key, part in kept.items() if not _is_empty(part)}
    if isinstance(value, list):
        return [part for part in map(without_empties, value) if not _is_empty(part)]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
