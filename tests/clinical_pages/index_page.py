"""The list of everything that is to be reviewed."""

from collections.abc import Iterable, Sequence

from service.evidence import Grading, Record
from service.verdict import Rule
from tests.clinical_pages.markdown import bold, link, page, table, text, wrapped
from tests.clinical_pages.parts import behind
from tests.clinical_pages.words import CERTAINTY

INTRODUCTION = (
    "One page for each rule and for each set of criteria, to be read, printed and signed by a clinician. They are made from the "
    "evidence records, the rules and the cases by `make docs`; a change is made there, never on a page."
)
KINDS = (
    "A number is reported in its source, derived from reported figures, assumed by this service, or recalled. A recalled number "
    "comes from general knowledge: it must be read in the primary document before the page is signed."
)
_COUNTS = ("Numbers", "Recalled", "Assumed", "Reviewed on")


def index_page(rules: Iterable[Rule], criteria: Iterable[Record], gradings: Iterable[Grading]) -> str:
    """Every page, with what is still uncertain on it."""
    return page(
        "# Clinical review",
        wrapped(INTRODUCTION),
        wrapped(KINDS),
        "## Rules",
        table(("Rule", "Title", "What the evidence says", "Rows", *_COUNTS), [_rule(each) for each in rules]),
        "## Criteria",
        wrapped("The dose modification for toxicity is also [drawn as a machine](dose_modification.md)."),
        table(("Criteria", "What they say", *_COUNTS), [_criteria(each) for each in criteria]),
        "## Gradings",
        table(("Grading", "Terms", "Certainty", "Reviewed on"), [_grading(each) for each in gradings]),
    )


def _rule(rule: Rule) -> tuple[str, ...]:
    record = rule.evidence
    rows = str(len(record.decisions))
    return link(rule.name, f"{rule.name}.md"), text(rule.title), text(record.claim), rows, *_counts(record)


def _criteria(record: Record) -> tuple[str, ...]:
    return link(record.id, f"criteria/{record.id}.md"), text(record.claim), *_counts(record)


def _grading(grading: Grading) -> tuple[str, ...]:
    name = link(f"CTCAE {grading.version}", f"criteria/{grading.id}.md")
    return name, str(len(grading.terms)), CERTAINTY[grading.kind], str(grading.reviewed_on)


def _counts(record: Record) -> tuple[str, ...]:
    return str(len(record.numbers)), _recalled(record), str(_how_many([record], "assumed")), str(record.reviewed_on)


def _recalled(record: Record) -> str:
    """How many are recalled on the page, and in the criteria behind it."""
    own, others = _how_many([record], "recalled"), _how_many(behind(record), "recalled")
    told = bold(str(own)) if own else "0"
    return f"{told}, and {bold(str(others))} in its criteria" if others else told


def _how_many(records: Sequence[Record], kind: str) -> int:
    return sum(number.kind == kind for record in records for number in record.numbers)
