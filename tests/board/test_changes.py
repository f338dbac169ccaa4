"""What is different between two answers of one patient."""

from copy import deepcopy

from pydantic_core import from_json, to_json

from service.engine import build
from service.patient.reading import read_patient
from service.presentation.as_json import as_json
from service.presentation.page.changes import changes
from service.settings import Settings
from tests.conftest import EXAMPLES


def test_a_rule_or_a_question_that_was_not_there_is_told_as_none():
    engine = build(Settings())
    example = (EXAMPLES / "bone-only.json").read_bytes()
    now = from_json(to_json(as_json(engine.assess(read_patient(example, engine.today())))))
    before = deepcopy(now)
    rule, risk = before["verdicts"].pop(), before["risks"].pop(0)
    found = {each.what: each for each in changes(before, now)}
    assert set(found) == {rule["title"], risk["question"]}
    assert {each.before for each in found.values()} == {"none"}
    assert found[risk["question"]].now.startswith("12 months ")
    gone = {each.what: each for each in changes(now, before)}
    assert gone[rule["title"]].now == "none"
