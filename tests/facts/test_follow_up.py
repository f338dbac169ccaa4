"""What is due: before a dose, during a course, and after it."""

from datetime import date, timedelta

import pytest

from tests.patients import cycle, facts_of, lab, study

LAST = "2025-01-31"
UNITS = {"platelets": "10*9/L", "haemoglobin": "g/L", "neutrophils": "10*9/L", "creatinine": "umol/L"}
UNITS |= {"bilirubin": "umol/L", "albumin": "g/L"}
COUNTS = ("platelets", "haemoglobin", "neutrophils")


def taken(on, analytes=COUNTS):
    high = ("platelets", "haemoglobin", "creatinine")
    return [lab(analyte, 100 if analyte in high else 20, UNITS[analyte], on) for analyte in analytes]


def after_course(counted_on=None, jurisdiction="us", **parts):
    told = {"treatments": [cycle(LAST)], "plan": {"planned_cycles": 1}, "options": {"jurisdiction": jurisdiction}, **parts}
    if counted_on:
        told["laboratory"] = taken(counted_on)
    return facts_of(**told).follow_up


def item(follow_up, name):
    return next(each for each in follow_up.items if each.done.name == name)


def due(follow_up, name):
    return str(item(follow_up, name).due_on)


@pytest.mark.parametrize(
    ("counted_on", "due_on"),
    [
        (None, "2025-02-28"),
        ("2025-01-31", "2025-02-28"),
        ("2025-02-13", "2025-02-28"),  # 15 days before the first day
        ("2025-02-14", "2025-04-30"),  # 14 days before it, which counts
        ("2025-04-15", "2025-04-30"),
        ("2025-04-16", "2025-07-31"),
        ("2025-07-16", "2025-07-31"),
        ("2025-07-17", "2026-01-31"),
        ("2026-01-16", "2026-01-31"),
        ("2026-01-17", "2027-01-31"),
    ],
)
def test_after_a_course_blood_is_counted_at_1_3_6_and_12_months_and_then_yearly(counted_on, due_on):
    assert due(after_course(counted_on), "blood count") == due_on


@pytest.mark.parametrize(
    ("counted_on", "due_on"),
    [
        (None, "2025-02-28"),
        ("2025-02-14", "2025-03-28"),
        ("2025-03-14", "2025-04-25"),
        ("2025-04-10", "2025-04-25"),
        ("2025-04-11", "2025-10-31"),  # another 4 weeks would pass the third month
        ("2025-10-16", "2025-10-31"),
        ("2025-10-17", "2026-04-30"),
    ],
)
def test_under_the_eu_label_blood_is_counted_every_4_weeks_for_3_months_and_then_half_yearly(counted_on, due_on):
    assert due(after_course(counted_on, "eu"), "blood count") == due_on


@pytest.mark.parametrize(
    ("imaged_on", "due_on"),
    [
        ("2025-01-10", "2025-04-30"),
        ("2025-04-15", "2025-04-30"),
        ("2025-04-16", "2025-07-31"),
        ("2025-07-16", "2025-07-31"),
        ("2025-07-17", "None"),
    ],
)
def test_after_a_course_ct_or_mri_is_due_at_3_and_6_months(imaged_on, due_on):
    follow_up = after_course(imaging=[study(imaged_on, modality="mri"), study("2025-01-01", modality="ct")])
    assert due(follow_up, "CT or MRI") == due_on
    assert due(follow_up, "SSTR PET") == "2025-04-30"


@pytest.mark.parametrize(
    ("parts", "due_on", "told"),
    [
        ({}, "2025-04-30", False),
        ({"imaging": []}, "2025-04-30", True),
        ({"imaging": [study("2025-04-15", modality="pet_ct")]}, "2025-04-30", True),
        ({"imaging": [study("2025-04-16", modality="pet_ct"), study("2025-01-16", modality="pet_ct")]}, "None", True),
        ({"disease": {"sstr_imaging": {"performed_on": "2025-04-16"}}}, "None", True),
        ({"disease": {"sstr_imaging": {"performed_on": "2025-01-16"}}}, "2025-04-30", True),
        ({"disease": {"sstr_imaging": {"krenning_score": 4}}}, "2025-04-30", False),
        ({"disease": {"grade": 1}}, "2025-04-30", False),
    ],
)
def test_after_a_course_sstr_pet_is_due_at_3_months_wherever_it_was_told(parts, due_on, told):
    pet = item(after_course(**parts), "SSTR PET")
    assert (str(pet.due_on), pet.done.told) == (due_on, told)


