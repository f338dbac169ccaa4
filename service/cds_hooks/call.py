"""What an EHR sends to a service: read tolerantly, because what clients put into it is rarely what FHIR asks for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.cds_hooks.catalogue import CdsService
from service.intake.fhir_text import read_resource
from service.intake.medications import orders_of_unknown_drug, orders_prrt
from service.intake.members import entries_at, object_at, text_at
from service.intake.sources import as_local

ORDERS = ("MedicationRequest", "ServiceRequest")
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
    drafts: tuple[Mapping[str, Any], ...]  # what is being drafted for this patient: orders, and what they refer to
    prefetch: Mapping[str, Any]
    fhir_server: str | None
    access_token: str | None = field(repr=False)

    @property
    def chosen(self) -> Sequence[Mapping[str, Any]]:
        """The drafts that are asked about: all that are to be signed; of those being chosen the selected ones."""
        told = self.context.get("selections") if self.hook == "order-select" else None
        selected = {each for each in told if isinstance(each, str)} if isinstance(told, list) else set()
        return [each for each in self.drafts if selected & _names_of(each)] or self.drafts

    def prrt_orders(self, among: Sequence[Mapping[str, Any]] = ()) -> list[Mapping[str, Any]]:
        """The drafts asked about that order PRRT; a medication they refer to may stand in `among`."""
        return orders_prrt(self.chosen, [*self.drafts, *among])

    def unknown_orders(self, among: Sequence[Mapping[str, Any]] = ()) -> list[Mapping[str, Any]]:
        """The drafts asked about of which nobody can say what they order."""
        return orders_of_unknown_drug(self.chosen, [*self.drafts, *among])


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
        drafts=_drafts(context, patient_id),
        prefetch=object_at(told, "prefetch"),
        fhir_server=fhir_server,
        access_token=text_at(authorization, "access_token"),
    )


def key_of(resource: Mapping[str, Any]) -> str | None:
    """Type and id of a resource; None if it has no id."""
    name = text_at(resource, "id")
    return f"{text_at(resource, 'resourceType')}/{name}" if name else None


def _names_of(order: Mapping[str, Any]) -> set[str | None]:
    """How a selection may name an order: by type and id, as the specification says, or by its id."""
    return {text_at(order, "id"), key_of(order)}


def _drafts(context: Mapping[str, Any], patient_id: str) -> tuple[Mapping[str, Any], ...]:
    entries = entries_at(object_at(context, "draftOrders"), "entry")
    drafted = [object_at(entry, "resource") for entry in entries if object_at(entry, "resource")]
    ours = [each for each in drafted if _is_about(each, patient_id) and each.get("doNotPerform") is not True]
    return tuple(_as_draft(each, patient_id) for each in ours)


def _is_about(draft: Mapping[str, Any], patient_id: str) -> bool:
    """Whether a draft is of the patient of the call; one that names nobody is being written in that patient's record."""
    reference = text_at(draft, "subject", "reference")
    return reference is None or as_local(reference) == f"Patient/{patient_id}"


def _as_draft(resource: Mapping[str, Any], patient_id: str) -> Mapping[str, Any]:
    """A draft with what clients leave out: whose it is, and that it is a draft."""
    if resource.get("resourceType") not in ORDERS:
        return resource
    status = {"status": "draft"} if resource.get("status") in (None, "unknown") else {}
    return {**resource, **status, "subject": {"reference": f"Patient/{patient_id}"}}
