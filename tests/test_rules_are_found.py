"""Rules are found by folder: exactly one in each file, sorted by name."""

import sys
from types import ModuleType

import pytest

from service import rules


def test_rules_are_sorted_by_name():
    names = [rule.name for rule in rules.RULES]
    assert names == sorted(names)


@pytest.mark.parametrize("held", [{}, {"one": rules.RULES[0], "two": rules.RULES[1]}], ids=["no rule", "two rules"])
def test_a_file_that_does_not_hold_exactly_one_rule_is_refused(held, monkeypatch):
    module = ModuleType("service.rules.another")
    vars(module).update(held)
    monkeypatch.setitem(sys.modules, "service.rules.another", module)
    with pytest.raises(ImportError, match="exactly one rule"):
        rules._only_rule("another")
