"""A newcomer adds a rule: three files, and nothing else is edited."""

import shutil
import subprocess
import sys
from pathlib import Path

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


def checkout_with_the_new_rule(folder: Path, cases: str) -> Path:
    for part in ("service", "tests", "openapi", "models"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "service/rules/tumour_grade.py").write_text(RULE, "utf-8")
    (folder / "service/evidence/tumour_grade.yaml").write_text(RECORD, "utf-8")
    (folder / "tests/cases/tumour_grade.yaml").write_text(cases, "utf-8")
    return folder


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def prrt_cds(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return python(folder, "-c", "from service.cli.main import app; app()", *arguments)


def test_three_files_make_a_rule_that_is_listed_answers_and_is_tested(tmp_path):
    folder = checkout_with_the_new_rule(tmp_path, CASES)
    listed = prrt_cds(folder, "rules")
    assert "tumour_grade" in listed.stdout, listed.stderr
    answer = prrt_cds(folder, "assess", "openapi/examples/skeletal-metastases-cycle-3.json", "--json")
    assert '"rule": "tumour_grade"' in answer.stdout, answer.stderr
    tested = python(
        folder,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/test_cases.py",
        "tests/test_house_rules.py",
        "-k",
        "tumour_grade",
    )
    assert "failed" not in tested.stdout, tested.stdout
    assert tested.returncode == 0, tested.stdout


def test_a_decision_row_without_a_case_is_refused(tmp_path):
    folder = checkout_with_the_new_rule(tmp_path, "\n".join(CASES.splitlines()[:-1]))
    tested = python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_house_rules.py", "-k", "tumour_grade")
    assert "test_every_decision_row_has_a_case" in tested.stdout
    assert tested.returncode == 1
