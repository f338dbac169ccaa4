"""What was told about the patient of a call and could not be read: it is asked for in other words than what nobody told."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.intake.concepts import codes_at, of_kind
from service.intake.medications import may_be_radiopharmaceutical
from service.intake.observed import observed_in
from service.intake.sources import Source, Sources, gather_sources
from service.intake.standing import leaves_nothing_open
from service.intake.trace import NotUsed
from service.intake.unread import SCORES

_PREFIXES = ("baseline_", "patient.", "disease.")


def unread_words(not_used: Sequence[NotUsed], resources: Sequence[Mapping[str, Any]], patient_id: str) -> frozenset[str]:
    """What came about the patient and could not be used, as the first word of what is asked for."""
    labels = {each.resource.partition(" component ")[0] for each in not_used}
    sources, patient = gather_sources(resources), frozenset({f"Patient/{patient_id}"})
    left_out = (each for each in (*sources.every, *sources.disputed) if each.label in labels)
    return frozenset(word for each in left_out if not leaves_nothing_open(each, patient) for word in _words_of(each, sources))


def first_word(item: str) -> str:
    """What answers an item: of `baseline_creatinine` or `bilirubin.upper_limit` the analyte."""
    for prefix in _PREFIXES:
        item = item.removeprefix(prefix)
    return item.partition(".")[0]


def _words_of(source: Source, sources: Sources) -> set[str]:
    match source.kind:
        case "Observation":
            told = [code for observed in observed_in(source) for code in codes_at(observed.node, "code")]
            return {"performance" if code.means in SCORES else code.means for code in of_kind(told, "analyte", "reading")}
        case "MedicationAdministration":
            return {"treatments"} if may_be_radiopharmaceutical(source, sources) else set()
        case "DiagnosticReport":
            studies = {code.means for code in of_kind(codes_at(source.resource, "category"), "study")}
            return {"imaging"} if studies - {"laboratory"} else set()
        case _:
            return set()
