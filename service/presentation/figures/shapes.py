"""What is drawn and what comes of it: plain values that go to the worker process and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Given:
    """One dose of a radiopharmaceutical."""

    on: date
    gbq: float | None  # None: the activity was not told
    agent: str


@dataclass(frozen=True, slots=True)
class Sum:
    """The activity given of one agent in one course up to a day, in GBq."""

    on: date
    gbq: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labelled total of a first course in GBq, and the days from which to which that course is drawn."""

    gbq: float
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of a series, in the unit of that series."""

    on: date
    value: float


@dataclass(frozen=True, slots=True)
class Responded:
    """A response of one day: a word of the contract, or "open" while progression is not excluded."""

    on: date
    word: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A period in which a toxicity withheld the dose, or had ended treatment."""

    name: str
    since: date
    until: date
    in_force: bool  # still, on the day of the question


@dataclass(frozen=True, slots=True)
class Course:
    """The course of one patient up to one day."""

    as_of: date
    cycles: tuple[Given, ...] = ()  # of every course, earliest first
    cycles_told: bool = True  # if not, there may be more
    sums: tuple[tuple[Sum, ...], ...] = ()  # of each course and agent, up to a dose whose activity was not told
    labelled: Labelled | None = None
    alp: tuple[Measured, ...] = ()  # xULN
    platelets: tuple[Measured, ...] = ()  # 10*9/L
    haemoglobin: tuple[Measured, ...] = ()  # g/L
    clearance_measured: tuple[Measured, ...] = ()  # mL/min
    clearance_estimated: tuple[Measured, ...] = ()  # mL/min, Cockcroft-Gault
    responses: tuple[Responded, ...] = ()
    holds: tuple[Hold, ...] = ()
    holds_since: date | None = None  # the first day that was looked at for holds, if there were too many days
    planned_on: date | None = None
    earliest_on: date | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """Every day on which something is drawn, earliest first."""
        measured = (each for panel in self.series.values() for values in panel.values() for each in values)
        told = {each.on for each in self.cycles} | {each.on for each in measured} | {each.on for each in self.responses}
        told |= {day for hold in self.holds for day in (hold.since, hold.until)}
        ahead = {day for day in (self.as_of, self.planned_on, self.earliest_on) if day}
        return tuple(sorted(told | ahead))

    @property
    def series(self) -> dict[str, dict[str, tuple[Measured, ...]]]:
        """What was measured over time: of each panel its series."""
        panels = {name: {name: getattr(self, name)} for name in ("alp", "platelets", "haemoglobin")}
        return panels | {"clearance": {name: getattr(self, name) for name in ("clearance_measured", "clearance_estimated")}}

    @property
    def has_anything(self) -> bool:
        """Whether there is anything to draw."""
        measured = (values for panel in self.series.values() for values in panel.values())
        return bool(self.cycles or self.responses or any(measured))


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one answer as SVG; of questions by their id."""

    timeline: str | None = None
    curves: Mapping[str, str] = field(default_factory=dict)
    contributions: Mapping[str, str] = field(default_factory=dict)
