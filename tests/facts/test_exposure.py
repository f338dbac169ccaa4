"""What was given: cycles, courses, sums of activity, and what is planned."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from service.facts.exposure import Cycle, activities, is_reduced, reached_on, total, withheld
from service.patient.reading import RefusedRequest
from service.terminology.quantity import Quantity
from tests.patients import cycle, facts_of

DOTATATE, EDOTREOTIDE = "lutetium_177_dotatate", "lutetium_177_edotreotide"
PLAN = {"agent": DOTATATE, "planned_cycles": 4}


def exposure(*treatments, **parts):
    return facts_of(treatments=list(treatments), **parts).exposure


def given(*amounts):
    """Cycles of these activities in GBq, one a day from 2026-01-01; None for an activity that was not told."""
    return tuple(
        Cycle(DOTATATE, date(2026, 1, day), None if amount is None else Quantity(Decimal(amount), "GBq"))
        for day, amount in enumerate(amounts, start=1)
    )


def test_four_times_200_millicurie_is_exactly_29_6_gigabecquerel():
    four = exposure(*(cycle(day, 200, "mCi") for day in ("2025-07-07", "2025-09-01", "2025-10-27", "2025-12-22")))
    assert total(activities(four.all_cycles)) == Quantity(Decimal("29.6"), "GBq")


def test_gigabecquerel_and_millicurie_give_one_answer():
    assert (
        exposure(cycle("2026-01-19", 200, "mCi"))
        == exposure(cycle("2026-01-19", 7.4))
        == exposure(cycle("2026-01-19", 7400, "MBq"))
    )


def test_cycles_are_in_order_of_date_whatever_the_order_of_the_entries():
    told = [cycle("2025-11-24", 7.4), cycle("2026-01-19", 3.7), cycle("2026-03-09", None)]
    for order in permutations(told):
        assert [(each.given_on, each.activity and each.activity.amount) for each in exposure(*order).current] == [
            (date(2025, 11, 24), Decimal("7.4")),
            (date(2026, 1, 19), Decimal("3.7")),
            (date(2026, 3, 9), None),
        ]


def test_the_date_of_a_cycle_is_found_by_its_number():
    two = exposure(cycle("2025-11-24"), cycle("2026-01-19"))
    assert (two.given_on(1), two.given_on(2)) == (date(2025, 11, 24), date(2026, 1, 19))
    assert two.course_started_on == date(2025, 11, 24)
    with pytest.raises(IndexError):
        two.given_on(3)


def test_other_treatments_are_no_cycles():
    told = [cycle("2025-11-24", agent="iodine_131_mibg"), {"kind": "sirt", "given_on": "2025-06-01"}]
    drug = {"kind": "somatostatin_analogue", "agent": "lanreotide", "given_on": "2026-02-02"}
    assert exposure(*told, drug).all_cycles == ()


@pytest.mark.parametrize("kind", ["sirt", "chemotherapy", "somatostatin_analogue"])
def test_only_a_radiopharmaceutical_is_a_cycle(kind):
    """A treatment of another kind that names a PRRT agent is refused, or it is no cycle; it is never counted in silence."""
    try:
        cycles = exposure({"kind": kind, "agent": DOTATATE, "given_on": "2026-01-19"}).all_cycles
    except RefusedRequest:
        return
    assert cycles == ()


def test_cycles_can_be_taken_by_agent():
    mixed = exposure(cycle("2025-01-06"), cycle("2025-11-24"), cycle("2026-01-19", agent=EDOTREOTIDE))
    assert [each.given_on for each in mixed.cycles_of(DOTATATE)] == [date(2025, 1, 6), date(2025, 11, 24)]
    assert [each.given_on for each in mixed.current_of(DOTATATE)] == [date(2025, 11, 24)]
    assert [each.given_on for each in mixed.current_of(EDOTREOTIDE)] == [date(2026, 1, 19)]


def test_a_request_without_treatments_does_not_say_untreated():
    assert not facts_of().exposure.treatments_told
    assert exposure().treatments_told
    assert exposure().current == facts_of().exposure.current == ()


@pytest.mark.parametrize(
    ("second", "given_in_this_course", "earlier"),
    [
        ("2026-01-19", 2, 0),
        ("2026-01-05", 2, 0),  # exactly 26 weeks after the first
        ("2026-01-06", 1, 1),  # 26 weeks and a day
    ],
)
def test_a_gap_above_26_weeks_begins_a_new_course(second, given_in_this_course, earlier):
    first = "2025-07-07" if second != "2026-01-19" else "2025-11-24"
    both = exposure(cycle(first), cycle(second))
    assert len(both.current) == given_in_this_course
    assert [len(course) for course in both.earlier] == [1] * earlier
    assert len(both.all_cycles) == 2


def test_a_gap_is_counted_between_neighbours_and_not_from_the_first():
    three = exposure(cycle("2025-03-03"), cycle("2025-08-04"), cycle("2026-01-19"))
    assert (len(three.earlier), len(three.current)) == (0, 3)


@pytest.mark.parametrize(("next_cycle_on", "current"), [("2026-03-16", 1), ("2026-03-17", 0)])
def test_a_cycle_planned_over_26_weeks_after_the_last_opens_a_further_course(next_cycle_on, current):
    planned = exposure(cycle("2025-09-15"), plan=PLAN | {"next_cycle_on": next_cycle_on})
    assert len(planned.current) == current
    assert len(planned.earlier) == 1 - current
    assert planned.next_cycle_on == date.fromisoformat(next_cycle_on)


@pytest.mark.parametrize(("last", "current"), [("2025-09-09", 1), ("2025-09-08", 0)])
def test_without_its_date_a_planned_cycle_is_judged_on_as_of(last, current):
    assert len(exposure(cycle(last), plan=PLAN).current) == current


@pytest.mark.parametrize(
    ("plan", "current"),
    [
        (None, 2),  # nothing planned: the last course stays the current one
        ({"planned_cycles": 2}, 2),  # every planned cycle was given
        ({"planned_cycles": 3}, 0),
        ({}, 0),  # four unless the plan says otherwise
        ({"planned_cycles": 2, "next_cycle_on": "2026-03-16"}, 0),  # a date is certain
    ],
)
def test_long_after_a_course_only_a_planned_cycle_opens_another(plan, current):
    parts = {"plan": plan} if plan is not None else {}
    assert len(exposure(cycle("2024-01-08"), cycle("2024-03-04"), **parts).current) == current


@pytest.mark.parametrize(("next_cycle_on", "kept"), [("2026-01-18", False), ("2026-01-19", False), ("2026-01-20", True)])
def test_a_planned_date_that_a_cycle_has_met_is_past(next_cycle_on, kept):
    planned = exposure(cycle("2026-01-19"), plan=PLAN | {"next_cycle_on": next_cycle_on})
    assert planned.next_cycle_on == (date.fromisoformat(next_cycle_on) if kept else None)


def test_before_any_cycle_the_planned_date_is_the_next():
    planned = exposure(plan=PLAN | {"next_cycle_on": "2026-03-16"})
    assert (planned.next_cycle_on, planned.due_on, planned.course_started_on) == (date(2026, 3, 16), date(2026, 3, 16), None)


def test_four_cycles_of_7_4_gigabecquerel_are_planned_unless_the_plan_says_otherwise():
    for parts in ({}, {"plan": {}}):
        untold = exposure(cycle("2026-01-19"), **parts)
        assert (untold.planned_cycles, untold.planned_activity) == (4, Quantity(Decimal("7.4"), "GBq"))
        assert untold.planned is bool("plan" in parts)
    told = exposure(cycle("2026-01-19"), plan={"planned_cycles": 2, "planned_activity": {"value": 100, "unit": "mCi"}})
    assert (told.planned_cycles, told.planned_activity) == (2, Quantity(Decimal("3.7"), "GBq"))


@pytest.mark.parametrize(("planned_cycles", "remaining"), [(4, 2), (2, 0), (1, 0)])
def test_what_remains_is_what_was_planned_less_what_was_given(planned_cycles, remaining):
    two = exposure(cycle("2025-11-24"), cycle("2026-01-19"), plan={"planned_cycles": planned_cycles})
    assert two.remaining_cycles == remaining
    assert two.remaining_activities(next_is_reduced=False) == (Quantity(Decimal("7.4"), "GBq"),) * remaining


@pytest.mark.parametrize(("planned", "next_one"), [(7.4, "3.7"), (3, "3")])
def test_the_next_of_the_remaining_activities_may_be_the_reduced_one_and_is_never_more_than_planned(planned, next_one):
    told = exposure(cycle("2026-01-19"), plan={"planned_cycles": 3, "planned_activity": {"value": planned, "unit": "GBq"}})
    still = told.remaining_activities(next_is_reduced=True)
    assert [str(each.amount) for each in still] == [next_one, str(planned)]
    assert exposure(cycle("2026-01-19"), plan={"planned_cycles": 1}).remaining_activities(next_is_reduced=True) == ()


@pytest.mark.parametrize(
    ("planned", "last", "agent"),
    [(EDOTREOTIDE, DOTATATE, EDOTREOTIDE), (None, EDOTREOTIDE, EDOTREOTIDE), (None, None, None), (DOTATATE, None, DOTATATE)],
)
def test_the_agent_is_the_planned_one_else_the_last_given(planned, last, agent):
    treatments = [cycle("2025-11-24"), cycle("2026-01-19", agent=last)] if last else []
    assert exposure(*treatments, plan={"agent": planned}).agent == agent


def test_a_planned_mibg_treatment_is_no_planned_prrt():
    planned = exposure(cycle("2026-01-19"), plan={"agent": "iodine_131_mibg", "planned_cycles": 1, "next_cycle_on": "2026-03-16"})
    assert not planned.planned
    assert (planned.agent, planned.planned_cycles, planned.next_cycle_on) == (DOTATATE, 4, None)


@pytest.mark.parametrize(
    ("amount", "reduced"),
    [("3.7", True), ("3.885", True), ("3.886", False), ("3.515", True), ("3.514", False), ("7.4", False)],
)
def test_a_reduced_dose_is_3_7_gigabecquerel_within_5_per_cent(amount, reduced):
    assert is_reduced(Quantity(Decimal(amount), "GBq")) is reduced


def test_what_reductions_took_away_is_measured_from_the_labelled_activity():
    assert withheld(activities(given("7.4", "3.7", "3.6", None))) == Quantity(Decimal("7.5"), "GBq")
    assert withheld(activities(given("7.4", "5.55"))) == Quantity(Decimal(0), "GBq")


def test_an_activity_that_was_not_told_is_not_in_the_sum():
    assert activities(given("7.4", None, "3.7")) == (Quantity(Decimal("7.4"), "GBq"), Quantity(Decimal("3.7"), "GBq"))
    assert total(activities(given(None))).amount == 0


@pytest.mark.parametrize(
    ("target", "reached"),
    [("7.4", date(2026, 1, 1)), ("7.401", date(2026, 1, 3)), ("14.8", date(2026, 1, 3)), ("14.81", None)],
)
def test_a_target_is_reached_with_the_cycle_that_brings_the_sum_to_it(target, reached):
    assert reached_on(given("7.4", None, "7.4"), Decimal(target)) == reached
