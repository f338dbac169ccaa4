"""`prrt-cds rules` and `prrt-cds explain`: what the service knows, at a terminal."""

import subprocess
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from service.cli.explaining import explained
from service.cli.main import app
from service.rules import RULES
from service.rules.alkaline_phosphatase import alkaline_phosphatase
from tests.conftest import COMMAND, clean_environment

CASES = """
- name: ALP exactly at the upper limit is not raised
  row: normal
- name: ALP just above it is
  row: raised
"""


def run(*arguments):
    return CliRunner().invoke(app, arguments)


def text(renderable):
    console = Console(width=200)
    with console.capture() as captured:
        console.print(renderable)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def test_the_rules_are_listed_with_their_claims():
    done = run("rules")
    assert done.exit_code == 0
    assert [line.split(" ")[0] for line in done.stdout.splitlines() if line[0] != " "][1:] == [rule.name for rule in RULES]
    assert "ALP alert" in done.stdout


def test_the_installed_command_lists_the_rules_from_any_folder(tmp_path):
    done = subprocess.run([COMMAND, "rules"], capture_output=True, check=True, cwd=tmp_path, env=clean_environment(), text=True)
    assert "cumulative_activity" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_explained_with_its_docstring_rows_and_numbers(rule, tmp_path):
    told = " ".join(text(explained(rule, tmp_path)).split())
    assert rule.title in told
    assert " ".join(rule.description.split()) in told
    for row in rule.evidence.decisions:
        assert row.id in told
    for number in rule.evidence.numbers:
        assert number.id in told
    assert f"Reviewed on {rule.evidence.reviewed_on}." in told
    assert "Cases" not in told


def test_a_number_is_explained_with_its_value_unit_source_and_kind(tmp_path):
    told = " ".join(text(explained(alkaline_phosphatase, tmp_path)).split())
    assert "risen 10 % Change from baseline above which ALP is called risen" in told
    assert "Chandekar KR" in told
    assert "(assumed)" in told


def test_a_rule_is_explained_with_its_cases_where_they_are(tmp_path):
    (tmp_path / "alkaline_phosphatase.yaml").write_text(CASES, "utf-8")
    told = text(explained(alkaline_phosphatase, tmp_path))
    assert told.endswith("Cases\n- ALP exactly at the upper limit is not raised (normal)\n- ALP just above it is (raised)")


def test_the_command_explains_a_rule(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    done = run("explain", "alkaline_phosphatase")
    assert done.exit_code == 0
    assert done.stdout.startswith("alkaline_phosphatase: ALP alert\n")
    assert "Decisions (the first row that holds wins)" in done.stdout
    assert done.stderr == ""


def test_the_command_explains_a_rule_in_a_checkout_with_the_cases_of_the_repository(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    done = run("explain", "alkaline_phosphatase")
    assert done.exit_code == 0
    assert "\nCases\n- " in done.stdout


def test_a_rule_that_is_not_there_is_bad_input():
    done = run("explain", "zebra")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("No rule has that name. The rules are: ")
    assert "zebra" not in done.stderr


def test_no_command_shows_the_commands():
    done = run()
    assert "Decision support for PRRT. Not a medical device." in done.output
    for command in ("assess", "rules", "explain", "serve"):
        assert command in done.output
