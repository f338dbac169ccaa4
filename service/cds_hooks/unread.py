"""What was told about the patient of a call and could not be read: it is asked for in other words than what nobody told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.cds_hooks.call import ORDERS
from service.intake.concepts import codes_at, of_kind
from service.intake.cycles import RADIOPHARMACEUTICAL, note_possible_cycle
from service.intake.gathering import Gathered
from service.intake.medications import may_be_radiopharmaceutical
from service.intake.observed import observed_in
from service.intake.orders import ordered_activity
from service.intake.sources import Source, Sources, gather_sources
from service.intake.standing import leaves_nothing_open
from service.intake.trace import Intake, NotUsed
from service.intake.unread import SCORES

_INTERNAL = (RADIOPHARMACEUTICAL, "sirt")  # radiation from within
_COUNTED = "it counts once"
_PREFIXES = ("baseline_", "patient.", "disease.")


@dataclass(frozen=True, slots=True)
class Unread:
    """What the answer alone does not tell of what came: by what is asked for, and by the resource that it stands in."""

    words: frozenset[str] = frozenset()  # the first words of what came and could not be read
    cycles: Mapping[str, str] = field(default_factory=dict)  # what may be a cycle, in a sentence, the last first
    activities: Mapping[str, str] = field(default_factory=dict)  # of each order
    other_orders: frozenset[str] = frozenset()  # of drugs that are no radiopharmaceutical


def what_was_not_read(intake: Intake, resources: Sequence[Mapping[str, Any]], patient_id: str) -> Unread:
    """What came about the patient and stands in no value of the answer."""
    sources = gather_sources(resources)
    return Unread(
        words=unread_words(intake.not_used, sources, patient_id),
        cycles=_possible_cycles(intake, sources, patient_id),
        activities=_activities(sources),
        other_orders=_other_orders(sources),
    )


def _possible_cycles(intake: Intake, sources: Sources, patient_id: str) -> dict[str, str]:
    """What leaves the cycles told only in part, the last first; what has no day may be of any."""
    if intake.state.tells_all("radiopharmaceuticals"):
        return {}
    given = {each.given_on.isoformat() for each in intake.state.treatments or () if each.kind in _INTERNAL}
    left_out = [each for each in intake.not_used if not each.reason.endswith(_COUNTED)]
    gathered = Gathered()
    found: list[tuple[str, str, str]] = []
    for source in _left_out(left_out, sources, patient_id):
        note_possible_cycle(source, gathered, sources)
        for each in gathered.possible_cycles:
            if each.on is None or (each.on <= intake.state.as_of.isoformat() and not (each.by_procedure and each.on in given)):
                kind = "A procedure" if each.by_procedure else "A drug given"
                day = f"on {each.on}" if each.on else "on a day that is not told"
                found.append((each.on or "9999", source.label, f"{kind} {day} may be a cycle of PRRT and could not be read"))
        gathered.possible_cycles.clear()
    return {label: sentence for _, label, sentence in sorted(found, reverse=True)}


def _activities(sources: Sources) -> dict[str, str]:
    told = {each.label: ordered_activity(each.resource) for each in sources.every if each.kind in ORDERS}
    return {label: each.activity.quantity.words for label, each in told.items() if each and each.activity}


def _other_orders(sources: Sources) -> frozenset[str]:
    drugs = [each for each in sources.every if each.kind == "MedicationRequest"]
    return frozenset(each.label for each in drugs if not may_be_radiopharmaceutical(each, sources))


def unread_words(not_used: Sequence[NotUsed], sources: Sources, patient_id: str) -> frozenset[str]:
    """What came about the patient and could not be used, as the first word of what is asked for."""
    return frozenset(word for each in _left_out(not_used, sources, patient_id) for word in _words_of(each, sources))


def _left_out(not_used: Sequence[NotUsed], sources: Sources, patient_id: str) -> Iterator[Source]:
    """What was not used and may say something about the patient."""
    labels, patient = {each.resource.partition(" component ")[0] for each in not_used}, frozenset({f"Patient/{patient_id}"})
    for source in (*sources.every, *sources.disputed):
        if source.label in labels and not leaves_nothing_open(source, patient):
            yield source


def first_word(item: str) -> str:
    """What answers an item: of `baseline_creatinine` or `bilirubin.upper_limit` the analyte."""
    for prefix in _PREFIXES:
        item = item.removeprefix(prefix)
    return item.partition(".")[0]


def _words_of(source: Source, sources: Sources) -> set[str]:
    match source.kind:
        case "Observation":
            told = [code for observed in observed_in(source) for code in observed.codes]
            return {"performance" if code.means in SCORES else code.means for code in of_kind(told, "analyte", "reading")}
        case "MedicationAdministration":
            return {"treatments"} if may_be_radiopharmaceutical(source, sources) else set()
        case "DiagnosticReport":
            studies = {code.means for code in of_kind(codes_at(source.resource, "category"), "study")}
            return {"imaging"} if studies - {"laboratory"} else set()
        case _:
            return set()
