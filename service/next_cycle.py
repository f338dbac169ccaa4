"""The next cycle: one decision, derived from the verdicts and from nothing else. The most restrictive wins.

What a decision row means for the next cycle stands in its record; a row that fires critical holds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from service.evidence import CRITERIA, Consequence
from service.facts import Facts
from service.facts.exposure import LABELLED_AGENT, REDUCED_ACTIVITY
from service.terminology.quantity import Quantity
from service.verdict import Urgency, Verdict

TOLERANCE = CRITERIA["course"]["interval_tolerance"]
Choice = Literal["stop", "complete", "hold", "undetermined", "proceed_reduced", "proceed"]
MOST_RESTRICTIVE_FIRST: tuple[Choice, ...] = ("stop", "complete", "hold", "undetermined", "proceed_reduced")
URGENCY_OF: Mapping[Choice, Urgency] = {
    "stop": "critical",
    "complete": "info",
    "hold": "critical",
    "undetermined": "warning",
    "proceed_reduced": "warning",
    "proceed": "info",
}
MUST_ANSWER = ("eligibility", "haematological_toxicity", "renal_toxicity", "hepatic_toxicity")


@dataclass(frozen=True, slots=True)
class NextCycle:
    """Whether, when and with which activity; and which rules decided it."""

    decision: Choice
    cycle: int | None
    due_on: date | None
    window: tuple[date, date] | None
    earliest_on: date | None  # the first day that every rule allows; None while there is to be no dose
    activity: Quantity | None
    decided_by: tuple[str, ...]
    open_questions: tuple[str, ...]  # rules that are unknown

    @property
    def is_late(self) -> bool:
        """Whether the first day that is allowed lies after the window."""
        return self.window is not None and self.earliest_on is not None and self.earliest_on > self.window[1]


def derive_next_cycle(verdicts: Sequence[Verdict], facts: Facts) -> NextCycle | None:
    """The decision; None when no PRRT is given or planned, or none is awaited."""
    meanings = {verdict.rule: verdict.consequence for verdict in verdicts}
    held_by = [verdict.rule for verdict in verdicts if verdict.answer.urgency == "critical"]
    decision, decided_by = _decision(meanings, held_by)
    if "absent" in meanings.values() or ("not_awaited" in meanings.values() and decision not in ("stop", "hold")):
        return None
    exposure = facts.exposure
    ended = decision in ("stop", "complete")
    window = None if ended else _window(facts)
    allowed = [verdict.answer.not_before for verdict in verdicts if verdict.answer.not_before]
    full = exposure.planned_within_the_label
    reduced = min(REDUCED_ACTIVITY.value, full.value)
    activities = {"proceed": full, "proceed_reduced": Quantity(reduced, REDUCED_ACTIVITY.unit)}
    rested_on = _rested_on(facts)
    return NextCycle(
        decision=decision,
        cycle=len(exposure.current) + 1 if exposure.cycles_told and not ended else None,
        due_on=None if ended else exposure.due_on,
        window=window,
        earliest_on=None if rested_on is None or ended or decision == "hold" else max(rested_on, *allowed, facts.as_of),
        activity=activities.get(decision),
        decided_by=decided_by,
        open_questions=tuple(verdict.rule for verdict in verdicts if verdict.answer.status == "unknown"),
    )


def _decision(meanings: Mapping[str, Consequence | None], held_by: Sequence[str]) -> tuple[Choice, tuple[str, ...]]:
    """The first row that holds, and the rules behind it."""
    for decision in MOST_RESTRICTIVE_FIRST:
        decided_by = held_by if decision == "hold" else [rule for rule, meaning in meanings.items() if meaning == decision]
        if decided_by:
            return decision, tuple(decided_by)
    return "proceed", MUST_ANSWER


def _rested_on(facts: Facts) -> date | None:
    """The first day that the interval since the last cycle allows; None when that cannot be known."""
    exposure = facts.exposure
    if not exposure.cycles_told:
        return None
    if not exposure.all_cycles:
        return facts.as_of
    last = exposure.all_cycles[-1]
    due_on = exposure.due_after(last) or (exposure.due_on if exposure.current else facts.as_of)
    return due_on - _tolerance() if due_on and last.agent == LABELLED_AGENT else due_on


def _tolerance() -> timedelta:
    return timedelta(weeks=int(TOLERANCE.value))


def _window(facts: Facts) -> tuple[date, date] | None:
    """The days around the due date that the label allows, after a cycle of the labelled agent."""
    current, due_on = facts.exposure.current, facts.exposure.due_on
    if not current or due_on is None or current[-1].agent != LABELLED_AGENT:
        return None
    return due_on - _tolerance(), due_on + _tolerance()
