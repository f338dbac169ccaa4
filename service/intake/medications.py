"""Which drug a resource is about: coded there, contained, or in another resource that came along."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from service.intake.concepts import codes_at
from service.intake.members import entries_at, object_at, text_at
from service.intake.sources import Source, Sources, as_local, gather_sources
from service.terminology.codes import Code, is_another_drug
from service.terminology.units import MEASURANDS
from service.vocabulary import PRRT_AGENTS

NOT_SENT_ALONG = "refers to a medication that was not sent along"
_OF_MEDICATIONS = ("MedicationAdministration", "MedicationRequest")
_RELATIVE = re.compile(r"Medication/[A-Za-z0-9.\-]{1,64}(/_history/[A-Za-z0-9.\-]{1,64})?")


def drugs_of(source: Source, sources: Sources) -> list[Code]:
    """The radiopharmaceuticals and drugs that a resource names, each once; more than one do not agree."""
    codes = [
        *codes_at(source.resource, "medicationCodeableConcept"),
        *codes_at(_medication(source, sources), "code"),
        *(codes_at(source.resource, "code") if source.kind == "ServiceRequest" else ()),
    ]
    by_agent = {code.agent or code.means: code for code in of_drugs(codes)}
    return list(by_agent.values())


def of_drugs(codes: list[Code]) -> list[Code]:
    """The codes of radiopharmaceuticals and drugs among these."""
    return [code for code in codes if code.kind in ("radiopharmaceutical", "drug")]


def is_medication_missing(source: Source, sources: Sources) -> bool:
    """Whether a resource refers to a medication that did not come."""
    return text_at(source.resource, "medicationReference", "reference") is not None and not _medication(source, sources)


def may_be_radiopharmaceutical(source: Source, sources: Sources) -> bool:
    """Whether a drug that was given is a radiopharmaceutical, or cannot be told from one.

    A drug that means nothing here is another one if a code says so, of a system in which the radiopharmaceuticals are
    known; without such a code, or given by its activity, it may be one.
    Doubt: a code of those systems for Lutathera that the table lacks is taken for another drug unless it is given by its
    activity; and where every drug is coded in another system (SNOMED CT, a national one) every drug may be one.
    """
    drugs = drugs_of(source, sources)
    if drugs:
        return any(code.kind == "radiopharmaceutical" for code in drugs)
    concepts = (object_at(source.resource, "medicationCodeableConcept"), object_at(_medication(source, sources), "code"))
    codings = [coding for concept in concepts for coding in entries_at(concept, "coding")]
    is_other = any(is_another_drug(text_at(each, "system") or "", text_at(each, "code") or "") for each in codings)
    dose = object_at(source.resource, "dosage", "dose")
    by_activity = any(MEASURANDS["activity"].accepts(text_at(dose, name) or "") for name in ("unit", "code"))
    return by_activity or not is_other


def is_of_prrt(order: Source, sources: Sources) -> bool:
    """Whether an order is of a PRRT radiopharmaceutical, whatever its status."""
    return any(code.means in PRRT_AGENTS for code in drugs_of(order, sources))


def is_of_unknown_drug(order: Source, sources: Sources) -> bool:
    """Whether nobody can say what an order is of: it refers to a medication that did not come."""
    return is_medication_missing(order, sources) and not drugs_of(order, sources)


def unresolved_medications(resources: Sequence[Mapping[str, Any]]) -> list[str]:
    """The relative references (`Medication/{id}`) to medications that did not come, each once."""
    sources = gather_sources(resources)
    named = [
        text_at(source.resource, "medicationReference", "reference") or ""
        for source in (*sources.every, *sources.disputed)
        if source.kind in _OF_MEDICATIONS and is_medication_missing(source, sources)
    ]
    return list(dict.fromkeys(as_local(each) for each in named if _RELATIVE.fullmatch(each)))


def _medication(source: Source, sources: Sources) -> Mapping[str, Any]:
    return sources.find(source, object_at(source.resource, "medicationReference"))
