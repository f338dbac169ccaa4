"""Whether a resource stands: its status, its subject, and nothing in it that changes what it means."""

from collections.abc import Collection, Mapping
from typing import Any

from service.intake.concepts import codes_at, of_kind, only_word
from service.intake.members import text_at
from service.intake.sources import Source, as_local

_ERROR = frozenset({"entered-in-error", "unknown"})
_RESULT = frozenset({"final", "amended", "corrected"})
_DONE = frozenset({"completed"})
_ORDERED = frozenset({"active", "draft"})
_DOING = frozenset({"in-progress", "not-done", "on-hold", "stopped"})
# For each type that is read: the statuses that are used, and the others that FHIR has.
_STATUSES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "Observation": (_RESULT, _ERROR | {"registered", "preliminary", "cancelled"}),
    "DiagnosticReport": (_RESULT | {"appended"}, _ERROR | {"registered", "partial", "preliminary", "cancelled"}),
    "MedicationAdministration": (_DONE, _ERROR | _DOING),
    "Procedure": (_DONE, _ERROR | _DOING | {"preparation"}),
    "MedicationRequest": (_ORDERED, _ERROR | {"on-hold", "cancelled", "completed", "stopped"}),
    "ServiceRequest": (_ORDERED, _ERROR | {"on-hold", "revoked", "completed"}),
}
# The statuses of which nothing came: no value, nothing given. A treatment that was stopped was given in part.
_NOTHING_CAME: dict[str, frozenset[str]] = {
    "Observation": frozenset({"registered", "cancelled", "entered-in-error"}),
    "DiagnosticReport": frozenset({"registered", "cancelled", "entered-in-error"}),
    "MedicationAdministration": frozenset({"not-done", "entered-in-error"}),
    "Procedure": frozenset({"preparation", "not-done", "entered-in-error"}),
}
_INTENDED = frozenset({"proposal", "plan", "order", "original-order", "filler-order", "instance-order"})
_ACTIVE = frozenset({"active", "recurrence", "relapse"})
_OVER = frozenset({"inactive", "remission", "resolved"})
_GONE = frozenset({"inactive", "resolved"})
_LASTING = ("marrow_neoplasm", "lasting_concern")
_NEVER_WAS = frozenset({"refuted", "entered-in-error"})
_CONFIRMED = frozenset({"confirmed"})
_NOT_CONFIRMED = frozenset({"unconfirmed", "provisional", "differential", "refuted", "entered-in-error"})


def why_not_standing(source: Source, patient: Collection[str]) -> str | None:
    """Why nothing of this resource can be used, or None. `patient` holds every reference that names the patient."""
    resource = source.resource
    if "modifierExtension" in resource or "implicitRules" in resource:
        return "has a modifier that is not understood"
    subject = text_at(resource, "subject", "reference")
    if subject is None:
        return "does not say whose it is"
    if _names_another(subject, patient):
        return "is of another patient"
    if source.kind == "Condition":
        return _why_condition_is_not_standing(resource)
    used, others = _STATUSES.get(source.kind, (frozenset(), frozenset()))
    status = text_at(resource, "status")
    if used and status not in used:
        return f"has status {status}" if status in others else "has no status that is read"
    return why_not_intended(resource) if used is _ORDERED else None


def leaves_nothing_open(source: Source, patient: Collection[str]) -> bool:
    """Whether a resource that cannot be used says nothing about this patient either way: another's, or nothing came of it."""
    subject = text_at(source.resource, "subject", "reference")
    if subject is not None and _names_another(subject, patient):
        return True
    if source.kind == "Condition":
        return _is_over(source.resource)
    return text_at(source.resource, "status") in _NOTHING_CAME.get(source.kind, ())


def _names_another(subject: str, patient: Collection[str]) -> bool:
    return subject not in patient and as_local(subject) not in patient


def why_not_intended(order: Mapping[str, Any]) -> str | None:
    """Why an order does not say what is intended, or None. Clients send drafts without an intent."""
    if order.get("doNotPerform", False) is not False:
        return "orders that something is not done"
    if "intent" in order and text_at(order, "intent") not in _INTENDED:
        return "has an intent that is not read"
    return None


def _is_over(condition: Mapping[str, Any]) -> bool:
    """Whether a condition says that there is none any more, or never was one. Some are never just gone."""
    if only_word(condition, "verificationStatus", _NEVER_WAS):
        return True
    if of_kind(codes_at(condition, "code"), *_LASTING):
        return False
    return bool(only_word(condition, "clinicalStatus", _GONE)) or any(name.startswith("abatement") for name in condition)


def _why_condition_is_not_standing(condition: Mapping[str, Any]) -> str | None:
    if any(name.startswith("abatement") for name in condition):
        return "says that it is over"
    clinical = _of_condition(condition, "clinicalStatus", _ACTIVE, _OVER)
    return clinical or _of_condition(condition, "verificationStatus", _CONFIRMED, _NOT_CONFIRMED)


def _of_condition(resource: Mapping[str, Any], name: str, used: frozenset[str], others: frozenset[str]) -> str | None:
    if name not in resource:
        return None
    word = only_word(resource, name, used | others)
    if word is None:
        return f"has a {name} that is not read"
    return None if word in used else f"has {name} {word}"
