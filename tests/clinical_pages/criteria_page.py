"""The page of one set of criteria that facts are computed by."""

from collections.abc import Iterable

from service.evidence import Record
from service.verdict import Rule
from tests.clinical_pages.markdown import bullets, code, link, text, wrapped
from tests.clinical_pages.parts import cited, compared, heading, sources, to_be_signed


def criteria_page(record: Record, rules: Iterable[Rule]) -> str:
    """The claim and the numbers of one record of criteria."""
    users = [rule for rule in rules if record.id in rule.evidence.criteria]
    named_by = bullets(link(text(rule.title), f"../{rule.name}.md") for rule in users)
    return to_be_signed(
        f"# {text(record.id.replace('_', ' ').capitalize())}",
        heading(record, f"Criteria {code(record.id)}", "../README.md"),
        "## What the criteria say",
        wrapped(text(record.claim)),
        "## Numbers that facts are computed by",
        compared(record.parameters.values()),
        f"## Numbers that are cited\n\n{cited(record.findings.values())}" if record.findings else "",
        f"## Rules that name these criteria\n\n{named_by}" if users else "",
        "## Sources",
        sources(number.source for number in record.numbers),
    )
