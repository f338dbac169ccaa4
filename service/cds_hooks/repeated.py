"""How often an order is to be given: one order is of one administration, and whatever repeats has to be looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from service.facts.exposure import INTERVAL
from service.intake.members import entries_at, object_at, text_at
from service.intake.moments import read_when
from service.next_cycle import TOLERANCE
from service.terminology.quantity import readable

ONCE = "once"
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "wk": 604_800, "mo": 2_419_200, "a": 31_536_000}  # the shortest month
_UNITS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}
_REPEATING = ("frequency", "frequencyMax", "period", "dayOfWeek", "timeOfDay", "when")
_MOST = 100_000  # no count and no period of an order is more


@dataclass(frozen=True, slots=True)
class Repetition:
    """What an order says of its repetition; `too_often` if it is more often than the label allows."""

    words: str
    too_often: bool


def repetition_of(order: Mapping[str, Any]) -> Repetition | None:
    """The first repetition that an order tells; None if it is to be given once, or does not say."""
    timings = [object_at(each, "timing") for each in entries_at(order, "dosageInstruction")]
    found = (_of_timing(each) for each in (*timings, object_at(order, "occurrenceTiming")))
    return next((each for each in found if each), None)


def _of_timing(timing: Mapping[str, Any]) -> Repetition | None:
    events, repeat = timing.get("event"), object_at(timing, "repeat")
    if isinstance(events, list) and len(events) > 1:
        return _of_events(events)
    count = _number(repeat, "countMax") or _number(repeat, "count")
    if count == 1 or _is_once(timing):
        return None
    times = f"{readable(count)} times" if count else ""
    period, unit = _number(repeat, "period"), text_at(repeat, "periodUnit") or ""
    if period and unit in _SECONDS:
        frequency = _number(repeat, "frequencyMax") or _number(repeat, "frequency") or Decimal(1)
        every = _UNITS[unit] if period == 1 else f"{readable(period)} {_UNITS[unit]}s"
        often = f"{readable(frequency)} in every {every}" if frequency != 1 else f"every {every}"
        return Repetition(
            ", ".join(filter(None, (times, often))), period * _SECONDS[unit] < frequency * _shortest_days() * 86_400
        )
    if times:
        return Repetition(times, too_often=False)
    repeats = "code" in timing or any(name in repeat for name in _REPEATING)
    return Repetition("by a schedule that is not read", too_often=False) if repeats else None


def _of_events(events: list[Any]) -> Repetition:
    days = sorted(when.on for each in events if isinstance(each, str) and (when := read_when(each)))
    gaps = [(date.fromisoformat(later) - date.fromisoformat(day)).days for day, later in pairwise(days)]
    return Repetition(f"{len(events)} times", too_often=any(gap < _shortest_days() for gap in gaps))


def _is_once(timing: Mapping[str, Any]) -> bool:
    code = object_at(timing, "code")
    words = [text_at(code, "text"), *(text_at(each, "code") for each in entries_at(code, "coding"))]
    return any(word and word.strip().lower() == ONCE for word in words)


def _shortest_days() -> Decimal:
    """The shortest time between two cycles that the label allows, in days."""
    return (INTERVAL.value - TOLERANCE.value) * 7


def _number(node: Mapping[str, Any], name: str) -> Decimal | None:
    told = node.get(name)
    if isinstance(told, bool) or not isinstance(told, int | Decimal) or not 0 < told <= _MOST:
        return None
    return Decimal(told)
