"""A comparison is a sentence: true or false, readable, and with its source."""

from datetime import date
from decimal import Decimal

import pytest

from service.evidence import Finding, Parameter, Record
from service.terminology.quantity import Quantity, count
from service.verdict import (
    Missing,
    Rule,
    above,
    at_least,
    at_most,
    below,
    cite,
    clear,
    fires,
    not_applicable,
    note,
    recalled_mark,
    rule,
    unknown,
)

NUMBER = {
    "id": "limit",
    "meaning": "Limit",
    "source": "chandekar-2025",
    "locator": "abstract",
    "kind": "reported",
    "reviewed_on": date(2026, 3, 1),
}


def limit(value, unit, **more):
    return Parameter(**{**NUMBER, **more}, value=Decimal(value), unit=unit)


def finding(**more):
    return Finding(**{**NUMBER, "effect": "median", "value": Decimal("12.5"), "unit": "mo", **more})


def activity(value):
    return Quantity(Decimal(value), "GBq")


@pytest.mark.parametrize(
    ("compare", "value", "statement", "holds"),
    [
        (above, "29.7", "Activity 29.7 GBq is above 29.6 GBq", True),
        (above, "29.6", "Activity 29.6 GBq is at most 29.6 GBq", False),
        (at_least, "29.6", "Activity 29.6 GBq is at least 29.6 GBq", True),
        (at_least, "29.5", "Activity 29.5 GBq is below 29.6 GBq", False),
        (below, "29.5", "Activity 29.5 GBq is below 29.6 GBq", True),
        (below, "29.6", "Activity 29.6 GBq is at least 29.6 GBq", False),
        (at_most, "29.6", "Activity 29.6 GBq is at most 29.6 GBq", True),
        (at_most, "29.7", "Activity 29.7 GBq is above 29.6 GBq", False),
    ],
)
def test_a_comparison_is_a_sentence_and_a_truth(compare, value, statement, holds):
    reason = compare(activity(value), limit("29.6", "GBq"), "Activity")
    assert reason.statement == statement
    assert bool(reason) is holds
    assert reason.number.source == "chandekar-2025"


def test_a_value_never_seems_to_equal_the_threshold_that_it_does_not_equal():
    reason = above(activity("29.600001"), limit("29.6", "GBq"), "Activity")
    assert reason.statement == "Activity 29.600001 GBq is above 29.6 GBq"


def test_two_units_are_not_compared():
    with pytest.raises(ValueError, match="limit is in GBq, not in mCi"):
        above(Quantity(Decimal(200), "mCi"), limit("29.6", "GBq"), "Activity")


def test_a_multiple_of_the_upper_limit_says_its_unit_once():
    alp = Quantity(Decimal(182), "xULN", Decimal(120))
    assert above(alp, limit(1, "xULN"), "ALP").statement == "ALP 1.52 x ULN is above 1"


def test_a_count_has_no_unit():
    assert count(3).words == "3"


def test_days_and_weeks_are_words():
    assert Quantity(Decimal(28), "d").words == "28 days"
    assert Quantity(Decimal(8), "wk").words == "8 weeks"


def test_a_recalled_number_is_marked():
    recalled = limit("29.6", "GBq", kind="recalled")
    assert recalled_mark(recalled) == " (recalled)"
    assert recalled_mark(limit("29.6", "GBq")) == ""
    assert above(activity(30), recalled, "Activity").statement == "Activity 30 GBq is above 29.6 GBq (recalled)"


def test_a_finding_is_cited_with_interval_p_value_design_and_size():
    cited = cite(finding(n=141, p="= 0.02", ci=[Decimal("9.2"), Decimal("15.8")], ci_kind="reported"))
    assert cited.statement == "Limit: median 12.5 mo; 95 % CI 9.2 to 15.8; P = 0.02; retrospective, one centre, n = 141."


def test_an_interval_that_was_derived_says_so():
    cited = cite(finding(ci=[Decimal(1), Decimal(2)], ci_kind="derived", effect="hazard_ratio", value=Decimal("1.5"), unit="1"))
    assert cited.statement == "Limit: hazard ratio 1.5; 95 % CI 1 to 2, derived; retrospective, one centre."


def test_a_finding_that_is_not_reported_says_so_and_has_its_remark():
    cited = cite(finding(kind="recalled", note="To be read.", effect="proportion", value=Decimal(40), unit="%"))
    assert cited.statement == "Limit: 40 %; retrospective, one centre (recalled). To be read."
    assert cited.observed is None
    assert cited.number.kind == "recalled"


def test_the_four_answers():
    reason = note("So it is.")
    assert fires("row", "info", "Look.", reason).status == "fires"
    assert clear("row", reason).status == "clear"
    assert not_applicable("row", reason).status == "not_applicable"
    assert unknown("row", "Tell.", Missing("alt", "It shows the liver.")).status == "unknown"


def test_what_is_unknown_says_why():
    answer = unknown("row", "Tell.", Missing("alt", "It shows the liver."))
    assert [reason.statement for reason in answer.reasons] == ["It shows the liver."]
    assert [reason.statement for reason in unknown("row", "Tell.", reasons=(note("Old."),)).reasons] == ["Old."]


def test_a_rule_is_a_function_with_a_title_a_record_and_a_docstring():
    record = Record(id="stem", claim="Claim", reviewed_on=date(2026, 3, 1))

    @rule("Title", evidence=record)
    def judge(facts):
        """Judge nothing."""
        return clear("row", note(facts))

    assert isinstance(judge, Rule)
    assert (judge.name, judge.title) == ("stem", "Title")
    assert judge.description == f"{__doc__}\n\nJudge nothing."
    verdict = judge("Facts.")
    assert (verdict.rule, verdict.title, verdict.record) == ("stem", "Title", record)
    assert verdict.answer.reasons[0].statement == "Facts."
