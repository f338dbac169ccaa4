"""What answered: the service and its risk models as Devices."""

from service.presentation.fhir.call import SERVICE, Call
from service.presentation.fhir.elements import Element, named, notes
from service.presentation.wire_risks import ModelOut

SERVICE_NAME = "PRRT clinical decision support"
NOT_A_DEVICE = "Decision support for professionals; not a medical device."


def service_device(call: Call) -> Element:
    """The service with the version of everything that an answer depends on."""
    knowledge = call.answer["knowledge"]
    return {
        "resourceType": "Device",
        "status": "active",
        "deviceName": [{"name": SERVICE_NAME, "type": "user-friendly-name"}],
        "type": named("device", "service", "Clinical decision support software"),
        "version": [
            _version("service", knowledge["service"]),
            _version("rules", knowledge["rules"]),
            *(_version(f"model {name}", version) for name, version in sorted(knowledge["models"].items())),
        ],
        "url": call.service_url,
        "note": notes(NOT_A_DEVICE),
    }


def model_device(call: Call, model: ModelOut) -> Element:
    """One risk model with its version and the digest of its artefact."""
    return {
        "resourceType": "Device",
        "status": "active",
        "deviceName": [{"name": model["name"], "type": "model-name"}],
        "modelNumber": model["version"],
        "type": named("device", "model", "Risk model"),
        "version": [_version("model", model["version"]), _version("sha256", model["sha256"])],
        "url": call.card(model),
        "note": notes(NOT_A_DEVICE),
        "parent": call.reference(SERVICE),
    }


def _version(kind: str, value: str) -> Element:
    return {"type": {"text": kind}, "value": value}
