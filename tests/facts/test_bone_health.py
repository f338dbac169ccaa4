"""What was told of the bones: events, pain, agents, and the criteria by which bone was judged."""

from datetime import date

import pytest

from service.facts.bone_health import BonePain, SkeletalEvent, StatedBoneResponse
from tests.patients import facts_of, study


def sre(occurred_on, detail=None, **more):
    told = {"occurred_on": occurred_on, "kind": "skeletal_related_event", **more}
    return told if detail is None else {**told, "detail": detail}


def test_what_was_not_told_is_empty():
    bones = facts_of().bone_health
    assert (bones.events, bones.pain, bones.agent_on, bones.only_site, bones.stated_response) == ((), None, None, False, None)


@pytest.mark.parametrize(
    ("detail", "what"),
    [
        ("pathological_fracture", "Fracture"),
        ("Vertebral Compression FRACTURE", "Fracture"),
        ("spinal_cord_compression", "Spinal cord compression"),
        ("Compression of the cord", "Spinal cord compression"),
        (None, ""),
    ],
)
def test_an_event_is_what_its_detail_says(detail, what):
    events = facts_of(events=[sre("2026-02-20", detail)]).bone_health.events
    assert events == (SkeletalEvent(date(2026, 2, 20), what, None),)


def test_other_events_are_left_out():
    events = [sre("2026-02-20", "surgery_to_bone"), {"occurred_on": "2026-02-20", "kind": "adverse_event", "detail": "fracture"}]
    assert facts_of(events=events).bone_health.events == ()


def test_events_stand_in_their_order_whatever_order_they_came_in():
    told = [sre("2026-02-20", "fracture"), sre("2026-02-20", "fracture", resolved_on="2026-03-01"), sre("2025-02-20", "fracture")]
    first, second, third = facts_of(events=told).bone_health.events
    assert (first.on, second.resolved_on, third.resolved_on) == (date(2025, 2, 20), date(2026, 3, 1), None)
    assert facts_of(events=told[::-1]).bone_health.events == (first, second, third)


def test_the_last_record_of_bone_pain_counts():
    told = [
        {"recorded_on": "2026-03-09", "bone_pain": "improved"},
        {"recorded_on": "2026-02-09", "bone_pain": "worse"},
        {"recorded_on": "2026-03-10", "response": "worse"},
    ]
    assert facts_of(symptoms=told).bone_health.pain == BonePain(date(2026, 3, 9), "improved")


@pytest.mark.parametrize(
    ("better", "worse"),
    [("none", "resolved"), ("resolved", "improved"), ("improved", "stable"), ("stable", "present"), ("present", "worse")],
)
def test_of_two_records_on_one_day_the_worse_counts(better, worse):
    told = [{"recorded_on": "2026-03-09", "bone_pain": word} for word in (worse, better)]
    assert facts_of(symptoms=told).bone_health.pain == BonePain(date(2026, 3, 9), worse)
    assert facts_of(symptoms=told[::-1]).bone_health.pain == BonePain(date(2026, 3, 9), worse)


def test_the_last_bone_modifying_agent_counts():
    told = [
        {"kind": "bone_modifying_agent", "given_on": "2026-01-05"},
        {"kind": "bone_modifying_agent", "given_on": "2025-07-05"},
        {"kind": "chemotherapy", "given_on": "2026-02-05"},
    ]
    assert facts_of(treatments=told).bone_health.agent_on == date(2026, 1, 5)


RECIST, MD_ANDERSON = {"criteria": "recist_1_1"}, {"criteria": "md_anderson", "overall_response": "stable_disease"}
BONE, LIVER = {"site": "bone"}, {"site": "liver"}


@pytest.mark.parametrize(
    ("disease", "only_site"),
    [
        ({"metastases": [BONE]}, True),
        ({"metastases": [BONE], "metastases_complete": True}, True),
        ({"metastases": [BONE], "metastases_complete": False}, False),
        ({"metastases": [BONE, LIVER]}, False),
        ({"metastases": [LIVER]}, False),
        ({"metastases": []}, False),
        ({}, False),
    ],
)
def test_bone_is_the_only_site_when_nothing_else_is_listed(disease, only_site):
    assert facts_of(disease=disease).bone_health.only_site is only_site


@pytest.mark.parametrize(
    ("read", "stated"),
    [
        ({"bone_response": "partial_response"}, ("partial_response", False)),
        ({"bone_response": "partial_response", "overall_response": "stable_disease", **RECIST}, ("partial_response", False)),
        ({"criteria": "md_anderson", "overall_response": "stable_disease"}, ("stable_disease", False)),
        ({"criteria": "modified_md_anderson", "overall_response": "stable_disease"}, ("stable_disease", True)),
        ({"criteria": "recist_1_1", "overall_response": "stable_disease"}, None),
        ({"criteria": "modified_md_anderson"}, None),
    ],
)
def test_a_response_of_bone_is_taken_as_stated(read, stated):
    found = facts_of(imaging=[study("2026-03-05", **read)]).bone_health.stated_response
    assert found == (StatedBoneResponse(date(2026, 3, 5), *stated) if stated else None)


def test_the_last_stated_response_counts():
    told = [study("2026-03-05", bone_response="stable_disease"), study("2026-01-05", bone_response="partial_response")]
    assert facts_of(imaging=told).bone_health.stated_response.response == "stable_disease"


@pytest.mark.parametrize(
    ("studies", "on"),
    [
        ([study("2026-03-05", **RECIST)], date(2026, 3, 5)),
        ([study("2026-03-05", **RECIST), study("2026-03-05", criteria="other")], date(2026, 3, 5)),
        ([study("2026-03-05", **RECIST), study("2026-03-05", **MD_ANDERSON)], None),
        ([study("2026-03-05", **RECIST), study("2026-03-04", **MD_ANDERSON)], date(2026, 3, 5)),
        ([study("2026-03-05", **RECIST), study("2026-03-06", **MD_ANDERSON)], None),
        ([study("2026-03-05", bone_response="stable_disease", **RECIST)], None),
        ([study("2026-03-05", **RECIST), study("2026-03-06")], None),
        ([study("2026-01-02", **RECIST)], date(2026, 1, 2)),
        ([study("2026-01-01", **RECIST)], None),
        ([], None),
    ],
)
def test_recist_alone_is_of_the_last_day_of_imaging(studies, on):
    assert facts_of(imaging=studies).bone_health.assessed_by_recist_alone(date(2026, 1, 1)) == on
