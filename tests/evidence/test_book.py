"""How records are read, and that what is not complete is refused."""

from datetime import date
from decimal import Decimal

import pytest
import yaml
from pydantic import ValidationError

from service.evidence import CRITERIA, GRADINGS, SOURCES, Parameter, load
from service.evidence.book import UnknownSourceError, parse_grading, parse_record

RECORD = """
claim: A claim.
reviewed_on: 2026-01-31
decisions:
  - {id: raised, situation: Raised, answer: fires warning}
parameters:
  bound: {meaning: A bound, value: 2.50, unit: xULN, source: ctcae-5-0, locator: table, kind: reported}
findings:
  survival: {meaning: Survival, effect: hazard_ratio, value: 2, unit: "1", p: "0.048", ci: [1.01, 7], ci_kind: derived,
             source: chandekar-2025, locator: abstract, kind: reported, reviewed_on: 2025-12-31}
"""


def test_a_record_keeps_the_digits_that_were_written():
    record = parse_record("example", RECORD)
    assert (str(record["bound"].value), type(record["bound"].value)) == ("2.50", Decimal)
    assert record.finding("survival").value == Decimal(2)
    assert record.finding("survival").ci == (Decimal("1.01"), Decimal(7))


def test_a_number_is_called_by_its_key_and_was_reviewed_with_its_record_unless_it_says_otherwise():
    record = parse_record("example", RECORD)
    assert (record.id, record["bound"].id, record.finding("survival").id) == ("example", "bound", "survival")
    assert record["bound"].reviewed_on == date(2026, 1, 31)
    assert record.finding("survival").reviewed_on == date(2025, 12, 31)


def test_a_record_lists_its_parameters_before_its_findings():
    assert [number.id for number in parse_record("example", RECORD).numbers] == ["bound", "survival"]


def test_a_record_may_have_no_numbers_and_no_rows():
    bare = parse_record("bare", "claim: A claim.\nreviewed_on: 2026-01-31")
    assert (bare.numbers, bare.decisions, bare.speaks_of_absence) == ((), (), False)


def test_a_number_that_is_not_there_is_not_guessed():
    record = parse_record("example", RECORD)
    with pytest.raises(KeyError):
        record["survival"]
    with pytest.raises(KeyError):
        record.finding("bound")


def test_a_source_that_is_not_declared_is_refused():
    with pytest.raises(UnknownSourceError, match=r"example\.bound names the undeclared source hearsay-1999"):
        parse_record("example", RECORD.replace("ctcae-5-0", "hearsay-1999"))


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("claim: A claim.", "assertion: A claim."),
        ("value: 2.50", "value: two"),
        ("value: 2.50", 'value: "2.50"'),
        ("value: 2.50", "value: true"),
        ("unit: xULN, ", ""),
        ("kind: reported}", "kind: believed}"),
        ("effect: hazard_ratio", "effect: large"),
        ("ci: [1.01, 7]", "ci: [1.01]"),
        ("answer: fires warning", "answer: fires"),
        ("locator: table", "locator: table, remark: none"),
    ],
)
def test_a_record_that_is_not_complete_is_refused(written, instead):
    assert written in RECORD
    with pytest.raises(ValidationError):
        parse_record("example", RECORD.replace(written, instead))


def test_two_numbers_of_one_name_are_refused():
    with pytest.raises(yaml.YAMLError, match="two values for 'claim'"):
        parse_record("example", f"claim: Another.\n{RECORD}")


def test_a_number_does_not_change():
    with pytest.raises(ValidationError):
        parse_record("example", RECORD)["bound"].value = Decimal(3)


@pytest.mark.parametrize(
    ("reviewed_on", "on", "overdue"),
    [
        ("2026-01-31", date(2027, 1, 31), False),
        ("2026-01-31", date(2027, 2, 1), True),
        ("2026-01-31", date(2026, 1, 31), False),
        ("2024-02-29", date(2025, 2, 28), False),
        ("2024-02-29", date(2025, 3, 1), True),
    ],
)
def test_a_record_is_overdue_after_a_year(reviewed_on, on, overdue):
    assert parse_record("example", RECORD.replace("2026-01-31", reviewed_on)).is_overdue(on) is overdue


def test_a_rule_loads_the_record_of_its_own_stem_once():
    record = load("service.rules.alkaline_phosphatase")
    assert record.id == "alkaline_phosphatase"
    assert load("service.rules.alkaline_phosphatase") is record


def test_a_rule_without_a_record_does_not_load():
    with pytest.raises(FileNotFoundError):
        load("service.rules.no_such_rule")


def test_the_criteria_are_read_by_the_stem_of_their_file():
    assert list(CRITERIA) == ["course", "dose_modification", "dosimetry", "follow_up", "kidney", "recist_1_1"]
    assert all(isinstance(number, Parameter) for record in CRITERIA.values() for number in record.numbers)


@pytest.mark.parametrize(
    ("written", "instead"),
    [("is: below", "is: beneath"), ("grade: 1", "grade: one"), ("of: lower_limit", "of: the_moon"), ("value: 1,", "")],
)
def test_a_step_that_says_something_else_is_refused(written, instead):
    text = """
version: "9.9"
source: ctcae-5-0
kind: reported
reviewed_on: 2026-01-31
terms:
  platelets: {term: Platelets, unit: 10*9/L, printed: "<LLN", steps: [{grade: 1, is: below, value: 1, of: lower_limit}]}
"""
    assert parse_grading("example", text).terms["platelets"].steps[0].comparison == "below"
    with pytest.raises(ValidationError):
        parse_grading("example", text.replace(written, instead))


def test_there_is_one_grading_of_each_version():
    assert {version: grading.id for version, grading in GRADINGS.items()} == {"5.0": "ctcae_5_0", "6.0": "ctcae_6_0"}


def test_a_source_is_called_by_its_key():
    assert all(source.id == name for name, source in SOURCES.items())
    assert SOURCES["chandekar-2025"].n == 74
