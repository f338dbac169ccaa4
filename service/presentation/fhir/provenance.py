"""Where the resources of an answer come from: what was read, and which model cards stand behind it."""

from collections.abc import Iterable

from service.presentation.fhir.call import SERVICE, Call
from service.presentation.fhir.elements import URI, Element


def provenance(call: Call, parts: Iterable[str]) -> Element:
    """The Provenance of these parts of the answer."""
    return {
        "resourceType": "Provenance",
        "target": [call.reference(part) for part in parts],
        "occurredDateTime": call.answer["created_at"],
        "recorded": call.answer["created_at"],
        "agent": [{"type": _ASSEMBLER, "who": call.reference(SERVICE)}],
        "entity": [
            *({"role": "source", "what": what} for what in call.inputs),
            *({"role": "derivation", "what": what} for what in _cards(call)),
        ],
    }


_ASSEMBLER: Element = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
            "code": "assembler",
            "display": "Assembler",
        }
    ]
}


def _cards(call: Call) -> Iterable[Element]:
    for _, model in call.models:
        yield {
            "identifier": {"system": URI, "value": call.card(model)},
            "display": f"Model card of {model['name']} {model['version']}",
        }
