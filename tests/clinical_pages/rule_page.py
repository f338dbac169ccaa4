"""The page of one rule."""

import re
from collections.abc import Sequence
from typing import Any

from service.evidence import Decision, Record
from service.verdict import Rule
from tests.clinical_pages.markdown import bold, bullets, code, link, table, text, wrapped
from tests.clinical_pages.parts import behind, cited, compared, heading, sources, to_be_signed
from tests.clinical_pages.words import ANSWERS_EXPLAINED, NEXT_CYCLE_EXPLAINED, answer, counted, next_cycle

ABSENCE = "This rule may fire because something is missing."


def rule_page(rule: Rule, cases: Sequence[dict[str, Any]]) -> str:
    """Everything that one rule claims, decides and cites, and the cases that hold it to that."""
    record = rule.evidence
    return to_be_signed(
        f"# {text(rule.title)}",
        heading(record, f"Rule {code(rule.name)}", "README.md"),
        "## What the evidence says",
        wrapped(text(record.claim)),
        "## What the rule does",
        _description(rule),
        ABSENCE if record.speaks_of_absence else "",
        "## Decision table",
        "The first row that holds wins.",
        table(("", "Row", "When", "Answer", "Next cycle"), _decisions(record)),
        bullets([*ANSWERS_EXPLAINED, NEXT_CYCLE_EXPLAINED]),
        "## Numbers the rule compares with",
        compared(record.parameters.values()),
        "## Numbers the rule cites",
        cited(record.findings.values()),
        "## Criteria behind the facts",
        _criteria(record),
        "## Sources",
        sources(number.source for number in record.numbers),
        "## Cases",
        "Each case is a patient; the test suite checks that the rule answers as expected, from this row.",
        table(("Row", "Case", "Expected"), _cases(record, cases)),
    )


def _description(rule: Rule) -> str:
    """The docstrings; what is doubtful stands out, in a paragraph of its own."""
    return re.sub(r"\s+Doubt:", f"\n\n{bold('Doubt:')}", text(rule.description))


def _decisions(record: Record) -> list[tuple[str, ...]]:
    rows = enumerate(record.decisions, start=1)
    return [(str(place), code(row.id), text(row.situation), answer(row), next_cycle(row)) for place, row in rows]


def _criteria(record: Record) -> str:
    named = behind(record)
    told = (f"{link(each.id, f'criteria/{each.id}.md')}, {counted(each.numbers)}: {text(each.claim)}" for each in named)
    if not named:
        return "The record names no criteria."
    numbers = compared(number for each in named for number in each.parameters.values())
    return f"Each is signed on its own page.\n\n{bullets(told)}\n\n{numbers}"


def _cases(record: Record, cases: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (code(row.id), text(case["name"]), _expected(row, case["expect"]))
        for row in record.decisions
        for case in cases
        if case["row"] == row.id
    ]


def _expected(row: Decision, expected: dict[str, Any]) -> str:
    """The answer, and what is asked for; a case that is silent about its status expects the answer of its row."""
    asked = [code(each["item"]) for each in expected.get("missing", ()) if "item" in each]
    return f"{answer(row)}; asks for {', '.join(asked)}" if asked else answer(row)
