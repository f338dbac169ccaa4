"""CTCAE grade of a laboratory value, as far as what was sent allows it to be known.

A grade needs the laboratory's limits and, where CTCAE branches on it, the baseline. What is
missing leaves a range of grades that are still possible, and never reads as grade 0.
"""

from dataclasses import dataclass
from decimal import Decimal

from service.evidence import GRADINGS, Step

# Steps whose bound is a multiple of something that lies at the laboratory's upper limit or above it.
_ABOVE_THE_LIMIT = (("baseline_abnormal", "baseline"), (None, "higher_of_baseline_and_upper_limit"))


@dataclass(frozen=True, slots=True)
class Limits:
    """A value with the limits of its laboratory, all in the canonical unit."""

    value: Decimal
    lower: Decimal | None
    upper: Decimal | None


@dataclass(frozen=True, slots=True)
class Grade:
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


def grade(version: str, analyte: str, latest: Limits, baseline: Limits | None) -> Grade | None:
    """The grade of `latest`. None when that version does not grade the analyte in numbers."""
    term = GRADINGS[version].terms.get(analyte)
    if term is None:
        return None
    lowest = highest = 0
    for step in term.steps:
        reached = _reached(step, latest, baseline)
        applies = reached if reached is False else _applies(step, baseline)
        if applies is False:
            continue
        highest = max(highest, step.grade)
        if reached and applies:
            lowest = max(lowest, step.grade)
    return Grade(term.term, version, lowest, highest)


def _applies(step: Step, baseline: Limits | None) -> bool | None:
    """Whether the branch of this step is the one for this baseline."""
    if step.when is None:
        return True
    if baseline is None:
        return None
    if step.when == "baseline_below_lower_limit":
        return None if baseline.lower is None else baseline.value < baseline.lower
    if baseline.upper is None:
        return None
    return (baseline.value > baseline.upper) == (step.when == "baseline_abnormal")


def _reached(step: Step, latest: Limits, baseline: Limits | None) -> bool | None:
    """Whether the value stands beyond the bound; None when what it is a multiple of was not sent."""
    bound = step.value
    if step.of is not None:
        reference = _reference(step, latest, baseline)
        if reference is None:
            return False if _below_any_baseline(step, latest) else None
        bound = step.value * reference
    if step.comparison == "above":
        return latest.value > bound
    return latest.value >= bound if step.comparison == "at_least" else latest.value < bound


def _below_any_baseline(step: Step, latest: Limits) -> bool:
    """Whether no baseline above the laboratory's limit can make this step hold: the value is not that far above the limit."""
    if latest.upper is None or (step.when, step.of) not in _ABOVE_THE_LIMIT:
        return False
    return latest.value <= step.value * latest.upper


def _reference(step: Step, latest: Limits, baseline: Limits | None) -> Decimal | None:
    match step.of:
        case "lower_limit":
            return latest.lower
        case "upper_limit":
            return latest.upper
        case "baseline":
            return baseline.value if baseline else None
        case _:
            return max(baseline.value, latest.upper) if baseline and latest.upper is not None else None
