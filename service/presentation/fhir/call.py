"""One answer to be told in FHIR: what its resources are called, and what they refer to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from service.presentation.fhir.elements import OWN, URI, Element
from service.presentation.wire import AssessmentOut
from service.presentation.wire_risks import ModelOut

SERVICE = "service"  # the part that is the Device of the service
# FHIR R4: the id datatype, and a reference to the logical id of a resource of a type.
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_RELATIVE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True, slots=True)
class Call:
    """The answer, the public URL of the service (None: not known), and the caller's identifier of the request."""

    answer: AssessmentOut
    service_url: str | None
    request_identifier: str | None = None

    def identity(self, part: str) -> str:
        """The id of the resource that tells this part of the answer (UUID): the same for the same answer."""
        return str(uuid5(NAMESPACE_URL, f"{OWN}:assessment:{self.answer['id']}/{part}"))

    def reference(self, part: str) -> Element:
        """A Reference to that resource within the bundle."""
        return {"reference": f"urn:uuid:{self.identity(part)}"}

    @property
    def subject(self) -> Element:
        """The Patient that was read; else the identifier as a relative Reference if it can be a FHIR id; else as it is.

        The identifier of the patient may be a number of the hospital's. Where a Patient was read, its own id decides, so that
        nothing is ever stored with somebody else.
        """
        read = [name for name in self.used if name.startswith("Patient/") and _RELATIVE.fullmatch(name)]
        if len(read) == 1:
            return {"reference": read[0]}
        patient = self.answer["patient_id"]
        if _ID.fullmatch(patient):
            return {"reference": f"Patient/{patient}"}
        return {"type": "Patient", "identifier": {"value": patient}}

    @property
    def used(self) -> list[str]:
        """Every resource that was read, each once, in the order in which it was used."""
        intake = self.answer.get("intake")
        return list(dict.fromkeys(each["resource"] for each in intake["used"])) if intake else []

    @property
    def basis(self) -> list[Element]:
        """References to those resources that can be referred to by type and id."""
        return [{"reference": name} for name in self.used if _RELATIVE.fullmatch(name)]

    @property
    def inputs(self) -> list[Element]:
        """References to all of them: by identifier where there is no type and id, so that none points into the bundle."""
        return [
            {"reference": name} if _RELATIVE.fullmatch(name) else {"identifier": {"system": URI, "value": name}}
            for name in self.used
        ]

    @property
    def models(self) -> Iterator[tuple[str, ModelOut]]:
        """The part and the description of every model that was asked, each once."""
        asked = {risk["model"]["name"]: risk["model"] for risk in self.answer["risks"]}
        return ((model_part(model), model) for model in asked.values())

    def card(self, model: ModelOut) -> str:
        """The address of the model card; a name of the model where no public URL is known."""
        if self.service_url:
            return f"{self.service_url.rstrip('/')}/v1/models/{model['name']}"
        return f"{OWN}:model:{model['name']}:{model['version']}"


def model_part(model: ModelOut) -> str:
    """The part that is the Device of a risk model."""
    return f"model/{model['name']}"
