"""The time axis: days become units of length, and a long time without anything is cut short."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

LONG = 240  # days without anything from which a gap may be cut
SHARE = 0.25  # of the whole time that such a gap takes at least
CUT = 34.0  # width of a gap that is cut, in units
EDGE = 9.0  # free width before the first and after the last day, in units
SHORTEST = 30  # days that the axis shows at least
STEPS = (1, 2, 3, 6, 12, 24, 60, 120)  # months between two labels
LABEL = 52.0  # width of a label with the space around it, in units


@dataclass(frozen=True, slots=True)
class Gap:
    """A time that is cut short."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """Its length in days."""
        return (self.until - self.since).days


@dataclass(frozen=True, slots=True)
class Timescale:
    """Where a day stands, from 0 to `width`."""

    first: date
    last: date
    gaps: tuple[Gap, ...]
    width: float

    @classmethod
    def of(cls, days: Iterable[date], width: float) -> "Timescale":
        """The scale for these days."""
        told = sorted(set(days))
        told = sorted({*told, min(told[0], told[-1] - timedelta(days=SHORTEST))})
        whole = (told[-1] - told[0]).days
        gaps = (Gap(*pair) for pair in pairwise(told))
        return cls(told[0], told[-1], tuple(gap for gap in gaps if gap.days > max(LONG, SHARE * whole)), width)

    @property
    def per_day(self) -> float:
        """Units of one day."""
        shown = (self.last - self.first).days - sum(gap.days for gap in self.gaps)
        return (self.width - 2 * EDGE - CUT * len(self.gaps)) / max(shown, 1)

    def position(self, day: date) -> float:
        """The place of a day; within a gap somewhere in it."""
        units = EDGE + (day - self.first).days * self.per_day
        for gap in self.gaps:
            passed = min(max((day - gap.since).days, 0), gap.days)
            units += passed * (CUT / gap.days - self.per_day)
        return units

    def stretches(self) -> Iterator[tuple[date, date]]:
        """The times between the gaps."""
        starts = (self.first, *(gap.until for gap in self.gaps))
        ends = (*(gap.since for gap in self.gaps), self.last)
        return zip(starts, ends, strict=True)

    def ticks(self) -> list[tuple[float, str]]:
        """Labelled months: those of each stretch, or the day with which it begins, as far as the labels have room."""
        found: list[tuple[float, str]] = []
        for since, until in self.stretches():
            months = list(self._months(since, until)) or [(self.position(since), since.isoformat()[:7])]
            for position, label in months:
                if not found or position - found[-1][0] >= LABEL:
                    found.append((position, label))
        return found

    def _months(self, since: date, until: date) -> Iterator[tuple[float, str]]:
        step = next((each for each in STEPS if each * 30 * self.per_day >= LABEL), STEPS[-1])
        for count in range(since.year * 12 + since.month - 1, until.year * 12 + until.month):
            day = date(count // 12, count % 12 + 1, 1)
            if count % step == 0 and since <= day <= until:
                yield self.position(day), day.isoformat()[:7]
