"""What an EHR sends to a service: read tolerantly, because what clients put into it is rarely what FHIR asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.cds_hooks.catalogue import CdsService
from service.intake.fhir_text import read_resource
from service.intake.medications import orders_prrt
from service.intake.members import NOTHING, entries_at, object_at, text_at

_A_NAME = re.compile(r"[!-~]{1,200}")
_A_FHIR_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")


class UnusableCallError(ValueError):
    """The call cannot be answered. The message names a member and never a value."""


@dataclass(frozen=True, slots=True)
class HookCall:
    """One call of one hook. The access token is for the FHIR server alone: it is neither kept nor shown."""

    hook: str
    hook_instance: str
    patient_id: str
    user_id: str | None
    context: Mapping[str, Any]
    prefetch: Mapping[str, Any]
    fhir_server: str | None
    access_token: str | None = field(repr=False)

    @property
    def draft_orders(self) -> list[Mapping[str, Any]]:
        """The orders of PRRT that are being chosen or signed; with selections, those that are selected."""
        entries = entries_at(object_at(self.context, "draftOrders"), "entry")
        drafts = [object_at(entry, "resource") for entry in entries if object_at(entry, "resource")]
        told = self.context.get("selections")
        selected = {each for each in told if isinstance(each, str)} if isinstance(told, list) else set()
        chosen = [each for each in drafts if selected & _names_of(each)]
        of_prrt = [each for each in orders_prrt(drafts) if not chosen or each in chosen]
        return [_about(order, self.patient_id) for order in of_prrt]


def read_call(body: bytes, service: CdsService) -> HookCall:
    """The call in a body. Raises UnusableCallError, and RefusedRequest for what is not JSON."""
    told = read_resource(body)
    if told.get("hook") != service.hook:
        raise UnusableCallError(f"`hook` must be {service.hook}")
    hook_instance, context = text_at(told, "hookInstance"), object_at(told, "context")
    if hook_instance is None or not _A_NAME.fullmatch(hook_instance):
        raise UnusableCallError("`hookInstance` must be a UUID")
    patient_id = (text_at(context, "patientId") or "").removeprefix("Patient/")
    if not _A_FHIR_ID.fullmatch(patient_id) or set(patient_id) == {"."}:  # dots are steps in an address
        raise UnusableCallError("`context.patientId` must be the FHIR id of a patient")
    fhir_server, authorization = text_at(told, "fhirServer"), told.get("fhirAuthorization")
    if authorization is not None and fhir_server is None:
        raise UnusableCallError("`fhirServer` is required with `fhirAuthorization`")
    user_id = text_at(context, "userId")
    return HookCall(
        hook=service.hook,
        hook_instance=hook_instance,
        patient_id=patient_id,
        user_id=user_id if user_id and _A_NAME.fullmatch(user_id) else None,
        context=context,
        prefetch=object_at(told, "prefetch"),
        fhir_server=fhir_server,
        access_token=text_at(authorization, "access_token"),
    )


def _names_of(order: Mapping[str, Any]) -> set[str]:
    """How a selection may name an order: by type and id, as the specification says, or by its id."""
    name = text_at(order, "id")
    return {name, f"{text_at(order, 'resourceType')}/{name}"} if name else set()


def _about(order: Mapping[str, Any], patient_id: str) -> Mapping[str, Any]:
    """A draft that names no patient is of the patient of the call: it is being written in that patient's record."""
    if object_at(order, "subject") is not NOTHING:
        return order
    return {**order, "subject": {"reference": f"Patient/{patient_id}"}}
