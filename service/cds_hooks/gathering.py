"""What is known about the patient of a call: what was sent along, completed from the FHIR server where it may be asked."""

from asyncio import gather
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from service.cds_hooks.call import HookCall
from service.cds_hooks.catalogue import PATIENT_TOKEN, PREFETCH
from service.cds_hooks.fhir_server import FhirServer, NotFetchedError, Why
from service.intake.fhir_text import as_text, asked_about
from service.intake.members import entries_at, object_at, text_at

_MISSING = object()
FETCHING = "urn:prrt-cds:fetching"


class NoPatientError(Exception):
    """The patient was not sent along and could not be fetched. The message says why."""


async def gather_resources(call: HookCall, server: FhirServer | None) -> bytes:
    """The Parameters of `$prrt-assess` for the patient of a call, as JSON text. Raises NoPatientError.

    Keys of the prefetch are only hints: its values are read by what they are. A key of ours that is null says that the EHR
    has nothing there; one that is absent, an error or a part of what was found is asked for.
    """
    values = [value for key, value in call.prefetch.items() if key not in PREFETCH]
    results = await gather(*(_settled(key, call, server, _types(values)) for key in PREFETCH))
    resources = [*values, *(resource for resource in results if resource is not None), *call.draft_orders]
    usable = [object_at(each) for each in _without_other_patients(resources, call.patient_id) if object_at(each)]
    if not any(_is_patient(resource, call.patient_id) for resource in _every(usable)):
        raise NoPatientError("`prefetch.patient`: the patient of the call was not sent along and could not be fetched")
    asked = asked_about(call.patient_id, usable, hook=call.hook, hook_instance=call.hook_instance, user=call.user_id)
    return as_text(asked)


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
        if sent or PREFETCH[key].partition("/")[0].partition("?")[0] in types_elsewhere:
            return sent or None
        return _note(key, "not-sent")
    try:
        return await server.fetch(PREFETCH[key].replace(PATIENT_TOKEN, quote(call.patient_id, safe="")))
    except NotFetchedError as error:
        return sent if is_usable else _note(key, error.why)


def _is_partial(bundle: Mapping[str, Any]) -> bool:
    total = bundle.get("total")
    more = any(link.get("relation") == "next" for link in entries_at(bundle, "link"))
    failed = any(object_at(entry, "resource").get("resourceType") == "OperationOutcome" for entry in entries_at(bundle, "entry"))
    return more or failed or (isinstance(total, int) and total > len(entries_at(bundle, "entry")))


def _note(key: str, why: Why) -> Mapping[str, Any]:
    """What could not be had, for the reader of the resources to list."""
    issue = {"severity": "warning", "code": "incomplete", "details": {"coding": [{"system": FETCHING, "code": why}]}}
    return {"resourceType": "OperationOutcome", "id": key.replace("_", "-"), "issue": [issue]}


def _types(values: list[Any]) -> frozenset[str | None]:
    """The types of what came under the keys of somebody else."""
    return frozenset(text_at(each, "resourceType") for each in _every([object_at(value) for value in values]))


def _every(resources: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    inside = (object_at(entry, "resource") for resource in resources for entry in entries_at(resource, "entry"))
    return [*resources, *inside]


def _is_patient(resource: Mapping[str, Any], patient_id: str) -> bool:
    return resource.get("resourceType") == "Patient" and resource.get("id") == patient_id


def _without_other_patients(resources: list[Any], patient_id: str) -> list[Any]:
    """No other Patient stays: nothing of one may be recorded under this one's name."""
    return [each for each in resources if object_at(each).get("resourceType") != "Patient" or _is_patient(each, patient_id)]