def test_a_course_without_a_plan_is_over_after_26_weeks_and_until_then_goes_on():
    over = facts_of(treatments=[cycle("2025-09-08")]).follow_up
    assert [each.done.name for each in over.items] == ["blood count", "CT or MRI", "SSTR PET"]
    assert (over.awaits_dose, over.dose_on) == (False, None)
    on = facts_of(treatments=[cycle("2025-09-09")]).follow_up
    assert [each.done.name for each in on.items] == ["blood count", "creatinine", "liver panel"]
    assert (on.awaits_dose, on.dose_on) == (True, date(2026, 3, 10))


def test_before_a_further_course_the_follow_up_of_the_last_one_goes_on():
    told = {"treatments": [cycle("2022-01-10"), cycle(LAST)], "plan": {"next_cycle_on": "2026-04-01"}}
    follow_up = facts_of(**told).follow_up
    assert [each.done.name for each in follow_up.items] == ["creatinine", "liver panel", "blood count", "CT or MRI", "SSTR PET"]
    assert due(follow_up, "blood count") == "2025-02-28"
    soon = facts_of(**{**told, "plan": {"next_cycle_on": "2026-03-24"}}).follow_up
    assert item(soon, "blood count").for_dose
    assert len(soon.items) == 5


@pytest.mark.parametrize(
    ("counted_on", "due_on"), [(None, "2026-03-02"), ("2026-01-10", "2026-03-02"), ("2026-01-27", "2026-03-10")]
)
def test_during_a_course_blood_is_counted_6_weeks_after_the_last_count_or_the_first_dose(counted_on, due_on):
    laboratory = taken(counted_on) if counted_on else []
    told = {"treatments": [cycle("2026-01-19")], "plan": {"next_cycle_on": "2026-04-20"}, "laboratory": laboratory}
    assert due(facts_of(**told).follow_up, "blood count") == due_on


@pytest.mark.parametrize(("days_before", "asked"), [(28, False), (29, True)])
def test_values_are_fresh_up_to_4_weeks_before_the_dose(days_before, asked):
    dose_on = date(2026, 3, 16)
    values = taken(str(dose_on - timedelta(days=days_before)), UNITS)
    follow_up = facts_of(treatments=[cycle("2026-01-19")], laboratory=values).follow_up
    names = ("creatinine", "liver panel")
    assert {item(follow_up, name).is_due(date(2026, 3, 2)) for name in names} == {asked}
    assert not any(item(follow_up, name).is_due(date(2026, 3, 1)) for name in names)


@pytest.mark.parametrize(
    ("cycles", "imaged_on", "due_on", "asked_on"),
    [
        (["2025-11-24", "2026-01-19"], None, "2026-03-16", "2026-03-02"),
        (["2025-11-24", "2026-01-19"], "2026-01-19", "2026-03-16", "2026-03-02"),
        (["2025-11-24", "2026-01-19"], "2026-01-20", "None", "None"),
        (["2025-10-06", "2025-12-01", "2026-01-26"], None, "2026-01-26", "2026-01-12"),  # overdue since cycle 3
    ],
)
def test_ct_or_mri_after_cycle_2_is_due_with_cycle_3(cycles, imaged_on, due_on, asked_on):
    imaging = [study(imaged_on, modality="ct")] if imaged_on else []
    found = item(facts_of(treatments=[cycle(day) for day in cycles], imaging=imaging).follow_up, "CT or MRI")
    assert (str(found.due_on), str(found.asked_on)) == (due_on, asked_on)


def test_without_an_interval_ct_or_mri_after_cycle_2_is_due_with_the_planned_dose_if_there_is_one():
    given = [cycle(day, agent="lutetium_177_edotreotide") for day in ("2025-11-24", "2026-01-19")]
    planned = facts_of(treatments=given, plan={"next_cycle_on": "2026-04-20"}).follow_up
    assert due(planned, "CT or MRI") == "2026-04-20"
    open_ended = item(facts_of(treatments=given).follow_up, "CT or MRI")
    assert (open_ended.due_on, open_ended.asked_on) == (None, None)


def test_after_one_cycle_no_imaging_is_followed():
    names = [each.done.name for each in facts_of(treatments=[cycle("2026-01-19")]).follow_up.items]
    assert "CT or MRI" not in names


def test_the_last_study_without_its_modality_is_known():
    imaging = [study("2026-02-01"), study("2026-01-05"), study("2026-03-01", modality="other")]
    assert facts_of(imaging=imaging).follow_up.without_modality == date(2026, 2, 1)
    assert facts_of().follow_up.without_modality is None
    assert facts_of().follow_up.items == ()
