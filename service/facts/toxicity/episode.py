"""The state of one toxicity over a course: the dose modification of the label as a machine.

    state      a value triggers      all recovered        dose given
    -------    ------------------    -----------------    ----------------
    none       held                  -                    none
    held       held                  reduced              held (against the label)
    reduced    held (no new one)     -                    full
    full       stopped               -                    full
    stopped    stopped               stopped              stopped

"reduced": the next dose is the reduced one. "full": a dose was given since recovery; the next is full
again, and what triggers now is a recurrence. A held state that is unresolved on the day when the next
dose is due, and for too long after it, is stopped too. Nothing leads out of "stopped".

Doubt: the label does not say from when its delay counts; here from the day the next dose is due, and only
if the toxicity was unresolved on that day. One that lifts after that day and comes back before any dose is
one delay. A dose given in spite of a hold does not end it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from service.evidence import Parameter
from service.facts.grading import Grade
from service.terminology.quantity import Quantity

State = Literal["none", "held", "reduced", "full", "stopped"]


class Reading(NamedTuple):
    """What one day says about one criterion of a toxicity. None: it cannot be judged."""

    on: date
    criterion: str
    triggers: bool | None
    recovered: bool | None
    observed: Quantity | None = None
    threshold: Parameter | None = None
    grade: Grade | None = None
    remark: str = ""
    after_dose: bool = False  # of things that happen on the day of a dose, after it
    mild: bool = False  # an event that may be related, of a grade that withholds nothing

    @property
    def is_lower_grade(self) -> bool:
        """Whether it is worth knowing although it withholds nothing."""
        return not self.triggers and (self.mild or bool(self.grade and self.grade.lowest))


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose that was given; when the next one is due, and from when on a toxicity delays that one too long."""

    on: date
    next_due_on: date | None = None
    too_late_on: date | None = None


class Episode(NamedTuple):
    """Where one toxicity stands."""

    state: State = "none"
    since: date | None = None
    open: tuple[Reading, ...] = ()  # what triggered and has not recovered, each criterion once
    trigger: Reading | None = None  # the last that triggered
    stopped_for: Literal["recurrence", "delay", "severity"] | None = None
    last_dose: Dose | None = None
    delays: bool = False  # the next dose: the toxicity was unresolved on the day when that was due


def follow(happenings: Iterable[Reading | Dose], until: date, start: Episode | None = None) -> Episode:
    """The episode on the day `until`, after everything that happened to it, in order of date."""
    episode = start or Episode()
    for happening in sorted(_that_count(happenings), key=_order):
        episode = _dosed(episode, happening) if isinstance(happening, Dose) else _read(_waited(episode, happening.on), happening)
    return _waited(episode, until)


def _that_count(happenings: Iterable[Reading | Dose]) -> list[Reading | Dose]:
    """Of two values of one criterion on one day the worse counts."""
    every = list(happenings)
    worse = {(each.on, each.criterion) for each in every if isinstance(each, Reading) and each.triggers}
    return [
        each
        for each in every
        if isinstance(each, Dose) or each.triggers or each.after_dose or (each.on, each.criterion) not in worse
    ]


def _order(happening: Reading | Dose) -> tuple[object, ...]:
    """By day; values before the dose of that day, events after it; of one day what triggers first, so that no gap opens."""
    if isinstance(happening, Dose):
        return (happening.on, 1, False, "")
    return (happening.on, 2 if happening.after_dose else 0, not happening.triggers, happening.criterion)


def _dosed(episode: Episode, dose: Dose) -> Episode:
    episode = _waited(episode, dose.on)._replace(last_dose=dose, delays=False)
    return episode._replace(state="full", since=dose.on) if episode.state == "reduced" else episode


def _waited(episode: Episode, until: date) -> Episode:
    """Stopped, if a toxicity that was unresolved when the next dose was due has delayed it too long by `until`."""
    dose = episode.last_dose
    if episode.state != "held" or episode.since is None or dose is None or dose.next_due_on is None or dose.too_late_on is None:
        return episode
    if episode.since <= dose.next_due_on < until:
        episode = episode._replace(delays=True)
    if episode.delays and until >= dose.too_late_on:
        return episode._replace(state="stopped", since=dose.too_late_on, stopped_for="delay")
    return episode


def _read(episode: Episode, reading: Reading) -> Episode:
    if episode.state == "stopped":
        return episode
    others = tuple(each for each in episode.open if each.criterion != reading.criterion)
    if reading.triggers:
        episode = episode._replace(open=(*others, reading), trigger=reading)
        if episode.state == "full":
            return episode._replace(state="stopped", since=reading.on, stopped_for="recurrence")
        if episode.state == "held":
            return episode
        too_late_on = episode.last_dose.too_late_on if episode.last_dose else None
        was_well_then = too_late_on is not None and reading.on >= too_late_on
        return episode._replace(state="held", since=reading.on, delays=episode.delays and not was_well_then)
    if reading.recovered and episode.state == "held":
        episode = episode._replace(open=others)
        return episode if others else episode._replace(state="reduced", since=reading.on)
    return episode
