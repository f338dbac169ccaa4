"""The machine of the dose modification: each cell of its table, the delay, the order within a day."""

from datetime import date, timedelta

import pytest

from service.facts.grading import Grade
from service.facts.toxicity.episode import Dose, Episode, Reading, follow

FIRST_DAY = date(2026, 1, 1)


def day(number):
    return FIRST_DAY + timedelta(days=number)


def low(number, criterion="platelets", **more):
    """A value for which the label withholds the dose."""
    return Reading(day(number), criterion, triggers=True, recovered=False, **more)


def well(number, criterion="platelets", **more):
    """A value that has recovered."""
    return Reading(day(number), criterion, triggers=False, recovered=True, **more)


def between(number, criterion="platelets"):
    """A value that no longer triggers and has not recovered."""
    return Reading(day(number), criterion, triggers=False, recovered=False)


def unclear(number, criterion="platelets"):
    """A value that cannot be judged."""
    return Reading(day(number), criterion, triggers=None, recovered=None)


def dose(number, due=None, too_late=None):
    return Dose(day(number), None if due is None else day(due), None if too_late is None else day(too_late))


def state(*happenings, until=400):
    return follow(happenings, day(until)).state


# What leads to each state, in the first ten days.
LEADS_TO = {
    "none": (dose(0),),
    "held": (dose(0), low(1)),
    "reduced": (dose(0), low(1), well(2)),
    "full": (dose(0), low(1), well(2), dose(3)),
    "stopped": (dose(0), low(1), well(2), dose(3), low(4)),
}


@pytest.mark.parametrize("reached", LEADS_TO)
def test_each_state_can_be_reached(reached):
    assert state(*LEADS_TO[reached]) == reached


@pytest.mark.parametrize(
    ("before", "happening", "after"),
    [
        ("none", low(10), "held"),
        ("none", well(10), "none"),
        ("none", between(10), "none"),
        ("none", unclear(10), "none"),
        ("none", dose(10), "none"),
        ("held", low(10), "held"),
        ("held", low(10, "neutrophils"), "held"),
        ("held", well(10), "reduced"),
        ("held", well(10, "neutrophils"), "held"),
        ("held", between(10), "held"),
        ("held", unclear(10), "held"),
        ("held", dose(10), "held"),
        ("reduced", low(10), "held"),
        ("reduced", well(10), "reduced"),
        ("reduced", between(10), "reduced"),
        ("reduced", unclear(10), "reduced"),
        ("reduced", dose(10), "full"),
        ("full", low(10), "stopped"),
        ("full", low(10, "neutrophils"), "stopped"),
        ("full", well(10), "full"),
        ("full", between(10), "full"),
        ("full", unclear(10), "full"),
        ("full", dose(10), "full"),
        ("stopped", low(10), "stopped"),
        ("stopped", well(10), "stopped"),
        ("stopped", between(10), "stopped"),
        ("stopped", unclear(10), "stopped"),
        ("stopped", dose(10), "stopped"),
    ],
)
def test_each_cell_of_the_table(before, happening, after):
    assert state(*LEADS_TO[before], happening) == after


def test_nothing_happened_is_no_toxicity():
    assert follow((), day(0)) == Episode()


def test_the_order_in_which_things_are_told_is_irrelevant():
    assert follow(reversed(LEADS_TO["stopped"]), day(9)) == follow(LEADS_TO["stopped"], day(9))


def test_what_happened_before_can_be_folded_into_a_start():
    told = (dose(0, 56, 168), low(1), low(2, "neutrophils"), well(3), well(20, "neutrophils"), dose(56, 112, 224), low(60))
    for split in range(len(told) + 1):
        start = follow(told[:split], told[split - 1].on if split else day(0))
        assert follow(told[split:], day(70), start) == follow(told, day(70))


def test_an_episode_says_since_when_and_what_triggered_last():
    found = follow((dose(0), low(1), low(5, remark="worse"), low(7, "neutrophils")), day(9))
    assert (found.since, found.stopped_for) == (day(1), None)
    assert found.trigger == low(7, "neutrophils")
    assert found.open == (low(5, remark="worse"), low(7, "neutrophils"))


def test_since_is_the_day_of_each_change():
    assert follow(LEADS_TO["reduced"], day(9)).since == day(2)
    assert follow(LEADS_TO["full"], day(9)).since == day(3)
    stopped = follow(LEADS_TO["stopped"], day(9))
    assert (stopped.since, stopped.stopped_for, stopped.trigger) == (day(4), "recurrence", low(4))
    again = follow((*LEADS_TO["reduced"], low(6)), day(9))
    assert (again.state, again.stopped_for) == ("held", None)


def test_nothing_is_open_after_recovery_and_the_trigger_is_remembered():
    found = follow(LEADS_TO["reduced"], day(9))
    assert (found.open, found.trigger) == ((), low(1))


def test_a_hold_ends_only_when_every_criterion_has_recovered():
    both = (dose(0), low(1), low(2, "neutrophils"))
    assert state(*both, well(3)) == "held"
    assert state(*both, well(3, "neutrophils")) == "held"
    assert state(*both, well(3), well(4, "neutrophils")) == "reduced"
    assert follow((*both, well(3)), day(9)).open == (low(2, "neutrophils"),)


def test_a_criterion_that_triggers_again_is_open_again():
    both = (dose(0), low(1), low(2, "neutrophils"), well(3), low(4))
    assert state(*both, well(5, "neutrophils")) == "held"
    assert state(*both, well(5, "neutrophils"), well(6)) == "reduced"


def test_only_a_dose_makes_what_comes_again_a_recurrence():
    assert state(dose(0), low(1), well(2), low(3), well(4), low(5)) == "held"
    assert state(dose(0), low(1), well(2), low(3), well(4), dose(5), low(6)) == "stopped"


