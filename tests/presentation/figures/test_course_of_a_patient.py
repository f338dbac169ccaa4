"""What is drawn is what the facts say, as plain values."""

import pickle
from datetime import date

import pytest

from service.engine import Engine
from service.presentation.figures import course as course_module
from service.presentation.figures.course import course_of
from service.presentation.figures.shapes import Hold, Measured, Responded, Sum
from service.rules.cumulative_activity import TARGET
from tests.patients import cycle, facts_of, lab, study
from tests.presentation.figures.pictures import HOSTILE, course, day, two_courses
from tests.reading import TODAY, engine
from tests.vignettes import EXAMPLES, names

LIMIT = float(TARGET.value)
GIVEN = [cycle("2025-11-03"), cycle("2025-12-29")]
LOW = {"analyte": "platelets", "unit": "10*9/L", "lower_limit": 150}


def platelets(*values):
    return [{**LOW, "taken_on": on, "value": value} for on, value in values]


def assessed(name, service: Engine):
    return service.assess(service.read((EXAMPLES / f"{name}.json").read_bytes()))


def test_each_course_has_its_own_sum_which_ends_where_an_activity_was_not_told():
    first, current = two_courses().sums
    assert [each.gbq for each in first] == pytest.approx([7.4, 14.8, 22.2, 29.6])
    assert current[-1] == Sum(date(2025, 9, 7), 37.0)


def test_the_labelled_total_stands_beside_the_first_course_of_the_labelled_agent_only():
    found = two_courses().labelled
    assert (found.gbq, found.since, found.until) == (LIMIT, date(2021, 2, 1), date(2021, 7, 19))
    assert course(treatments=GIVEN).labelled.until == TODAY
    assert course(treatments=[cycle("2026-01-05", agent="lutetium_177_edotreotide")]).labelled is None
    assert course(treatments=[]).labelled is None


def test_a_dose_that_is_no_prrt_is_drawn_and_not_summed():
    found = course(treatments=[cycle("2025-06-01", None, agent="iodine_131_mibg"), *GIVEN])
    assert [each.agent for each in found.cycles] == ["iodine_131_mibg", "lutetium_177_dotatate", "lutetium_177_dotatate"]
    assert found.cycles[0].gbq is None
    assert [each.gbq for (*sums,) in found.sums for each in sums] == [7.4, 14.8]


def test_alp_counts_only_with_the_limit_that_was_sent_along():
    values = [lab("alkaline_phosphatase", 180, "U/L", "2026-01-05", upper_limit=120)]
    values.append(lab("alkaline_phosphatase", 190, "U/L", "2026-02-05"))
    assert course(laboratory=values).alp == (Measured(date(2026, 1, 5), 1.5),)


def test_clearance_is_told_apart_by_how_it_is_known():
    values = [lab("creatinine", 80, "umol/L", "2026-01-05"), lab("creatinine_clearance", 77, "mL/min", "2026-02-05")]
    found = course(laboratory=values)
    assert [each.on for each in found.clearance_estimated] == [date(2026, 1, 5)]
    assert found.clearance_measured == (Measured(date(2026, 2, 5), 77.0),)


def test_a_response_that_leaves_progression_open_is_open():
    baseline = study("2025-10-01", {"a": 40.0}, baseline=True)
    assert course(treatments=GIVEN, imaging=[baseline, study("2026-02-01", {"a": 20.0})]).responses == (
        Responded(date(2026, 2, 1), "open"),
    )


def test_a_hold_lasts_from_the_value_that_triggered_it_to_the_value_that_recovered():
    values = platelets(("2025-10-30", 200), ("2025-11-20", 60), ("2025-12-05", 65), ("2025-12-20", 120))
    assert course(treatments=GIVEN, laboratory=values).holds == (
        Hold("platelets", date(2025, 11, 20), date(2025, 12, 20), in_force=False),
    )


def test_a_hold_of_an_earlier_course_is_still_to_be_seen():
    earlier = [cycle("2022-01-10"), cycle("2022-03-07")]
    values = platelets(("2022-01-05", 200), ("2022-02-01", 60), ("2022-03-01", 180))
    found = course(treatments=[*earlier, *GIVEN], laboratory=values)
    assert [(hold.since, hold.until) for hold in found.holds] == [(date(2022, 2, 1), date(2022, 3, 1))]
    further = course(treatments=earlier, laboratory=values, plan={"next_cycle_on": "2026-04-01"})
    assert further.holds == found.holds


def test_a_transfusion_withholds_the_dose_as_long_as_it_hides_the_haemoglobin():
    event = {"occurred_on": "2025-11-20", "kind": "transfusion", "detail": "red cells"}
    (hold,) = course(treatments=GIVEN, events=[event]).holds
    assert (hold.since, hold.in_force) == (date(2025, 11, 20), False)
    assert hold.until < date(2026, 1, 10)


@pytest.mark.parametrize("name", names())
def test_what_is_in_force_today_is_what_the_facts_say(name):
    facts = assessed(name, engine()).facts
    still = {hold.name for hold in course_of(facts).holds if hold.in_force}
    assert still == {each.name for each in facts.toxicity.in_force}


def test_of_very_many_days_the_last_are_looked_at_for_holds(monkeypatch):
    monkeypatch.setattr(course_module, "MOST_DAYS", 3)
    values = platelets(("2025-11-20", 60), *((day("2025-12-01", 7 * week), 200) for week in range(9)))
    found = course(treatments=GIVEN, laboratory=values)
    assert found.holds == ()
    assert found.holds_since == date(2026, 1, 19)


def test_the_decision_adds_the_earliest_day():
    answer = assessed("bone-only", engine())
    assert course_of(answer.facts, answer.next_cycle.earliest_on).earliest_on == answer.next_cycle.earliest_on
    assert course_of(answer.facts).earliest_on is None


def test_a_course_goes_to_another_process_and_comes_back_the_same():
    found = two_courses()
    assert HOSTILE.lower() in {hold.name for hold in found.holds}
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301


def test_without_anything_told_there_is_nothing_to_draw():
    assert not course_of(facts_of(plan={"next_cycle_on": "2026-04-01"})).has_anything
