"""What a rule answers: a verdict, with its reasons.

Comparing a quantity with a parameter returns a Reason, which is true or false, reads as a
sentence, and carries its source. A missing result is a question, never a reassurance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from inspect import getdoc
from sys import modules
from typing import Literal, NamedTuple

from service.evidence import SOURCES, Consequence, Finding, Number, Parameter, Record
from service.facts import Facts
from service.terminology.quantity import UNIT_WORDS, Quantity, readable

Status = Literal["fires", "clear", "not_applicable", "unknown"]
Urgency = Literal["info", "warning", "critical"]
URGENCIES: tuple[Urgency, ...] = ("critical", "warning", "info")

_OPPOSITE = {"above": "at most", "at most": "above", "below": "at least", "at least": "below"}


class Comparison(NamedTuple):
    """A quantity beside a parameter, as a sentence that is only put together for who reads it."""

    label: str
    observed: Quantity
    words: str
    parameter: Parameter

    def __str__(self) -> str:
        value, unit = self.parameter.value, self.parameter.unit
        # "1.52 x ULN is above 1": the unit of the multiple is not said twice
        threshold = readable(value) if unit == "xULN" else self.parameter.words
        mark = recalled_mark(self.parameter)
        return f"{self.label} {self.observed.words_beside(value)} is {self.words} {threshold}{mark}"


class Reason(NamedTuple):
    """One sentence of the why. It is truthy when the comparison holds."""

    said: str | Comparison
    holds: bool = True
    observed: Quantity | None = None
    number: Number | None = None  # the parameter or finding behind it

    @property
    def statement(self) -> str:
        """The sentence."""
        return str(self.said)

    def __bool__(self) -> bool:
        return self.holds


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that was not told, and why it is asked for."""

    item: str
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule's function returns: the decision row that holds, and everything to say about it."""

    decision: str
    status: Status
    urgency: Urgency | None
    advice: str | None
    reasons: tuple[Reason, ...]
    caveats: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    not_before: date | None = None  # the first day on which this rule allows the next cycle, if it names one


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of one rule about one patient."""

    rule: str
    title: str
    answer: Answer
    record: Record

    @property
    def consequence(self) -> Consequence | None:
        """What the decision row means for the next cycle."""
        return self.record.row(self.answer.decision).next_cycle


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: a pure function of the facts, with its title and its evidence."""

    title: str
    evidence: Record
    judge: Callable[[Facts], Answer]

    @property
    def name(self) -> str:
        """The stem that the rule shares with its record and its cases."""
        return self.evidence.id

    @property
    def description(self) -> str:
        """The docstrings of the rule's file and of its function."""
        module = modules[self.judge.__module__]
        return f"{getdoc(module)}\n\n{getdoc(self.judge)}"

    def __call__(self, facts: Facts) -> Verdict:
        """Judge one patient."""
        return Verdict(self.name, self.title, self.judge(facts), self.evidence)


def rule(title: str, *, evidence: Record) -> Callable[[Callable[[Facts], Answer]], Rule]:
    """Make a function of the facts a rule."""
    return lambda judge: Rule(title, evidence, judge)


def fires(
    decision: str,
    urgency: Urgency,
    advice: str,
    *reasons: Reason,
    caveats: tuple[str, ...] = (),
    missing: tuple[Missing, ...] = (),
    not_before: date | None = None,
) -> Answer:
    """There is something to do or to know. `advice` is one imperative sentence."""
    return Answer(decision, "fires", urgency, advice, reasons, caveats, missing, not_before)


def together(*grounds: Answer, caveats: tuple[str, ...] = (), missing: tuple[Missing, ...] = ()) -> Answer:
    """One answer from several that fire: the most urgent speaks (of equals the first), the others follow with their advice."""
    first, *others = sorted(grounds, key=lambda ground: URGENCIES.index(ground.urgency or "info"))
    reasons = [*first.reasons]
    for other in others:
        reasons += [*other.reasons, note(f"{other.advice}")]
    everything = (first, *others)
    return Answer(
        first.decision,
        first.status,
        first.urgency,
        first.advice,
        reasons=tuple(reasons),
        caveats=tuple(dict.fromkeys([*(caveat for each in everything for caveat in each.caveats), *caveats])),
        missing=tuple(dict.fromkeys([*(asked for each in everything for asked in each.missing), *missing])),
        not_before=max((each.not_before for each in everything if each.not_before), default=None),
    )