def test_a_dose_in_spite_of_a_hold_makes_nothing_a_recurrence():
    against = (dose(0), low(1), dose(2))
    assert state(*against, low(3)) == "held"
    assert state(*against, well(3)) == "reduced"
    assert state(*against, well(3), low(4)) == "held"
    assert state(*against, well(3), dose(4), low(5)) == "stopped"


# Due on day 56, too late from day 168.
LABELLED = dose(0, 56, 168)


@pytest.mark.parametrize(
    ("began", "until", "expected"), [(56, 167, "held"), (56, 168, "stopped"), (57, 168, "held"), (1, 400, "stopped")]
)
def test_a_hold_that_delays_the_next_dose_too_long_ends_treatment(began, until, expected):
    assert state(LABELLED, low(began), until=until) == expected


def test_a_stop_for_delay_says_so_and_since_when():
    found = follow((LABELLED, low(10)), day(200))
    assert (found.state, found.stopped_for, found.since, found.last_dose) == ("stopped", "delay", day(168), LABELLED)
    assert found.open == (low(10),)


@pytest.mark.parametrize(("recovered", "expected"), [(56, "reduced"), (167, "reduced"), (168, "stopped"), (169, "stopped")])
def test_a_recovery_counts_until_the_day_before_the_delay_is_too_long(recovered, expected):
    assert state(LABELLED, low(10), well(recovered)) == expected


@pytest.mark.parametrize(("given", "expected"), [(167, "held"), (168, "stopped")])
def test_a_dose_in_spite_of_a_hold_ends_a_delay_that_was_not_too_long_yet(given, expected):
    assert state(LABELLED, low(10), dose(given), until=given) == expected


def test_a_dose_in_spite_of_a_hold_begins_another_delay():
    against = (LABELLED, low(10), dose(60, 116, 228))
    assert state(*against, until=227) == "held"
    assert state(*against, until=228) == "stopped"


@pytest.mark.parametrize("given", [dose(0), dose(0, 56), dose(0, None, 168)])
def test_without_a_due_date_nothing_is_delayed(given):
    assert state(given, low(10)) == "held"


def test_before_any_dose_nothing_is_delayed():
    assert state(low(10)) == "held"


@pytest.mark.parametrize("reached", ["none", "reduced", "full"])
def test_only_a_hold_delays(reached):
    before = {"none": (), "reduced": (low(1), well(2)), "full": (low(1), well(2), dose(3, 59, 171))}[reached]
    assert state(LABELLED, *before) == reached


def test_a_hold_that_lifts_after_the_due_date_and_comes_back_before_any_dose_is_one_delay():
    assert state(LABELLED, low(50), well(60), low(70), until=168) == "stopped"


def test_a_hold_that_lifts_before_the_due_date_and_comes_back_after_it_is_no_delay():
    assert state(LABELLED, low(40), well(50), low(70), until=168) == "held"


@pytest.mark.parametrize(("recovered", "expected"), [(55, "held"), (56, "held"), (57, "stopped")])
def test_what_has_recovered_by_the_due_date_was_not_unresolved_on_it(recovered, expected):
    assert state(LABELLED, low(40), well(recovered), low(70), until=168) == expected


def test_a_lower_grade_is_worth_knowing_unless_it_withholds_the_dose():
    grade_0, grade_1 = (Grade("Anemia", "5.0", lowest, 1) for lowest in (0, 1))
    assert well(1, grade=grade_1).is_lower_grade
    assert well(1, mild=True).is_lower_grade
    for reading in (well(1), well(1, grade=grade_0), low(1, grade=grade_1), low(1, mild=True)):
        assert not reading.is_lower_grade


def test_a_value_of_the_day_of_a_dose_is_from_before_it():
    assert state(dose(0), low(1), well(3), dose(3)) == "full"
    assert state(dose(0), low(1), well(2), low(3), dose(3)) == "held"


def test_an_event_of_the_day_of_a_dose_is_from_after_it():
    assert state(dose(0), low(1), well(2), dose(3), low(3, after_dose=True)) == "stopped"
    assert state(dose(0), low(1), dose(3), well(3, after_dose=True)) == "reduced"


def test_of_one_day_the_worse_comes_last():
    assert state(dose(0), low(1), well(1)) == "held"
    assert state(dose(0), low(1), well(2), low(2)) == "held"
    assert state(dose(0), low(1), unclear(2), low(2)) == "held"


def test_a_criterion_that_recovers_on_the_day_when_another_triggers_leaves_no_gap():
    for other in ("bilirubin", "zinc"):  # whatever the alphabet says
        found = follow((LABELLED, low(50), well(60), low(60, other)), day(167))
        assert (found.state, found.since, found.open) == ("held", day(50), (low(60, other),))
        assert state(LABELLED, low(50), well(60), low(60, other), until=168) == "stopped"


def test_a_dose_ends_the_delay_of_the_dose_before():
    assert state(LABELLED, low(50), well(60), dose(70, 126, 238), low(127), until=400) == "stopped"  # a recurrence
    against = (LABELLED, low(50), dose(70, 126, 238), well(80), low(130))
    assert state(*against, until=400) == "held"  # it was well on the day when the third dose was due


def test_a_toxicity_that_was_well_when_the_delay_became_too_long_has_not_caused_it():
    found = follow((LABELLED, low(50), well(60), low(170)), day(180))
    assert (found.state, found.since) == ("held", day(170))


def test_what_comes_back_on_the_very_day_when_the_delay_is_too_long_was_well_until_then():
    assert state(LABELLED, low(50), well(60), low(168), until=168) == "held"
    assert state(LABELLED, low(50), well(60), low(167), until=168) == "stopped"
