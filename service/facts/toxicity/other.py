"""Liver enzymes, recorded events and told delays of one course, as readings of the dose modification.

An event counts from grade 3 if it may be related to PRRT. Events of one name are one toxicity: the same
again after a dose is a recurrence; those without a name stand each for itself. Hypersensitivity ends
treatment at once. Doubt: an event without a word on being related, or without a grade, is a question.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from operator import attrgetter

from service.evidence import CRITERIA
from service.facts.blood import Blood
from service.facts.order import in_order
from service.facts.toxicity.episode import Reading
from service.facts.toxicity.haematological import graded
from service.patient.findings import Event

LABEL = CRITERIA["dose_modification"]
OTHER_GRADE = LABEL["other_grade"]
HYPERSENSITIVITY_GRADE = LABEL["hypersensitivity_grade"]
ENZYMES = ("alt", "ast", "alkaline_phosphatase", "gamma_gt")
HYPERSENSITIVITY = ("hypersensitivity", "anaphyla", "allergic")
_NO_TOXICITY = ("transfusion", "progression")
_RELATED = {True: "may be related to PRRT", False: "not related to PRRT", None: "not told whether related to PRRT"}


def enzymes(blood: Blood) -> dict[str, list[Reading]]:
    """The readings of each liver enzyme."""
    return {analyte: list(graded(blood[analyte], OTHER_GRADE)) for analyte in ENZYMES}


def events(told: tuple[Event, ...], first_on: date, until: date) -> dict[str, list[Reading]]:
    """The readings of each named event of a course that began on `first_on`; what happens on the day of a dose is after it."""
    found: dict[str, list[Reading]] = defaultdict(list)
    of_one_day: Counter[tuple[str, date]] = Counter()
    those = [event for event in told if event.kind not in _NO_TOXICITY and first_on <= event.occurred_on <= until]
    for position, event in enumerate(in_order(those, attrgetter("occurred_on")), start=1):
        name = _name(event)
        of_one_day[name, event.occurred_on] += 1
        number = of_one_day[name, event.occurred_on]
        occurrence = f"{name} of {event.occurred_on}{f' ({number})' if number > 1 else ''}"  # each must resolve
        found[name if _detail(event) else f"{name} ({position})"] += _event(event, occurrence)
    return found


def _name(event: Event) -> str:
    return _detail(event) or event.kind.replace("_", " ")


def _detail(event: Event) -> str:
    return (event.detail or "").replace("_", " ").strip().lower()


def is_hypersensitivity(name: str) -> bool:
    """Whether a named toxicity is a hypersensitivity reaction."""
    return any(word in name for word in HYPERSENSITIVITY)


def _event(event: Event, occurrence: str) -> Iterator[Reading]:
    threshold = HYPERSENSITIVITY_GRADE if is_hypersensitivity(_name(event)) else OTHER_GRADE
    severe = None if event.grade is None else event.grade >= threshold.value
    related = event.related if threshold is OTHER_GRADE else event.related is not False
    triggers = False if False in (severe, related) else (None if None in (severe, related) else True)
    remark = f"grade {event.grade or 'not told'}, {_RELATED[event.related]}"
    mild = severe is False and bool(related)
    day = event.occurred_on
    yield Reading(day, occurrence, triggers, None, threshold=threshold, remark=remark, after_dose=True, mild=mild)
    if event.resolved_on is not None:
        stays = mild and is_hypersensitivity(occurrence)  # worth knowing before every further dose
        yield Reading(event.resolved_on, occurrence, False, True, remark=f"{remark}, resolved", after_dose=True, mild=stays)
