"""What stands in the orders of a call, held against the answer: activity, day, doubles, and how each was recognised."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.cds_hooks.call import Orders, key_of
from service.facts.exposure import LABELLED_AGENT, PLANNED_ACTIVITY, REDUCED_ACTIVITY, is_reduced
from service.intake.fhir_text import as_text
from service.intake.medications import NOT_SENT_ALONG
from service.intake.members import text_at
from service.intake.orders import BY_WORDS, ordered_activity, ordered_on
from service.presentation.names import in_words
from service.presentation.wire import AssessmentOut
from service.terminology.quantity import Quantity
from service.terminology.units import MEASURANDS
from service.verdict import Urgency
from service.vocabulary import AGENT_NAMES

IMPLAUSIBLE = "is not plausible"


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing about the orders that somebody has to look at."""

    urgency: Urgency
    sentence: str
    source: str | None = None


def concerns_of(orders: Orders, answer: AssessmentOut) -> list[Concern]:
    """Everything about the orders that has to be looked at, the most urgent first."""
    found = [*_recognised(orders), *_activities(orders), *_doubles(orders), *_not_used(orders, answer)]
    return sorted(dict.fromkeys(found), key=lambda concern: concern.urgency != "critical")


def highest_activity(orders: Orders) -> Quantity | None:
    """The highest activity that an order tells and that can be read."""
    told = filter(None, map(ordered_activity, orders.of_prrt))
    return max((each.activity.quantity for each in told if each.activity), key=lambda each: each.amount, default=None)


def more_than_reduced(orders: Orders) -> Quantity | None:
    """The activity of the orders, if it is more than the reduced one, as accurately as activity is measured."""
    highest = highest_activity(orders)
    return highest if highest and not is_reduced(highest) and highest.amount > REDUCED_ACTIVITY.value else None


def day_too_early(orders: Orders, as_of: str, earliest_on: str | None) -> str | None:
    """The first day for which an order is, if the next dose is not allowed on it. Nothing is given before it is signed."""
    days = [max(as_of, ordered_on(order) or as_of) for order in orders.of_prrt]
    return min((day for day in days if earliest_on and day < earliest_on), default=None)


def _activities(orders: Orders) -> Iterator[Concern]:
    for order in orders.of_prrt:
        told = ordered_activity(order)
        if told and told.activity is None:
            yield _not_readable(told.why_not)
        elif told and told.activity and told.activity.quantity.minus(PLANNED_ACTIVITY.value) > 0:
            administered = told.activity.quantity.words_beside(PLANNED_ACTIVITY.value)
            label = f"{PLANNED_ACTIVITY.words} of {AGENT_NAMES[LABELLED_AGENT]}"
            said = f"One administration of this order, {administered}, exceeds the labelled activity of a cycle, {label}"
            yield Concern("warning", said, PLANNED_ACTIVITY.source)


def _not_readable(why_not: tuple[str, ...]) -> Concern:
    if any(IMPLAUSIBLE in why for why in why_not):
        plausible = MEASURANDS["activity"].plausible_range
        return Concern("critical", f"The activity of the order cannot be right: check number and unit (plausible: {plausible})")
    return Concern("warning", "The activity of the order could not be read: check it against the decision")


def _doubles(orders: Orders) -> Iterator[Concern]:
    count = len(orders.of_prrt)
    if len({as_text(each | {"id": None, "meta": None}) for each in map(dict, orders.of_prrt)}) < count:
        yield Concern("warning", "Duplicate order: the same order of PRRT stands twice among the drafts")
    elif count > 1:
        yield Concern("warning", f"{count} orders of PRRT stand among the drafts: check that all are meant")


def _recognised(orders: Orders) -> Iterator[Concern]:
    if orders.named:
        yield Concern("warning", "The order may be of PRRT: its drug was recognised by its words only, and no code says so")
    if orders.unknown:
        yield Concern("warning", "The order may be of PRRT: it refers to a medication that could not be had")


def _not_used(orders: Orders, answer: AssessmentOut) -> Iterator[Concern]:
    """Why an order, or a part of one, does not count for the answer; what is said elsewhere is not said again."""
    reasons: dict[str, list[str]] = {}
    for each in answer["intake"]["not_used"] if "intake" in answer else ():
        reasons.setdefault(each["resource"].partition(", ")[0], []).append(each["reason"])
    for order in orders.of_prrt:
        told = ordered_activity(order)
        said = {BY_WORDS, NOT_SENT_ALONG, *(told.why_not if told else ())}
        amount = f" of {told.activity.quantity.words}" if told and told.activity else ""
        # one without an id is named by its type and its place
        for reason in reasons.get(key_of(order) or text_at(order, "resourceType") or "", ()):
            if reason not in said:
                yield Concern("warning", f"The order{amount} does not count in full: {in_words(reason, {})}")
