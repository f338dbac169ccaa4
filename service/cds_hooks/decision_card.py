"""The card of the decision: what it hangs on stands in its headline, so that PROCEED is never read without it."""

from collections.abc import Iterator, Sequence

from service.cds_hooks.call import Orders
from service.cds_hooks.card_draft import CardDraft
from service.cds_hooks.card_text import Wording, decision_detail, plain, shortened, told
from service.cds_hooks.ordered import Concern, day_too_early, highest_activity, more_than_reduced
from service.next_cycle import URGENCY_OF
from service.presentation.numbers import amount
from service.presentation.wire import AssessmentOut, NextCycleOut
from service.verdict import Urgency

DECISION = "next_cycle"
THIS_ORDER = "this order"


def decision_card(
    answer: AssessmentOut, orders: Orders, concerns: Sequence[Concern], wording: Wording, *, speaks_of_orders: bool
) -> Iterator[CardDraft]:
    """The card of the decision, if there is one."""
    next_cycle = answer.get("next_cycle")
    if next_cycle is None:
        return
    is_wrong = any(concern.urgency == "critical" for concern in concerns)
    look_at = {THIS_ORDER: concerns[0].sentence} if concerns else {}
    look_at |= {each["title"]: each["advice"] or "" for each in answer["recommendations"] if each["urgency"] == "warning"}
    too_early = day_too_early(orders, answer["as_of"], next_cycle["earliest_on"])
    first = [
        told("Once the order is corrected", next_cycle["decision"].replace("_", " ").upper())
        if is_wrong and _proceeds(next_cycle)
        else None,
        told("The order is for", too_early),
        told("The order is of", _against_the_reduced_dose(next_cycle, orders)),
        *(told(f"Look first at {plain(title)}", why) for title, why in look_at.items()),
        told(_open_questions(next_cycle), wording.named(next_cycle["open_questions"])),
    ]
    if next_cycle["decision"] == "undetermined":
        verb = "do not sign yet" if speaks_of_orders else "give no dose yet"
        said = f"UNDETERMINED: {verb}; {_first_reason(answer, next_cycle, wording)}"
    elif _proceeds(next_cycle):
        said = _proceeding(next_cycle, orders, too_early, [*look_at], wording, is_wrong=is_wrong)
    else:
        said = f"{next_cycle['decision'].upper()}, decided by {wording.named(next_cycle['decided_by'])}"
    yield CardDraft(
        topic=DECISION,
        title="Next cycle of PRRT",
        urgency=_urgency(next_cycle, is_loud=bool(look_at or too_early), speaks_of_orders=speaks_of_orders),
        summary=shortened(f"{_which(next_cycle, too_early)}: {said}"),
        detail=decision_detail(answer, next_cycle, first, wording),
        source=None,
        asks_for=tuple(asked["item"] for asked in answer["missing"]),
    )


def _urgency(next_cycle: NextCycleOut, *, is_loud: bool, speaks_of_orders: bool) -> Urgency:
    """No decision is quieter than what stands beside it to be looked at; an order after the last cycle is no information."""
    own = URGENCY_OF[next_cycle["decision"]]
    is_loud = is_loud or (speaks_of_orders and next_cycle["decision"] == "complete")
    return "warning" if is_loud and own == "info" else own


def _which(next_cycle: NextCycleOut, too_early: str | None) -> str:
    day = f"Not before {next_cycle['earliest_on']}: the order is for {too_early}; " if too_early else ""
    number = f" {next_cycle['cycle']}" if next_cycle["cycle"] else ""
    return f"{day}PRRT cycle{number}"


def _first_reason(answer: AssessmentOut, next_cycle: NextCycleOut, wording: Wording) -> str:
    """What keeps the decision open: what may be a cycle, else what the rules that decided ask for first, else these rules."""
    cycle = next(iter(wording.unread.cycles.values()), None)
    if cycle:
        return cycle[0].lower() + cycle[1:]
    decisive = (each for each in answer["missing"] if set(each["asked_by"]) & set(next_cycle["decided_by"]))
    asked = next(decisive, None)
    return wording.briefly(asked) if asked else f"decided by {wording.named(next_cycle['decided_by'])}"


def _proceeding(
    next_cycle: NextCycleOut, orders: Orders, too_early: str | None, look_at: Sequence[str], wording: Wording, *, is_wrong: bool
) -> str:
    """A decision for a dose with what it hangs on. Beside an order that cannot be right it is not said to proceed."""
    decision, against = next_cycle["decision"], _against_the_reduced_dose(next_cycle, orders)
    said = "only after the order is corrected" if is_wrong else decision.replace("_", " ").upper()
    said += " from then on" if too_early and not is_wrong else ""
    said += f" with {amount(next_cycle)}" if decision == "proceed_reduced" else ""
    said += f" (the order is of {against})" if against else ""
    named = [each for each in look_at if each != THIS_ORDER or not is_wrong]
    conditions = [f"after a look at: {', '.join(named)}"] if named else []
    if next_cycle["open_questions"]:
        conditions.append(f"if these are answered: {wording.named(next_cycle['open_questions'])}")
    because = f"decided by {wording.named(next_cycle['decided_by'])}"
    return f"{said}, {'; and '.join(conditions or [because])}"


def _proceeds(next_cycle: NextCycleOut) -> bool:
    return next_cycle["decision"].startswith("proceed")


def _open_questions(next_cycle: NextCycleOut) -> str:
    return "Proceed only if these are answered" if _proceeds(next_cycle) else "Open questions"


def _against_the_reduced_dose(next_cycle: NextCycleOut, orders: Orders) -> str | None:
    """The activity of the orders where the next dose is the reduced one and theirs is not."""
    if next_cycle["decision"] != "proceed_reduced" or not orders.of_prrt:
        return None
    if highest_activity(orders) is None:
        return "no activity that is told and could be read"
    more = more_than_reduced(orders)
    return more.words if more else None
