"""The services that are offered to EHRs, and what each asks to be sent along (prefetch)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from service.terminology.codes import CODES

HookName = Literal["patient-view", "order-select", "order-sign"]
SPECIFICATION = "2.0.1"
PATIENT_TOKEN = "{{context.patientId}}"  # noqa: S105  # a placeholder of the specification
_OF_PATIENT = f"patient={PATIENT_TOKEN}"
# EHRs answer with few entries unless they are asked for more, the latest first.
_MANY = "_count=500"
_LATEST = f"{_MANY}&_sort=-date"


def _observations(*kinds: str) -> str:
    """A search for every code of these kinds; one `code` with commas, because clients join or drop repeated parameters."""
    codes = dict.fromkeys(f"{row.system}|{row.code}" for row in CODES if row.kind in kinds and row.system == "http://loinc.org")
    return f"Observation?{_OF_PATIENT}&code={','.join(codes)}&{_LATEST}"


PREFETCH: Mapping[str, str] = {
    "patient": f"Patient/{PATIENT_TOKEN}",
    "laboratory": _observations("analyte"),
    "findings": _observations("reading"),
    "conditions": f"Condition?{_OF_PATIENT}&{_MANY}",
    "treatments": f"MedicationAdministration?{_OF_PATIENT}&{_MANY}",
    "procedures": f"Procedure?{_OF_PATIENT}&{_MANY}",
    "reports": f"DiagnosticReport?{_OF_PATIENT}&{_MANY}",
    "medication_orders": f"MedicationRequest?{_OF_PATIENT}&status=active,draft&{_MANY}",
    "service_orders": f"ServiceRequest?{_OF_PATIENT}&status=active,draft&{_MANY}",
}


@dataclass(frozen=True, slots=True)
class CdsService:
    """One service: the hook that it answers, and how it introduces itself."""

    id: str
    hook: HookName
    title: str
    description: str

    @property
    def speaks_of_orders(self) -> bool:
        """Whether it is called for orders, and says nothing of any but PRRT's."""
        return self.hook != "patient-view"

    def as_json(self) -> dict[str, Any]:
        """Its entry in the discovery document."""
        return {
            "id": self.id,
            "hook": self.hook,
            "hookVersion": "1.0",
            "version": SPECIFICATION,
            "title": self.title,
            "description": self.description,
            "prefetch": dict(PREFETCH),
            "usageRequirements": (
                "Prefetch is preferred. What is missing is fetched if a FHIR server and an access token are sent along and the "
                "host of the server is allowed. Decision support for professionals; not a medical device."
            ),
        }


SERVICES: Mapping[str, CdsService] = {
    service.id: service
    for service in (
        CdsService(
            "prrt-patient-view",
            "patient-view",
            "PRRT: status of the course",
            "For patients with a neuroendocrine tumour: the decision for the next cycle of PRRT, the most urgent "
            "recommendations, and predicted survival, each with its reasons and sources. Nothing for other patients.",
        ),
        CdsService(
            "prrt-order-select",
            "order-select",
            "PRRT: before the order",
            "When a radiopharmaceutical for PRRT is being chosen: the decision for the next cycle and what stands against it.",
        ),
        CdsService(
            "prrt-order-sign",
            "order-sign",
            "PRRT: before signing",
            "Before an order of PRRT is signed: the decision for the next cycle and what stands against it.",
        ),
    )
}
