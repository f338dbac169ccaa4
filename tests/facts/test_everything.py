"""All facts of one patient: the grading that is used, the notices, and no crash."""

import json
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from service.facts import derive_facts
from service.patient.reading import RefusedRequest, read_patient
from tests.patients import EXAMPLE, TODAY, changed, cycle, facts_of, lab, patient, study

DATES = [
    "/as_of",
    "/patient/birth_date",
    "/patient/weight/measured_on",
    "/plan/next_cycle_on",
    "/treatments/0/given_on",
    "/treatments/1/given_on",
    "/laboratory/0/taken_on",
    "/laboratory/1/taken_on",
    "/imaging/0/performed_on",
    "/imaging/1/performed_on",
]


def test_the_request_decides_the_version_of_ctcae_and_else_the_caller():
    state, asking = patient(), patient(options={"ctcae_version": "6.0"})
    assert derive_facts(state).ctcae_version == "5.0"
    assert derive_facts(state, "6.0").ctcae_version == "6.0"
    assert derive_facts(asking, "5.0").ctcae_version == "6.0"
    assert derive_facts(patient(options={"jurisdiction": "eu"}), "6.0").ctcae_version == "6.0"


def test_neutrophils_of_0_8_are_grade_3_in_5_0_and_grade_2_in_6_0():
    state = patient(laboratory=[lab("neutrophils", 0.8, "10*9/L", "2026-03-02")])
    assert str(derive_facts(state, "5.0").blood["neutrophils"].grade) == "CTCAE 5.0 grade 3"
    assert str(derive_facts(state, "6.0").blood["neutrophils"].grade) == "CTCAE 6.0 grade 2"


def test_facts_speak_of_the_day_of_the_question():
    assert facts_of(as_of="2026-03-01").as_of == date(2026, 3, 1)


def test_notices_of_later_entries_stand_before_those_of_contradictions():
    told = [lab("platelets", value, "10*9/L", "2026-03-02") for value in (100, 90)]
    notices = facts_of(laboratory=[*told, lab("platelets", 80, "10*9/L", "2026-03-11")]).notices
    assert [notice.split()[0] for notice in notices] == ["Not", "platelets"]


def test_later_entries_reach_no_fact():
    later = facts_of(
        treatments=[cycle("2025-11-24"), cycle("2026-03-11")],
        laboratory=[lab("platelets", 20, "10*9/L", "2026-03-11"), lab("creatinine_clearance", 20, "mL/min", "2026-03-11")],
        imaging=[study("2026-03-11", overall_response="progressive_disease")],
    )
    assert (len(later.exposure.current), later.blood["platelets"].latest, later.clearance) == (1, None, None)
    assert later.response.time_points == ()
    assert len(later.notices) == 4


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(DATES), st.dates(date(1900, 1, 1), date(2100, 1, 1)), max_size=4))
def test_whatever_the_dates_a_request_is_refused_or_has_facts(moved):
    told = EXAMPLE
    for pointer, day in moved.items():
        told = changed(pointer, day.isoformat(), told)
    try:
        state = read_patient(json.dumps(told).encode(), TODAY)
    except RefusedRequest:
        return
    facts = derive_facts(state)
    assert all(each.given_on <= facts.as_of for each in facts.exposure.all_cycles)
    assert all(point.on <= facts.as_of for point in facts.response.time_points)
    assert all(sample.taken_on <= facts.as_of for history in facts.blood.values() for sample in history.samples)


def test_a_plan_of_another_radiopharmaceutical_is_no_plan_of_prrt_and_that_is_said():
    said = "Not used: a plan of I-131 MIBG is no plan of PRRT."
    assert said in facts_of(plan={"agent": "iodine_131_mibg"}).notices
    for plan in ({"agent": "lutetium_177_dotatate"}, {"agent": "lutetium_177_edotreotide"}, {"planned_cycles": 4}):
        assert facts_of(plan=plan).notices == ()


def test_a_planned_date_that_begins_a_new_course_is_said():
    def notices(given_on, next_cycle_on="2026-07-21"):
        return facts_of(treatments=[cycle(given_on)], plan={"next_cycle_on": next_cycle_on}).notices

    said = "The next cycle, planned on 2026-07-21, is more than 26 weeks after the last cycle: it begins a new course."
    assert notices("2026-01-19") == (said,)
    assert notices("2026-01-20") == ()  # 26 weeks to the day
    assert facts_of(treatments=[], plan={"next_cycle_on": "2026-07-21"}).notices == ()
    two_courses = [cycle("2024-01-15"), cycle("2026-01-20")]
    assert facts_of(treatments=two_courses, plan={"next_cycle_on": "2026-07-21"}).notices == ()
