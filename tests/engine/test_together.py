"""Several grounds put together into one answer, and what a decision row means for the next cycle."""

from dataclasses import replace
from datetime import date

import pytest

from service.evidence import Record
from service.evidence.records import Decision
from service.verdict import Missing, Verdict, clear, fires, not_applicable, note, together, unknown

LOOK = fires("look", "info", "Look.", note("It is there."))
WAIT = fires("wait", "warning", "Wait.", note("It is near."))
HOLD = fires("hold", "critical", "Hold.", note("It is here."), note("It is large."))
STOP = fires("stop", "critical", "Stop.", note("It is back."))


def statements(answer):
    return [reason.statement for reason in answer.reasons]


def test_one_ground_stays_as_it_is():
    assert together(WAIT) == WAIT


@pytest.mark.parametrize("grounds", [(LOOK, WAIT, HOLD), (HOLD, WAIT, LOOK), (WAIT, HOLD, LOOK)])
def test_the_most_urgent_speaks_and_the_others_follow_by_urgency_with_their_advice(grounds):
    answer = together(*grounds)
    assert (answer.decision, answer.status, answer.urgency, answer.advice) == ("hold", "fires", "critical", "Hold.")
    assert statements(answer) == ["It is here.", "It is large.", "It is near.", "Wait.", "It is there.", "Look."]


def test_of_two_that_are_equally_urgent_the_first_speaks():
    assert together(LOOK, HOLD, STOP).decision == "hold"
    assert together(LOOK, STOP, HOLD).decision == "stop"
    assert statements(together(STOP, HOLD)) == ["It is back.", "It is here.", "It is large.", "Hold."]


def test_the_advice_of_the_others_is_a_reason_that_carries_no_number():
    told = together(HOLD, WAIT).reasons[-1]
    assert (told.statement, told.holds, told.number, told.observed) == ("Wait.", True, None, None)


def test_caveats_and_questions_of_all_are_told_once_the_general_ones_last():
    inr, albumin, weight = Missing("inr", "Why."), Missing("albumin", "Why."), Missing("weight", "Why.")
    one = replace(WAIT, caveats=("A.", "B."), missing=(inr, albumin))
    other = replace(HOLD, caveats=("C.", "A."), missing=(albumin,))
    answer = together(one, other, caveats=("D.", "B."), missing=(inr, weight))
    assert answer.caveats == ("C.", "A.", "B.", "D.")
    assert answer.missing == (albumin, inr, weight)


def test_the_same_item_asked_for_two_reasons_is_asked_twice():
    one, other = Missing("inr", "It tells one thing."), Missing("inr", "It tells another.")
    assert together(replace(WAIT, missing=(one,)), missing=(other,)).missing == (one, other)


def test_the_latest_of_the_days_that_are_allowed_counts():
    soon, late = date(2026, 3, 12), date(2026, 3, 20)
    assert together(WAIT, HOLD).not_before is None
    assert together(replace(WAIT, not_before=soon), HOLD).not_before == soon
    assert together(replace(WAIT, not_before=late), replace(HOLD, not_before=soon)).not_before == late
    assert together(replace(WAIT, not_before=soon), replace(HOLD, not_before=late)).not_before == late


RECORD = Record(
    id="stem",
    claim="Claim",
    reviewed_on=date(2026, 3, 1),
    decisions=(
        Decision(id="none", situation="None", answer="not_applicable", next_cycle="absent"),
        Decision(id="over", situation="Over", answer="not_applicable", next_cycle="complete"),
        Decision(id="back", situation="Back", answer="fires critical", next_cycle="stop"),
        Decision(id="open", situation="Open", answer="unknown", next_cycle="undetermined"),
        Decision(id="less", situation="Less", answer="fires warning", next_cycle="proceed_reduced"),
        Decision(id="hold", situation="Hold", answer="fires critical"),
        Decision(id="fine", situation="Fine", answer="clear"),
    ),
)


@pytest.mark.parametrize(
    ("answer", "consequence"),
    [
        (not_applicable("none", note("So.")), "absent"),
        (not_applicable("over", note("So.")), "complete"),
        (fires("back", "critical", "Stop.", note("So.")), "stop"),
        (unknown("open", "Tell.", Missing("inr", "Why.")), "undetermined"),
        (fires("less", "warning", "Less.", note("So.")), "proceed_reduced"),
        (fires("hold", "critical", "Hold.", note("So.")), None),
        (clear("fine", note("So.")), None),
    ],
)
def test_what_a_verdict_means_for_the_next_cycle_stands_in_its_row(answer, consequence):
    assert Verdict("stem", "Title", answer, RECORD).consequence == consequence


def test_a_decision_without_a_row_is_a_mistake():
    with pytest.raises(KeyError):
        _ = Verdict("stem", "Title", clear("nowhere", note("So.")), RECORD).consequence
