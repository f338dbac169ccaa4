"""Which drug a resource is about: coded there, contained, or in another resource of the same bundle."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.intake.concepts import codes_at
from service.intake.members import object_at
from service.intake.sources import Source, Sources, gather_sources
from service.terminology.codes import Code
from service.vocabulary import PRRT_AGENTS

_ORDERS = ("MedicationRequest", "ServiceRequest")


def drugs_of(source: Source, sources: Sources) -> list[Code]:
    """The radiopharmaceuticals and drugs that a resource names, each once; more than one do not agree."""
    medication = sources.find(source, object_at(source.resource, "medicationReference"))
    codes = [
        *codes_at(source.resource, "medicationCodeableConcept"),
        *codes_at(medication, "code"),
        *(codes_at(source.resource, "code") if source.kind == "ServiceRequest" else ()),
    ]
    by_agent = {code.agent or code.means: code for code in of_drugs(codes)}
    return list(by_agent.values())


def of_drugs(codes: list[Code]) -> list[Code]:
    """The codes of radiopharmaceuticals and drugs among these."""
    return [code for code in codes if code.kind in ("radiopharmaceutical", "drug")]


def orders_prrt(resources: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The orders of a PRRT radiopharmaceutical among resources and bundles of them, whatever their status."""
    sources = gather_sources(resources)
    return [source.resource for source in sources.every if _orders_prrt(source, sources)]


def _orders_prrt(source: Source, sources: Sources) -> bool:
    return source.kind in _ORDERS and any(code.means in PRRT_AGENTS for code in drugs_of(source, sources))
