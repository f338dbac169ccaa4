"""What an EHR sends to a service: read tolerantly, because what clients put into it is rarely what FHIR asks for."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.cds_hooks.catalogue import CdsService
from service.intake.fhir_text import read_resource
from service.intake.medications import is_of_prrt, is_of_unknown_drug
from service.intake.members import entries_at, object_at, text_at
from service.intake.orders import is_look_alike, names_prrt
from service.intake.sources import URN, Source, Sources, as_local, gather_sources, resources_in

ORDERS = ("MedicationRequest", "ServiceRequest")
_NOT_TO_BE_DONE = ("cancelled", "revoked", "entered-in-error")
Resources = Sequence[Mapping[str, Any]]
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
    foreign_drafts: tuple[Mapping[str, Any], ...]  # what is being drafted for somebody else
    prefetch: Mapping[str, Any]
    fhir_server: str | None
    access_token: str | None = field(repr=False)

    def orders(self, among: Resources = ()) -> "Orders":
        """The orders of PRRT, or of what may be PRRT, that are asked about; a medication they refer to may stand in `among`."""
        ours, foreign = map(_orders_among, self._chosen())
        known = gather_sources([*self.drafts, *among])
        of_others = gather_sources([*self.foreign_drafts, *among] if foreign else ())
        return Orders(
            coded=_found(is_of_prrt, ours, known),
            named=_found(names_prrt, ours, known),
            unknown=_found(is_of_unknown_drug, ours, known),
            look_alike=_found(is_look_alike, ours, known),
            foreign=any(_found(is_such, foreign, of_others) for is_such in (is_of_prrt, names_prrt, is_of_unknown_drug)),
        )

    def _chosen(self) -> tuple[Resources, Resources]:
        """The drafts asked about, and those for others: all that are to be signed; of those being chosen the selected ones."""
        told = self.context.get("selections") if self.hook == "order-select" else None
        selected = {each for each in told if isinstance(each, str)} if isinstance(told, list) else set()
        ours = [each for each in self.drafts if selected & _names_of(each)]
        foreign = [each for each in self.foreign_drafts if selected & _names_of(each)]
        return (ours, foreign) if ours or foreign else (self.drafts, self.foreign_drafts)


@dataclass(frozen=True, slots=True)
class Orders:
    """The drafts that are asked about, as far as PRRT is a matter of them."""

    coded: Resources = ()
    named: Resources = ()  # in words alone
    unknown: Resources = ()  # they refer to a medication that did not come
    look_alike: Resources = ()  # of another radiopharmaceutical that is easily taken for PRRT
    foreign: bool = False  # whether one is for another patient than that of the call

    @property
    def of_prrt(self) -> Resources:
        """Those of this patient that name PRRT."""
        return (*self.coded, *self.named)

    @property
    def every(self) -> Resources:
        """Those of this patient that are spoken of."""
        return (*self.of_prrt, *self.unknown, *self.look_alike)


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
    user_id, drafted = text_at(context, "userId"), _drafted(context)
    return HookCall(
        hook=service.hook,
        hook_instance=hook_instance,
        patient_id=patient_id,
        user_id=user_id if user_id and _A_NAME.fullmatch(user_id) else None,
        context=context,
        drafts=tuple(_as_draft(each, patient_id) for each in drafted if _is_about(each, patient_id)),
        foreign_drafts=tuple(each for each in drafted if not _is_about(each, patient_id)),
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


def _orders_among(drafts: Resources) -> list[Source]:
    """The drafts that are orders, each for itself: two alike, or of one id, are two."""
    return [source for draft in drafts if draft.get("resourceType") in ORDERS for source in gather_sources([draft]).every]


def _found(is_such: Callable[[Source, Sources], bool], orders: Sequence[Source], known: Sources) -> Resources:
    return [order.resource for order in orders if is_such(order, known)]


def _drafted(context: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = entries_at(object_at(context, "draftOrders"), "entry")
    drafted = resources_in([object_at(entry, "resource") for entry in entries])
    return [each for each in drafted if each and each.get("doNotPerform") is not True and not _is_cancelled(each)]


def _is_cancelled(draft: Mapping[str, Any]) -> bool:
    return draft.get("resourceType") in ORDERS and draft.get("status") in _NOT_TO_BE_DONE


def _is_about(draft: Mapping[str, Any], patient_id: str) -> bool:
    """Whether a draft is of the patient of the call; one that names nobody is being written in that patient's record."""
    reference = text_at(draft, "subject", "reference")
    return reference is None or as_local(reference) in (f"Patient/{patient_id}", f"{URN}{patient_id}")


def _as_draft(resource: Mapping[str, Any], patient_id: str) -> Mapping[str, Any]:
    """A draft with what clients leave out: whose it is, and that it is a draft."""
    if resource.get("resourceType") not in ORDERS:
        return resource
    status = {"status": "draft"} if resource.get("status") in (None, "unknown") else {}
    return {**resource, **status, "subject": {"reference": f"Patient/{patient_id}"}}
