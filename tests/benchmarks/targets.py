"""What was aimed at, beside what was measured: met or missed, and by how much."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and its bound. `at_least`: more is better."""

    work: str
    measured: float | None  # None: it could not be measured in this run
    bound: float
    unit: str = "times"
    at_least: bool = False
    why: str = ""  # it is missed, if it is

    @property
    def is_met(self) -> bool:
        """Whether the figure is within its bound."""
        if self.measured is None:
            return False
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    @property
    def row(self) -> str:
        """One row of the table."""
        words = "at least" if self.at_least else "at most"
        bound = f"{words} {self.bound:g} {self.unit}"
        if self.measured is None:
            return f"| {self.work} | {bound} | not measured | |"
        better = self.measured / self.bound if self.at_least else self.bound / self.measured
        judged = f"met, {better:.1f} times over" if self.is_met else f"**missed** by a factor of {1 / better:.1f}"
        return f"| {self.work} | {bound} | {self.measured:.3g} {self.unit} | {judged} |"


def missed(targets: Iterable[Target]) -> str:
    """Of each target that was measured and missed, why."""
    told = [f"- {each.work}: {each.why}." for each in targets if each.measured is not None and not each.is_met]
    return "\n".join(["Why those that are missed are:", "", *told]) if told else "All of them are met."


def table(targets: Iterable[Target]) -> str:
    """The rows of every target."""
    return "\n".join(["| work | target | measured | |", "| --- | --- | --- | --- |", *(each.row for each in targets)])
