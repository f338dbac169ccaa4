"""When the next cycle is due, and when the planned course can be complete."""

from datetime import date

import pytest

from service.facts.exposure import earliest_completion, interval_after
from service.patient.reading import RefusedRequest
from tests.patients import cycle, facts_of

TODAY = date(2026, 3, 10)


def exposure(*treatments, **parts):
    return facts_of(treatments=list(treatments), **parts).exposure


def test_the_labelled_interval_is_eight_weeks():
    assert interval_after(date(2026, 1, 19)) == date(2026, 3, 16)
    assert interval_after(date(2026, 1, 19), 2) == date(2026, 5, 11)
    assert interval_after(date(2026, 1, 19), 0) == date(2026, 1, 19)


@pytest.mark.parametrize(("planned_cycles", "due_on"), [(4, date(2026, 3, 16)), (3, date(2026, 3, 16)), (2, None), (1, None)])
def test_a_cycle_is_due_eight_weeks_after_the_last_until_all_are_given(planned_cycles, due_on):
    assert exposure(cycle("2025-11-24"), cycle("2026-01-19"), plan={"planned_cycles": planned_cycles}).due_on == due_on


def test_nothing_is_due_before_a_first_cycle_without_a_date():
    assert exposure(plan={"planned_cycles": 4}).due_on is None


@pytest.mark.parametrize(
    ("given_on", "plan", "completed_on"),
    [
        ("2026-01-19", {"planned_cycles": 2}, date(2026, 3, 16)),
        ("2026-01-19", {"planned_cycles": 4}, date(2026, 7, 6)),
        ("2026-01-19", {"planned_cycles": 4, "next_cycle_on": "2026-03-20"}, date(2026, 7, 10)),  # planned later than due
        ("2026-01-19", {"planned_cycles": 4, "next_cycle_on": "2026-03-11"}, date(2026, 7, 6)),  # planned before it is due
        ("2025-11-24", {"planned_cycles": 2}, date(2026, 3, 10)),  # overdue: not in the past
        ("2025-11-24", {"planned_cycles": 3}, date(2026, 5, 5)),
        ("2026-01-19", {"planned_cycles": 1}, None),
    ],
)
def test_the_course_is_complete_with_its_last_remaining_cycle(given_on, plan, completed_on):
    assert earliest_completion(exposure(cycle(given_on), plan=plan), TODAY) == completed_on


def test_a_further_course_is_counted_from_its_planned_date():
    further = exposure(cycle("2024-01-08"), plan={"planned_cycles": 2, "next_cycle_on": "2026-03-16"})
    assert further.due_on == date(2026, 3, 16)
    assert earliest_completion(further, TODAY) == date(2026, 5, 11)


def test_a_patient_at_the_end_of_the_calendar_is_refused_or_answered():
    try:
        told = exposure(cycle("9999-12-30"), as_of="9999-12-31", plan={"planned_cycles": 4})
    except RefusedRequest:
        return
    assert earliest_completion(told, date(9999, 12, 31)) is None


def test_edotreotide_has_no_labelled_interval_and_is_due_after_the_planned_one():
    given = {"kind": "radiopharmaceutical", "agent": "lutetium_177_edotreotide", "given_on": "2026-01-19"}
    planned = exposure(given, plan={"interval": {"value": 12, "unit": "wk"}, "next_cycle_on": "2026-04-20"})
    assert planned.due_on == date(2026, 4, 13)
    without_interval = exposure(given, plan={"next_cycle_on": "2026-04-20"})
    assert without_interval.due_on == date(2026, 4, 20)
    assert exposure(given).due_on is None
