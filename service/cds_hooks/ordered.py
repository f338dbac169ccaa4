"""What stands in the orders of a call, held against the answer: activity, day, doubles, and how each was recognised."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.cds_hooks.call import Orders, key_of
from service.cds_hooks.repeated import repetition_of
from service.cds_hooks.unassessed import LOOK_ALIKE
from service.facts.exposure import ACCURACY, INTERVAL, LABELLED_AGENT, PLANNED_ACTIVITY, REDUCED_ACTIVITY, is_reduced
from service.intake.fhir_text import as_text
from service.intake.medications import NOT_SENT_ALONG
from service.intake.members import shown, text_at
from service.intake.orders import BY_WORDS, OrderedActivity, ordered_activity, ordered_on
from service.intake.quantities import told_unit
from service.presentation.names import in_words
from service.presentation.wire import AssessmentOut
from service.terminology.quantity import Quantity, deviation
from service.terminology.units import MEASURANDS
from service.verdict import Urgency
from service.vocabulary import AGENT_NAMES

IMPLAUSIBLE = "is not plausible"
DO_NOT_SIGN = "DO NOT SIGN: this order"


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing about the orders that somebody has to look at."""

    urgency: Urgency
    sentence: str
    source: str | None = None


def concerns_of(orders: Orders, answer: AssessmentOut, activities: Mapping[str, str]) -> list[Concern]:
    """Everything about the orders that has to be looked at, the most urgent first. `activities` are those of all orders."""
    found = [
        *_recognised(orders),
        *_activities(orders),
        *_repetitions(orders),
        *_doubles(orders),
        *_not_used(orders, answer, activities),
    ]
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
            yield _not_readable(told)
        elif told and told.activity and is_too_much(told.activity.quantity):
            said = f"{DO_NOT_SIGN} says {_as_sent(told)} in one administration; a labelled cycle is {PLANNED_ACTIVITY.words}"
            yield Concern("critical", said, PLANNED_ACTIVITY.source)
        elif told and told.activity and told.activity.quantity.minus(PLANNED_ACTIVITY.value) > 0:
            administered = told.activity.quantity.words_beside(PLANNED_ACTIVITY.value)
            label = f"{PLANNED_ACTIVITY.words} of {AGENT_NAMES[LABELLED_AGENT]}"
            said = f"One administration of this order, {administered}, exceeds the labelled activity of a cycle, {label}"
            yield Concern("warning", said, PLANNED_ACTIVITY.source)


def is_too_much(activity: Quantity) -> bool:
    """Whether an activity is more than the labelled one of a cycle, by more than the accuracy of measured activity."""
    labelled = PLANNED_ACTIVITY.value
    return activity.minus(labelled) > 0 and deviation(activity.amount, labelled).minus(ACCURACY.value) > 0


def _as_sent(told: OrderedActivity) -> str:
    """The activity as it was sent, and in the unit of the label if it was sent in another."""
    sent = f"{shown(told.told.get('value'))} {told_unit(told.told)}"
    if told.activity is None or told.activity.unit == PLANNED_ACTIVITY.unit:
        return sent
    return f"{sent} ({told.activity.quantity.words_beside(PLANNED_ACTIVITY.value)})"


def _not_readable(told: OrderedActivity) -> Concern:
    if any(IMPLAUSIBLE in why for why in told.why_not):
        plausible = MEASURANDS["activity"].plausible_range
        said = f"{DO_NOT_SIGN} says {_as_sent(told)}, which cannot be right; check number and unit (plausible: {plausible})"
        return Concern("critical", said)
    return Concern("warning", "The activity of the order could not be read: check it against the decision")


def _repetitions(orders: Orders) -> Iterator[Concern]:
    for order in orders.of_prrt:
        repetition = repetition_of(order)
        if repetition and repetition.too_often:
            said = f"{DO_NOT_SIGN} is to be given {repetition.words}; the label has {INTERVAL.words} between two cycles"
            yield Concern("critical", said, INTERVAL.source)
        elif repetition:
            yield Concern("warning", f"This order is to be given {repetition.words}: an order should be of one administration")


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
    if orders.look_alike:
        yield Concern("warning", LOOK_ALIKE)


def _not_used(orders: Orders, answer: AssessmentOut, activities: Mapping[str, str]) -> Iterator[Concern]:
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
            if told and told.activity and _disagrees(reason):
                yield Concern("warning", _settle_which(told.activity.quantity, reasons, orders, activities))
            elif reason not in said:
                yield Concern("warning", f"The order{amount} does not count in full: {in_words(reason, {})}")


def _disagrees(reason: str) -> bool:
    return reason.startswith("does not agree") and "planned_activity" in reason


def _settle_which(activity: Quantity, reasons: Mapping[str, list[str]], orders: Orders, activities: Mapping[str, str]) -> str:
    """The activity of an order beside that of the first other that it does not agree with."""
    disagreeing = (other for other, why in reasons.items() if any(map(_disagrees, why)))
    others = [other for other in disagreeing if activities.get(other, activity.words) != activity.words]
    if not others:
        return f"This order says {activity.words}, another resource does not: settle which"
    drafts = {key_of(order) for order in orders.of_prrt}
    whose = "another draft" if others[0] in drafts else "the plan"
    return f"This order says {activity.words}, {whose} {activities[others[0]]}: settle which"
