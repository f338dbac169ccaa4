"""What is known about the patient of a call: what was sent along, completed from the FHIR server where it may be asked."""

from asyncio import gather, to_thread
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from service.cds_hooks.call import HookCall, key_of
from service.cds_hooks.catalogue import PATIENT_TOKEN, PREFETCH
from service.cds_hooks.fhir_server import FhirServer, NotFetchedError, Why
from service.intake.fhir_text import as_text, asked_about
from service.intake.medications import unresolved_medications
from service.intake.members import NOTHING, entries_at, object_at, text_at
from service.intake.notes import KEYS, SYSTEM, key_and_reason
from service.intake.sources import types_not_had

_MISSING = object()
MOST_MEDICATIONS = 20


class NoPatientError(Exception):
    """The patient was not sent along and could not be fetched. The message says why."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about the patient of a call: the Parameters of `$prrt-assess` as JSON text, and what could not be had."""

    body: bytes
    lacking: tuple[str, ...]  # keys of the prefetch
    resources: tuple[Mapping[str, Any], ...]


async def gather_resources(call: HookCall, server: FhirServer | None) -> Known:
    """Everything about the patient of a call that was sent along or can be fetched. Raises NoPatientError.

    Keys of the prefetch are only hints: its values are read by what they are. A key of ours that is null says that the EHR
    has nothing there; one that is absent, an error or a part of what was found is asked for.
    """
    foreign = [object_at(value) for key, value in call.prefetch.items() if key not in PREFETCH and object_at(value)]
    types_elsewhere = _types(foreign)
    results = await gather(*(_settled(key, call, server, types_elsewhere) for key in PREFETCH))
    found = [result for result in results if result is not None]
    drafted = frozenset(filter(None, map(key_of, call.drafts)))
    known = [_without(each, call.patient_id, drafted) for each in (*foreign, *found)]
    resources = [*(each for each in known if each), *call.drafts]
    resources += await _medications(resources, server)
    if not any(_is_patient(resource, call.patient_id) for resource in _every(resources)):
        raise NoPatientError("`prefetch.patient`: the patient of the call was not sent along and could not be fetched")
    occasion = {"hook": call.hook, "hook_instance": call.hook_instance, "user": call.user_id}
    body = await to_thread(as_text, asked_about(call.patient_id, resources, **occasion))
    lacking = tuple(key for key, result in zip(PREFETCH, results, strict=True) if result and key_and_reason(result))
    return Known(body, lacking, tuple(resources))


async def _medications(resources: list[Mapping[str, Any]], server: FhirServer | None) -> list[Mapping[str, Any]]:
    """The medications that orders and administrations refer to and that did not come along, as far as they can be had."""
    wanted = unresolved_medications(resources)[:MOST_MEDICATIONS] if server else []
    answers = await gather(*(_medication(each, server) for each in wanted if server))
    return [answer for answer in answers if answer is not None]


async def _medication(reference: str, server: FhirServer) -> Mapping[str, Any] | None:
    try:
        return await server.fetch(reference)
    except NotFetchedError:
        return None  # what refers to it is not used, and says so


async def _settled(
    key: str, call: HookCall, server: FhirServer | None, types_elsewhere: frozenset[str | None]
) -> Mapping[str, Any] | None:
    """What is known under one key of ours; None if there is nothing, an OperationOutcome if it cannot be had."""
    told = call.prefetch.get(key, _MISSING)
    if told is None:
        return None
    sent = object_at(told)
    is_usable = bool(sent) and sent.get("resourceType") != "OperationOutcome"
    if is_usable and not _is_partial(sent):
        return sent
    if server is None:
        if sent or KEYS[key] in types_elsewhere:
            return sent or None
        return _note(key, "not-sent")
    try:
        return await server.fetch(PREFETCH[key].replace(PATIENT_TOKEN, quote(call.patient_id, safe="")))
    except NotFetchedError as error:
        return sent if is_usable else _note(key, error.why)


def _is_partial(bundle: Mapping[str, Any]) -> bool:
    """Whether a search found more than came, as the intake sees it, or failed in part."""
    failed = any(text_at(entry, "resource", "resourceType") == "OperationOutcome" for entry in entries_at(bundle, "entry"))
    return failed or bool(types_not_had([bundle]))


def _note(key: str, why: Why) -> Mapping[str, Any]:
    """What could not be had, for the reader of the resources to list."""
    issue = {"severity": "warning", "code": "incomplete", "details": {"coding": [{"system": SYSTEM, "code": why}]}}
    return {"resourceType": "OperationOutcome", "id": key.replace("_", "-"), "issue": [issue]}


def _types(values: list[Mapping[str, Any]]) -> frozenset[str | None]:
    """The types of what came under the keys of somebody else."""
    return frozenset(text_at(each, "resourceType") for each in _every(values))


def _every(resources: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    inside = (object_at(entry, "resource") for resource in resources for entry in entries_at(resource, "entry"))
    return [*resources, *inside]


def _is_patient(resource: Mapping[str, Any], patient_id: str) -> bool:
    return resource.get("resourceType") == "Patient" and resource.get("id") == patient_id


def _without(resource: Mapping[str, Any], patient_id: str, drafted: frozenset[str]) -> Mapping[str, Any]:
    """A resource, or a bundle of them, without other Patients and without what the call drafts anew.

    Nothing of another patient may be recorded under this one's name, and a draft counts as it is now.
    """

    def may_stay(each: Mapping[str, Any]) -> bool:
        return _is_patient(each, patient_id) if each.get("resourceType") == "Patient" else key_of(each) not in drafted

    if not isinstance(resource.get("entry"), list):
        return resource if may_stay(resource) else NOTHING
    return {**resource, "entry": [entry for entry in resource["entry"] if may_stay(object_at(entry, "resource"))]}
