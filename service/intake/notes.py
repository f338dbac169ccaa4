"""What the service itself could not have: OperationOutcomes of ours, one for each prefetch key."""

from collections.abc import Mapping
from typing import Any

from service.intake.members import entries_at, object_at, text_at

SYSTEM = "urn:prrt-cds:fetching"
WHY: dict[str, str] = {
    "not-sent": "was not sent along, and there is no FHIR server that may be asked",
    "not-fetched": "could not be fetched",
    "too-slow": "did not come in time",
    "too-large": "is too large",
    "refused": "was refused by the FHIR server",
    "elsewhere": "names a next page elsewhere",
}
# The type of resource that each key asks for.
KEYS: dict[str, str] = {
    "patient": "Patient",
    "laboratory": "Observation",
    "findings": "Observation",
    "conditions": "Condition",
    "treatments": "MedicationAdministration",
    "procedures": "Procedure",
    "reports": "DiagnosticReport",
    "medication_orders": "MedicationRequest",
    "service_orders": "ServiceRequest",
}


def key_and_reason(outcome: Mapping[str, Any]) -> tuple[str, str] | None:
    """The prefetch key of a note of ours and why it could not be had; None for any other OperationOutcome."""
    key = (text_at(outcome, "id") or "").replace("-", "_")
    issues = entries_at(outcome, "issue")
    codings = entries_at(object_at(issues[0], "details"), "coding") if issues else []
    if key not in KEYS or not codings or text_at(codings[0], "system") != SYSTEM:
        return None
    why = WHY.get(text_at(codings[0], "code") or "")
    return (key, why) if why else None