def clear(
    decision: str,
    *reasons: Reason,
    caveats: tuple[str, ...] = (),
    missing: tuple[Missing, ...] = (),
    not_before: date | None = None,
) -> Answer:
    """It was looked at, and there is nothing to do."""
    return Answer(decision, "clear", None, None, reasons, caveats, missing, not_before)


def not_applicable(decision: str, *reasons: Reason) -> Answer:
    """The rule does not speak of this patient."""
    return Answer(decision, "not_applicable", None, None, reasons)


def unknown(
    decision: str, advice: str, *missing: Missing, reasons: tuple[Reason, ...] = (), not_before: date | None = None
) -> Answer:
    """What the rule needs is missing: `advice` asks for it, `missing` names it."""
    why = reasons or tuple(note(each.why) for each in missing)
    return Answer(decision, "unknown", None, advice, why, (), missing, not_before)


def note(statement: str, number: Number | None = None, observed: Quantity | None = None) -> Reason:
    """A reason that is no comparison."""
    return Reason(statement, True, observed, number)


def above(observed: Quantity, parameter: Parameter, label: str) -> Reason:
    """Whether `observed` is strictly above the parameter."""
    return _compared(observed, parameter, label, "above", _difference(observed, parameter) > 0)


def at_least(observed: Quantity, parameter: Parameter, label: str) -> Reason:
    """Whether `observed` is the parameter or more."""
    return _compared(observed, parameter, label, "at least", _difference(observed, parameter) >= 0)


def below(observed: Quantity, parameter: Parameter, label: str) -> Reason:
    """Whether `observed` is strictly below the parameter."""
    return _compared(observed, parameter, label, "below", _difference(observed, parameter) < 0)


def at_most(observed: Quantity, parameter: Parameter, label: str) -> Reason:
    """Whether `observed` is the parameter or less."""
    return _compared(observed, parameter, label, "at most", _difference(observed, parameter) <= 0)


def _difference(observed: Quantity, parameter: Parameter) -> Decimal:
    if observed.unit != parameter.unit:
        raise ValueError(f"{parameter.id} is in {parameter.unit}, not in {observed.unit}")
    return observed.minus(parameter.value)


def _compared(observed: Quantity, parameter: Parameter, label: str, words: str, holds: bool) -> Reason:
    return Reason(Comparison(label, observed, words if holds else _OPPOSITE[words], parameter), holds, observed, parameter)


def recalled_mark(number: Number) -> str:
    """The mark of a number that was not yet read in its primary document."""
    return " (recalled)" if number.kind == "recalled" else ""


_EFFECTS = {
    "hazard_ratio": "hazard ratio",
    "odds_ratio": "odds ratio",
    "proportion": "",
    "mean": "mean",
    "median": "median",
    "scheme": "",
}


def cite(finding: Finding) -> Reason:
    """What a study found, with its interval, P value, design and size."""
    unit = UNIT_WORDS.get(finding.unit, finding.unit)
    parts = [f"{_EFFECTS[finding.effect]} {finding.value} {unit}".strip()]
    if finding.ci:
        kind = f", {finding.ci_kind}" if finding.ci_kind != "reported" else ""
        parts.append(f"95 % CI {finding.ci[0]} to {finding.ci[1] or 'not estimable'}{kind}")
    if finding.p:
        parts.append(f"P {finding.p}")
    source = SOURCES[finding.source]
    parts.append(source.design_with(finding.n))
    kind = "" if finding.kind == "reported" else f" ({finding.kind})"
    remark = f" {finding.note}" if finding.note else ""
    return Reason(f"{finding.meaning}: {'; '.join(parts)}{kind}.{remark}", number=finding)
