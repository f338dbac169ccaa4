"""A newcomer adds a rule: three files, and nothing else is edited."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

RULE = '''"""Grade of the tumour: is it known?"""

from service.evidence import load
from service.facts import Facts
from service.terminology.quantity import count
from service.verdict import Answer, Missing, above, clear, fires, rule, unknown

EVIDENCE = load(__name__)
HIGHEST = EVIDENCE["highest"]


@rule("Tumour grade", evidence=EVIDENCE)
def tumour_grade(facts: Facts) -> Answer:
    """Judge the WHO grade."""
    grade = facts.state.disease.grade if facts.state.disease else None
    if grade is None:
        return unknown("not_told", "Send the WHO grade.", Missing("disease.grade", "The WHO grade was not told."))
    high = above(count(grade), HIGHEST, "WHO grade")
    return fires("high", "info", "Read the pathology again.", high) if high else clear("low", high)
'''
RECORD = """
claim: An example for newcomers.
reviewed_on: 2026-11-20
decisions:
  - {id: not_told, situation: "No grade", answer: unknown}
  - {id: high, situation: "Grade 3", answer: fires info}
  - {id: low, situation: "Grade 1 or 2", answer: clear}
parameters:
  highest: {meaning: "Grade above which it is high", value: 2, unit: "1", source: prrt-cds, locator: example, kind: assumed}
"""
CASES = """
- {name: No grade is a question, row: not_told, given: {}, expect: {status: unknown}}
- {name: Grade 2 is low, row: low, given: {disease: {grade: 2}}, expect: {status: clear}}
- {name: Grade 3 is high, row: high, given: {disease: {grade: 3}}, expect: {status: fires}}
"""


# Two commands of one process: what it prints first is the list, and the answer comes after the line.
LIST_AND_ASSESS = """
from service.cli.main import app
app(["rules"], standalone_mode=False)
print("=====")
app(["assess", "openapi/examples/skeletal-metastases-cycle-3.json", "--json"], standalone_mode=False)
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the project with the rule and its record, but without its cases."""
    folder = tmp_path_factory.mktemp("checkout")
    for part in ("service", "tests", "openapi", "models"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "service/rules/tumour_grade.py").write_text(RULE, "utf-8")
    (folder / "service/evidence/tumour_grade.yaml").write_text(RECORD, "utf-8")
    return folder


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it there; how much of the copy it runs is not measured."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "COV_"))}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def outcome(folder: Path, cases: str, *files: str) -> subprocess.CompletedProcess[str]:
    """What the tests of those files say of the rule with these cases."""
    (folder / "tests/cases/tumour_grade.yaml").write_text(cases, "utf-8")
    return python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files, "-k", "tumour_grade")


def test_three_files_make_a_rule_that_is_listed_answers_and_is_tested(checkout):
    told = python(checkout, "-c", LIST_AND_ASSESS)
    listed, _, answer = told.stdout.partition("=====")
    assert "tumour_grade" in listed, told.stderr
    assert '"rule": "tumour_grade"' in answer, told.stderr
    done = outcome(checkout, CASES, "tests/test_cases.py", "tests/test_house_rules.py")
    assert "failed" not in done.stdout, done.stdout
    assert done.returncode == 0, done.stdout


def test_a_decision_row_without_a_case_is_refused(checkout):
    done = outcome(checkout, "\n".join(CASES.splitlines()[:-1]), "tests/test_house_rules.py")
    assert "test_every_decision_row_has_a_case" in done.stdout
    assert done.returncode == 1
