"""Which cycles are still to come."""

from datetime import date

import pytest

from service.facts.awaited import Awaited
from tests.patients import cycle, facts_of


@pytest.mark.parametrize(
    ("parts", "cycles", "dose_on"),
    [
        ({}, 0, None),
        ({"treatments": []}, 0, None),
        ({"treatments": [cycle("2026-01-19")]}, 3, date(2026, 3, 16)),
        ({"treatments": [cycle("2026-01-19")], "plan": {"planned_cycles": 1}}, 0, None),
        ({"treatments": [cycle("2025-09-09")]}, 3, date(2026, 3, 10)),  # 26 weeks ago
        ({"treatments": [cycle("2025-09-08")]}, 0, None),  # a day more, and no plan
        ({"treatments": [cycle("2025-09-08")], "plan": {"planned_cycles": 2}}, 2, None),  # a further course is planned
        ({"treatments": [cycle("2025-09-08")], "plan": {"planned_cycles": 1}}, 0, None),
        ({"treatments": [], "plan": {"next_cycle_on": "2026-04-01"}}, 4, date(2026, 4, 1)),
    ],
)
def test_a_course_awaits_what_is_planned_until_the_gap_is_too_long(parts, cycles, dose_on):
    assert facts_of(**parts).awaited == Awaited(cycles, dose_on)
