"""What codes of a record are called on a page."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from service.evidence import Decision, Finding, Number
from tests.clinical_pages.markdown import bold

RECALLED = bold("RECALLED, still to be read in the primary document")
CERTAINTY = {
    "reported": "reported in the source",
    "derived": "derived from reported figures",
    "assumed": "assumed by this service",
    "recalled": RECALLED,
}
_IN_A_WORD = {"reported": "reported", "derived": "derived", "assumed": "assumed", "recalled": bold("RECALLED")}
_ANSWERS = {
    "not_applicable": "not applicable",
    "unknown": "unknown",
    "clear": "clear",
    "fires info": "fires: info",
    "fires warning": "fires: warning",
    "fires critical": f"fires: {bold('critical')}",
}
ANSWERS_EXPLAINED = (
    "*Fires, info*: worth knowing at the board.",
    "*Fires, warning*: look before the next cycle.",
    "*Fires, critical*: do not give the next cycle until this is resolved.",
    "*Clear*: it was looked at, and there is nothing to do.",
    "*Not applicable*: the rule does not speak of this patient.",
    "*Unknown*: what the rule needs was not told, and it asks for it.",
)
NEXT_CYCLE_EXPLAINED = "*Next cycle*: what the row means for the decision on the next cycle, on which other rules speak too."
_NEXT_CYCLE = {
    "absent": "there is none to decide on",
    "not_awaited": "none is awaited, unless something critical holds",
    "stop": f"{bold('stop')}: treatment ends",
    "complete": "complete: no cycle remains",
    "undetermined": "undetermined",
    "proceed_reduced": "proceed with reduced activity",
}
_UNITS = {
    "1": "",
    "xULN": "x ULN",
    "a": "years",
    "mo": "months",
    "wk": "weeks",
    "d": "days",
    "h": "hours",
    "umol/L": "µmol/L",
    "10*9/L": "x 10^9/L",
}
_EFFECTS = {"proportion": "", "scheme": ""}


def answer(row: Decision) -> str:
    """What a rule answers in this row."""
    return _ANSWERS[row.answer]


def next_cycle(row: Decision) -> str:
    """What a row means for the next cycle."""
    if row.next_cycle:
        return _NEXT_CYCLE[row.next_cycle]
    return f"{bold('hold')} until it is resolved" if row.answer == "fires critical" else "no effect"


def amount(value: Decimal, unit: str) -> str:
    """A number with its unit, with the digits of the record."""
    return f"{value:f} {_UNITS.get(unit, unit)}".rstrip()


def effect(finding: Finding) -> str:
    """The kind of effect and its size."""
    name = _EFFECTS.get(finding.effect, finding.effect.replace("_", " "))
    return f"{name} {amount(finding.value, finding.unit)}".lstrip()


def interval(finding: Finding) -> str:
    """The confidence interval, and whether it is reported, derived or recalled."""
    if finding.ci is None:
        return "not given"
    low, high = finding.ci
    upper = "not estimable" if high is None else f"{high:f}"
    return f"{low:f} to {upper} ({_IN_A_WORD[finding.ci_kind]})" if finding.ci_kind else f"{low:f} to {upper}"


def counted(numbers: Iterable[Number]) -> str:
    """How many numbers, and how sure they are."""
    kinds = Counter[str](number.kind for number in numbers)
    told = ", ".join(f"{kinds[kind]} {name}" for kind, name in _IN_A_WORD.items() if kinds[kind])
    return f"{kinds.total()} number{'' if kinds.total() == 1 else 's'} ({told})" if told else "no numbers"
