"""CTCAE grade of a laboratory value, as far as what was sent allows it to be known.

A grade needs the laboratory's limits and, where CTCAE branches on it, the baseline. What is
missing leaves a range of grades that are still possible, and never reads as grade 0.
"""

from decimal import Decimal
from functools import cache
from typing import NamedTuple

from service.evidence import GRADINGS, Step

# Steps whose bound is a multiple of something that lies at the laboratory's upper limit or above it.
_ABOVE_THE_LIMIT = (("baseline_abnormal", "baseline"), (None, "higher_of_baseline_and_upper_limit"))


class Limits(NamedTuple):
    """A value with the limits of its laboratory, all in the canonical unit."""

    value: Decimal
    lower: Decimal | None
    upper: Decimal | None


class Grade(NamedTuple):
    """The grades that are possible, from `lowest` to `highest`; known when they are one."""

    term: str
    version: str
    lowest: int
    highest: int

    def at_least(self, grade: int) -> bool | None:
        """Whether the grade is that or worse; None when it cannot be known."""
        if self.lowest >= grade:
            return True
        return None if self.highest >= grade else False

    def __str__(self) -> str:
        known = f"grade {self.lowest}" if self.lowest == self.highest else f"grade unknown ({self.lowest} to {self.highest})"
        return f"CTCAE {self.version} {known}"


class Scale(NamedTuple):
    """The grades of one analyte for baselines of one kind: each step that may apply, and whether it surely does."""

    term: str
    version: str
    steps: tuple[tuple[Step, bool], ...]

    def grade(self, latest: Limits, baseline: Limits | None) -> Grade:
        """The grades that are possible for a value."""
        lowest = highest = 0
        for step, applies in self.steps:
            reached = _reached(step, latest, baseline)
            if reached is False:
                continue
            highest = max(highest, step.grade)
            if reached and applies:
                lowest = max(lowest, step.grade)
        return Grade(self.term, self.version, lowest, highest)


def scale_for(version: str, analyte: str, baseline: Limits | None) -> Scale | None:
    """The scale that a baseline asks for. None when that version does not grade the analyte in numbers."""
    return _scale(version, analyte, _is_abnormal(baseline), _is_below(baseline))


@cache
def _scale(version: str, analyte: str, is_abnormal: bool | None, is_below: bool | None) -> Scale | None:
    term = GRADINGS[version].terms.get(analyte)
    if term is None:
        return None
    branches = {
        None: True,
        "baseline_normal": None if is_abnormal is None else not is_abnormal,
        "baseline_abnormal": is_abnormal,
        "baseline_below_lower_limit": is_below,
    }
    steps = ((step, branches[step.when]) for step in term.steps)
    return Scale(term.term, version, tuple((step, bool(applies)) for step, applies in steps if applies is not False))


def _is_abnormal(baseline: Limits | None) -> bool | None:
    return None if baseline is None or baseline.upper is None else baseline.value > baseline.upper


def _is_below(baseline: Limits | None) -> bool | None:
    return None if baseline is None or baseline.lower is None else baseline.value < baseline.lower


def _reached(step: Step, latest: Limits, baseline: Limits | None) -> bool | None:
    """Whether the value stands beyond the bound; None when what it is a multiple of was not sent."""
    bound = step.value
    if step.of is not None:
        reference = _reference(step.of, latest, baseline)
        if reference is None:
            return False if _below_any_baseline(step, latest) else None
        bound *= reference
    if step.comparison == "above":
        return latest.value > bound
    return latest.value >= bound if step.comparison == "at_least" else latest.value < bound


def _reference(of: str, latest: Limits, baseline: Limits | None) -> Decimal | None:
    if of == "lower_limit":
        return latest.lower
    if of == "upper_limit":
        return latest.upper
    if baseline is None or of == "baseline":
        return baseline and baseline.value
    return None if latest.upper is None else max(baseline.value, latest.upper)


def _below_any_baseline(step: Step, latest: Limits) -> bool:
    """Whether no baseline above the laboratory's limit can make this step hold: the value is not that far above the limit."""
    if latest.upper is None or (step.when, step.of) not in _ABOVE_THE_LIMIT:
        return False
    return latest.value <= step.value * latest.upper
