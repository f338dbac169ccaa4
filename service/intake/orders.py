"""MedicationRequest and ServiceRequest: what is intended for the current course.

Doubt: a draft that names PRRT in words alone is a plan of an agent that nobody told: it opens the question, and is no answer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.intake.concepts import codes_at, of_kind
from service.intake.gathering import Claim, Gathered, origin
from service.intake.medications import NOT_SENT_ALONG, drugs_of, is_medication_missing
from service.intake.members import entries_at, object_at, text_at
from service.intake.moments import When, moment_of, read_when
from service.intake.own_extension import told_by_extension
from service.intake.quantities import told_unit
from service.intake.settling import settle
from service.intake.sources import Source, Sources
from service.patient.measures import Activity
from service.patient.treatment import Plan
from service.terminology.codes import find_code, is_another_drug

BY_WORDS = "names PRRT in words alone: no code says what it orders"
NOT_READ = "planned_activity could not be read"
ANOTHER_ORDER = "orders no radiopharmaceutical that is read"
# Lutathera is also written with another h, or with a double t.
_OF_PRRT = re.compile(r"lut+h?at+h?[ae]ra|lutetium|oxodotreotide|edotreotide|lu[\s-]*177|177[\s-]*lu|\bprrt\b", re.IGNORECASE)
_LOOKS_ALIKE = re.compile(r"vipivotide|pluvicto|psma", re.IGNORECASE)
_OF_IMAGING = re.compile(r"gallium|ga[\s-]*68|68[\s-]*ga|cu[\s-]*64|f[\s-]*18|18[\s-]*f|\bpet\b", re.IGNORECASE)
_CODES_OF_LOOK_ALIKES = ("V10XX05", "2594316")  # lutetium (177Lu) vipivotide tetraxetan, of ATC and of RxNorm
_AN_ACTIVITY = re.compile(r"\d\s*-?\s*([gmk]?bq\b|m?ci\b|[a-z]*-?becquerel|[a-z]*curie)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OrderedActivity:
    """The activity that an order tells; if it cannot be read, why not, in words that hold no value."""

    told: Mapping[str, Any]
    activity: Activity | None
    why_not: tuple[str, ...]


def read_order(source: Source, gathered: Gathered, sources: Sources) -> None:
    """Add what an order of a radiopharmaceutical says about the plan."""
    drugs = [code for code in drugs_of(source, sources) if code.kind == "radiopharmaceutical"]
    told = told_by_extension(source.resource, "plan")
    if told is not None:
        gathered.complete("plan", told, origin(source.label))
    if len(drugs) > 1:
        gathered.refuse(source.label, "has codes that mean different things")
        return
    if not drugs and told is None:
        _leave_out(source, gathered, sources)
        return
    when = _next_cycle(source.resource)
    ordered = ordered_activity(source.resource)
    core: dict[str, Any] = {"agent": drugs[0].means} if drugs else {}
    if when is not None:
        core["next_cycle_on"] = when.on
    if ordered and ordered.activity:
        core["planned_activity"] = _as_told_before(ordered.activity, gathered)
    routes = of_kind(codes_at(_first_dosage(source.resource), "route"), "route")
    if len(routes) == 1:
        core["route"] = routes[0].means
    for why in ordered.why_not if ordered else ():
        gathered.refuse(source.label, why)
    plan = settle(Plan, core, lambda reason: gathered.refuse(source.label, reason))
    for name in core:
        value = getattr(plan, name, None)
        if value is not None:
            amount = ordered.told if ordered and name == "planned_activity" else object_at(None)
            gathered.claim("plan", name, Claim(value, origin(source.label, when, amount.get("value"), told_unit(amount))))


def _as_told_before(activity: Activity, gathered: Gathered) -> Activity:
    """The activity in the unit in which another order told the same."""
    told = [claim.value for claim in gathered.claims.get(("plan", "planned_activity"), ())]
    return next((each for each in told if isinstance(each, Activity) and each.quantity == activity.quantity), activity)


def _leave_out(source: Source, gathered: Gathered, sources: Sources) -> None:
    """Say why an order without a radiopharmaceutical that is read is not used, and keep open what a draft may be."""
    if names_prrt(source, sources):
        gathered.refuse(source.label, BY_WORDS)
        gathered.told.update({"plan"} if text_at(source.resource, "status") == "draft" else ())
        return
    known = drugs_of(source, sources) or not is_medication_missing(source, sources)
    gathered.refuse(source.label, ANOTHER_ORDER if known else NOT_SENT_ALONG)


def ordered_activity(order: Mapping[str, Any]) -> OrderedActivity | None:
    """The activity that an order tells, or why it could not be read; None if it tells none."""
    dosages = entries_at(order, "dosageInstruction")
    rates = [object_at(rate, "doseQuantity") for dosage in dosages for rate in entries_at(dosage, "doseAndRate")]
    doses = [*rates, *filter(None, [object_at(order, "quantityQuantity")])]
    readable = [dose for dose in doses if dose and "comparator" not in dose]
    if len(dosages) <= 1 and len(readable) == 1:
        why_not: list[str] = []
        amount = {"value": readable[0].get("value"), "unit": told_unit(readable[0])}
        activity = settle(Activity, amount, lambda reason: why_not.append(f"planned_activity.{reason}"))
        return OrderedActivity(readable[0], activity, tuple(why_not))
    if doses or any(_AN_ACTIVITY.search(text) for text in _remarks(order, dosages)):
        return OrderedActivity(object_at(None), None, (NOT_READ,))
    return None


def _remarks(order: Mapping[str, Any], dosages: Sequence[Mapping[str, Any]]) -> list[str]:
    """What an order says in words."""
    told = [text_at(dosage, name) for dosage in dosages for name in ("text", "patientInstruction")]
    notes = [text_at(note, "text") for note in entries_at(order, "note")]
    named = [text_at(order, name, "text") for name in ("medicationCodeableConcept", "code")]
    return [text for text in (*told, *notes, *named) if text]


def ordered_on(order: Mapping[str, Any]) -> str | None:
    """The day for which an order is, else on which it was written; None if neither is told."""
    when = _next_cycle(order) or read_when(text_at(order, "authoredOn"))
    return when.on if when else None


def names_prrt(source: Source, sources: Sources) -> bool:
    """Whether the words of an order without a code that is read name a radiopharmaceutical of PRRT."""
    words = _words_of(source, sources)
    return bool(_OF_PRRT.search(words)) and not _LOOKS_ALIKE.search(words) and not _OF_IMAGING.search(words)


def is_look_alike(source: Source, sources: Sources) -> bool:
    """Whether the code or the words of an order are of a radiopharmaceutical that is easily taken for one of PRRT (Pluvicto)."""
    if any(code in _CODES_OF_LOOK_ALIKES and is_another_drug(system, code) for system, code in _codes_of(source, sources)):
        return True
    words = _words_of(source, sources)
    return bool(_LOOKS_ALIKE.search(words)) and not _OF_IMAGING.search(words)


def _concepts_of(source: Source, sources: Sources) -> list[Mapping[str, Any]]:
    """Where an order says what it orders."""
    order = source.resource
    referred = sources.find(source, object_at(order, "medicationReference"))
    return [object_at(order, "medicationCodeableConcept"), object_at(order, "code"), object_at(referred, "code")]


def _codes_of(source: Source, sources: Sources) -> list[tuple[str, str]]:
    codings = [coding for concept in _concepts_of(source, sources) for coding in entries_at(concept, "coding")]
    return [(text_at(coding, "system") or "", text_at(coding, "code") or "") for coding in codings]


def _words_of(source: Source, sources: Sources) -> str:
    """The words of an order without a code that is read; none of one with such a code.

    Where a code says that it is something else, the display of that code may still name PRRT, and nothing else may.
    """
    concepts, codes = _concepts_of(source, sources), _codes_of(source, sources)
    if any(find_code(*code) for code in codes):
        return ""
    codings = [coding for concept in concepts for coding in entries_at(concept, "coding")]
    free = [] if any(is_another_drug(*code) for code in codes) else [text_at(concept, "text") for concept in concepts]
    return " ".join(filter(None, (*free, *(text_at(coding, "display") for coding in codings))))


def _first_dosage(order: Mapping[str, Any]) -> Mapping[str, Any]:
    """The dosage instruction, if there is exactly one; several could be steps of something else."""
    dosages = entries_at(order, "dosageInstruction")
    return dosages[0] if len(dosages) == 1 else object_at(None)


def _next_cycle(order: Mapping[str, Any]) -> When | None:
    events = object_at(_first_dosage(order), "timing").get("event")
    first = events[0] if isinstance(events, list) and len(events) == 1 else None
    return moment_of(order, "occurrence") or read_when(first if isinstance(first, str) else None)
