"""What a reader may rely on in every file: the house rules of docs/architecture.md."""

import ast
from pathlib import Path
from statistics import median

import pytest

from service.evidence import CRITERIA, GRADINGS, RISK, SOURCES
from service.rules import RULES
from tests import generated
from tests.mutants.catalogue import every_mutant_id
from tests.reading import cases

ROOT = Path(__file__).parent.parent
SERVICE = ROOT / "service"
FORBIDDEN_STEMS = {"utils", "helpers", "common", "core", "base", "manager", "models", "schemas", "types"}
ANSWERS = {"fires", "clear", "unknown", "not_applicable"}

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def stems(folder: Path, ending: str) -> set[str]:
    return {path.stem for path in folder.glob(f"*{ending}") if not path.stem.startswith("_")}


def tree_of(rule) -> ast.Module:
    return ast.parse((SERVICE / "rules" / f"{rule.name}.py").read_text("utf-8"))


def text_arguments(tree: ast.Module, function: str) -> set[str]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == function]
    return {ast.literal_eval(call.args[0]) for call in calls}


def subscripts(tree: ast.Module, name: str) -> set[str]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Subscript) and ast.unparse(node.value) == name]
    return {ast.literal_eval(node.slice) for node in found}


def test_a_rule_its_record_and_its_cases_share_a_stem():
    names = {rule.name for rule in RULES}
    assert names == stems(SERVICE / "rules", ".py") == stems(ROOT / "tests" / "cases", ".yaml")
    assert names == stems(SERVICE / "evidence", ".yaml") - {"sources"}


@each_rule
def test_every_decision_row_has_a_case_and_every_case_a_row(rule):
    assert {case["row"] for case in cases(rule.name)} == {row.id for row in rule.evidence.decisions}


@each_rule
def test_every_decision_row_is_an_answer_of_the_code(rule):
    named = set().union(*(text_arguments(tree_of(rule), answer) for answer in ANSWERS))
    assert named == {row.id for row in rule.evidence.decisions}


@each_rule
def test_a_rule_uses_every_number_of_its_record(rule):
    assert subscripts(tree_of(rule), "EVIDENCE") == set(rule.evidence.parameters)
    assert text_arguments(tree_of(rule), "EVIDENCE.finding") == set(rule.evidence.findings)


@each_rule
def test_a_record_names_the_criteria_that_its_rule_draws_on(rule):
    assert subscripts(tree_of(rule), "CRITERIA") <= set(rule.evidence.criteria) <= set(CRITERIA)


@each_rule
def test_no_number_stands_in_a_rule(rule):
    constants = [node.value for node in ast.walk(tree_of(rule)) if isinstance(node, ast.Constant)]
    assert [value for value in constants if isinstance(value, int | float) and not isinstance(value, bool)] == []


def test_every_criterion_is_used():
    code = "".join(path.read_text("utf-8") for path in SERVICE.rglob("*.py"))
    unused = [number for record in CRITERIA.values() for number in record.parameters if f'["{number}"]' not in code]
    assert unused == []


def test_every_source_is_used():
    records = [*CRITERIA.values(), *RISK.values(), *(rule.evidence for rule in RULES)]
    used = {number.source for record in records for number in record.numbers} | {table.source for table in GRADINGS.values()}
    assert used == set(SOURCES)


def test_an_id_is_a_rule_a_criterion_or_a_source_and_never_two_of_them():
    ids = [*(rule.name for rule in RULES), *CRITERIA, *SOURCES]
    assert len(ids) == len(set(ids))


def test_files_are_small_and_named_after_what_they_hold():
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in SERVICE.rglob("*.py")}
    assert {path: length for path, length in lengths.items() if length > 250} == {}
    assert median(lengths.values()) < 90
    assert {path.stem for path in lengths} & FORBIDDEN_STEMS == set()


@pytest.mark.parametrize("path", generated.FILES, ids=str)
def test_a_generated_file_is_what_make_docs_makes(path):
    assert (ROOT / path).read_text("utf-8") == generated.FILES[path](), "run `make docs`"


def test_the_table_of_mutants_lists_every_mutant_and_no_survivor():
    table = (ROOT / "docs" / "mutants.md").read_text("utf-8")
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| `")]
    outcomes = {row[0].removeprefix("| ").strip("`"): row[1] for row in rows}
    assert sorted(outcomes) == sorted(every_mutant_id()), "run `make mutants`"
    assert [mutant for mutant, outcome in outcomes.items() if "SURVIVED" in outcome] == []
