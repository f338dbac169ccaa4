"""Laboratory values over time: latest, baseline, ratio to the limit, change, grade.

Baseline is the last value on or before the first cycle of the current course; before
treatment it is the latest. Of two different values on one day without times, the worse counts.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from service.facts.grading import Grade, Limits, Scale, scale_for
from service.patient import PatientState
from service.patient.findings import LaboratoryValue
from service.terminology.quantity import Quantity, percent_change, times
from service.terminology.units import MEASURANDS
from service.vocabulary import ANALYTE_NAMES


class Sample(NamedTuple):
    """The value of one analyte that counts for one day, in the canonical unit."""

    taken_on: date
    limits: Limits


@dataclass(frozen=True, slots=True)
class History:
    """Every day's sample of one analyte, earliest first."""

    analyte: str
    samples: tuple[Sample, ...]
    baseline: Sample | None  # the sample to compare with
    during_course: tuple[Sample, ...]  # those after the first cycle of the current course
    ctcae_version: str
    scale: Scale | None  # of CTCAE, as this baseline asks for
    _grades: dict[date, Grade | None] = field(default_factory=dict)  # several facts and rules ask for the same

    @classmethod
    def of(cls, analyte: str, samples: tuple[Sample, ...], course_started_on: date | None, ctcae_version: str) -> "History":
        """A history as seen from the course that began on that day; before treatment the latest is the baseline."""
        before = len(samples)
        if course_started_on is not None:
            before = bisect_right(samples, course_started_on, key=attrgetter("taken_on"))
        baseline = samples[before - 1] if before else None
        scale = scale_for(ctcae_version, analyte, baseline and baseline.limits)
        return cls(analyte, samples, baseline, samples[before:], ctcae_version, scale)

    @property
    def latest(self) -> Sample | None:
        """The last sample."""
        return self.samples[-1] if self.samples else None

    @property
    def quantity(self) -> Quantity | None:
        """The latest value."""
        return Quantity(self.latest.limits.value, MEASURANDS[self.analyte].unit) if self.latest else None

    @property
    def to_upper_limit(self) -> Quantity | None:
        """The latest value as multiple of the upper limit sent with it (xULN)."""
        limits = self.latest.limits if self.latest else None
        return times(limits.value, limits.upper, "xULN") if limits and limits.upper is not None else None

    @property
    def change(self) -> Quantity | None:
        """Change from the baseline to the latest sample of the course, in per cent of the baseline."""
        if not self.during_course or self.baseline is None or not self.baseline.limits.value:
            return None
        return percent_change(self.during_course[-1].limits.value, self.baseline.limits.value)

    def graded_by(self, ctcae_version: str) -> "History":
        """The same samples, graded by another version."""
        scale = scale_for(ctcae_version, self.analyte, self.baseline and self.baseline.limits)
        return replace(self, ctcae_version=ctcae_version, scale=scale, _grades={})

    def grade_of(self, sample: Sample) -> Grade | None:
        """The CTCAE grade of one sample, with the baseline of this history."""
        if sample.taken_on not in self._grades:
            self._grades[sample.taken_on] = (
                self.scale.grade(sample.limits, self.baseline and self.baseline.limits) if self.scale else None
            )
        return self._grades[sample.taken_on]

    @property
    def grade(self) -> Grade | None:
        """The CTCAE grade of the latest sample."""
        return self.grade_of(self.latest) if self.latest else None

    def reached_in_course(self, wanted: int) -> bool | None:
        """Whether any sample of the course has that grade or a worse one; None when it cannot be known."""
        grades = [self.grade_of(sample) for sample in self.during_course]
        reached = [each.at_least(wanted) if each else None for each in grades]
        if True in reached:
            return True
        return None if None in reached or not reached else False


class Blood(dict[str, History]):
    """The history of each analyte; of one that was never measured, an empty history."""

    def __init__(self, histories: Iterable[History], ctcae_version: str) -> None:
        super().__init__({history.analyte: history for history in histories})
        self._ctcae_version = ctcae_version

    def of_course(self, started_on: date, until: date) -> "Blood":
        """The histories as another course saw them: up to the day `until`, with the baseline of that course."""
        version = self._ctcae_version
        histories = (
            History.of(name, each.samples[: bisect_right(each.samples, until, key=attrgetter("taken_on"))], started_on, version)
            for name, each in self.items()
        )
        return Blood(histories, version)

    def __missing__(self, analyte: str) -> History:
        return _never_measured(analyte, self._ctcae_version)


@cache
def _never_measured(analyte: str, ctcae_version: str) -> History:
    return History.of(analyte, (), None, ctcae_version)


def derive_blood(state: PatientState, course_started_on: date | None, ctcae_version: str) -> tuple[Blood, tuple[str, ...]]:
    """The histories, and a notice for each day on which two values disagree."""
    by_analyte: dict[str, dict[date, list[LaboratoryValue]]] = defaultdict(lambda: defaultdict(list))
    for value in state.laboratory or ():
        by_analyte[value.analyte][value.taken_on].append(value)
    histories: list[History] = []
    notices: list[str] = []
    for analyte, days in by_analyte.items():
        samples: list[Sample] = []
        for day, values in sorted(days.items()):
            counted, ambiguous = _that_counts(values)
            samples.append(counted)
            if ambiguous:
                notices.append(f"{ANALYTE_NAMES[analyte]} has different values on {day} without times: the worse counts.")
        histories.append(History.of(analyte, tuple(samples), course_started_on, ctcae_version))
    return Blood(histories, ctcae_version), tuple(sorted(notices))


def _that_counts(values: list[LaboratoryValue]) -> tuple[Sample, bool]:
    """The sample of the day, and whether the day had to be decided by the worse value."""
    if len(values) == 1:
        return _sample(values[0]), False
    timed = [value.taken_at for value in values if value.taken_at]
    if len(timed) == len(values):
        last = max(timed)
        values = [value for value in values if value.taken_at == last]
    samples = [_sample(value) for value in values]
    worse_is_higher = MEASURANDS[values[0].analyte].worse == "higher"

    def severity(sample: Sample) -> tuple[object, ...]:
        """Worse value last; of equal values the one with limits, and with the stricter limit."""
        limits = sample.limits
        sign = 1 if worse_is_higher else -1
        strict = (limits.upper is not None, -(limits.upper or 0), limits.lower is not None, limits.lower or 0)
        return (sign * limits.value, *strict)

    return max(samples, key=severity), len({sample.limits.value for sample in samples}) > 1


def _sample(value: LaboratoryValue) -> Sample:
    measurand = MEASURANDS[value.analyte]
    if value.unit == measurand.unit:
        return Sample(value.taken_on, Limits(value.value, value.lower_limit, value.upper_limit))
    factor = measurand.factors[value.unit]
    lower = None if value.lower_limit is None else value.lower_limit * factor
    upper = None if value.upper_limit is None else value.upper_limit * factor
    return Sample(value.taken_on, Limits(value.value * factor, lower, upper))
