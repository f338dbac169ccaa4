"""Every case of every rule: the spec that a clinician can read."""

import json

import pytest

from service.rules import RULES
from tests.reading import cases, matches, verdict

CASES = [(rule, case) for rule in RULES for case in cases(rule.name)]


@pytest.mark.parametrize(("rule", "case"), CASES, ids=[f"{rule.name}: {case['name']}" for rule, case in CASES])
def test_case(rule, case):
    answer = verdict(rule.name, case["given"])
    row = next(row for row in rule.evidence.decisions if row.id == case["row"])
    answers_in_the_row = row.answer == f"{answer['status']} {answer['urgency'] or ''}".strip()
    if answer["decision"] != case["row"] or not matches(case["expect"], answer) or not answers_in_the_row:
        told = {"expected row": f"{row.id}: {row.answer}", "expected": case["expect"], "answered": answer}
        pytest.fail(json.dumps(told, indent=2, default=float), pytrace=False)
