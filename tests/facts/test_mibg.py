"""What was recorded after the last I-131 MIBG."""

from datetime import date
from decimal import Decimal

import pytest

from service.facts.mibg import Mibg, Recorded
from tests.patients import cycle, facts_of, lab, study

LAST = "2025-12-10"
GIVEN = [cycle("2025-06-01", agent="iodine_131_mibg"), cycle(LAST, agent="iodine_131_mibg")]


def mibg(treatments=GIVEN, **parts):
    return facts_of(treatments=treatments, **parts).mibg


def test_without_mibg_there_is_nothing():
    assert facts_of().mibg == Mibg(())
    assert mibg([cycle(LAST), {"kind": "targeted_therapy", "agent": "iodine_131_mibg", "given_on": LAST}]) == Mibg(())


def test_the_treatments_stand_in_their_order():
    assert mibg(GIVEN[::-1]).given_on == (date(2025, 6, 1), date(2025, 12, 10))
    assert mibg() == Mibg((date(2025, 6, 1), date(2025, 12, 10)))
    assert mibg().last_on == date(2025, 12, 10)


def test_symptoms_are_recorded_or_judged_after_the_last_treatment():
    found = mibg(
        symptoms=[
            {"recorded_on": "2026-03-01", "response": "improved"},
            {"recorded_on": "2025-12-11", "response": "stable"},
            {"recorded_on": LAST, "response": "worse"},
            {"recorded_on": "2026-03-02", "bone_pain": "worse"},
        ],
        assessments_of_response=[
            {"assessed_on": "2026-02-01", "kind": "symptomatic", "response": "response"},
            {"assessed_on": LAST, "kind": "symptomatic", "response": "progression"},
        ],
    )
    expected = (("2025-12-11", "stable"), ("2026-02-01", "response"), ("2026-03-01", "improved"))
    assert found.symptoms == tuple(Recorded(date.fromisoformat(on), word) for on, word in expected)
    assert found.recorded_until == date(2026, 3, 1)


def test_of_two_words_on_one_day_the_worse_stands_last():
    words = ["worse", "none", "present", "resolved", "stable", "improved"]
    found = mibg(symptoms=[{"recorded_on": "2026-03-01", "response": word} for word in words])
    assert [each.word for each in found.symptoms] == ["none", "resolved", "improved", "stable", "present", "worse"]


def test_a_judged_biochemical_response_is_kept_apart():
    told = [
        {"assessed_on": "2026-03-01", "kind": "biochemical", "response": "progression"},
        {"assessed_on": "2026-03-01", "kind": "biochemical", "response": "stable"},
        {"assessed_on": "2026-03-01", "kind": "imaging", "response": "response"},
    ]
    found = mibg(assessments_of_response=told)
    assert [(each.word, each.is_progression) for each in found.biochemistry] == [("stable", False), ("progression", True)]
    assert [(each.word, each.is_progression) for each in found.imaging] == [("partial_response", False)]
    assert found.symptoms == ()


@pytest.mark.parametrize(
    ("read", "words"),
    [
        ({"overall_response": "progressive_disease"}, ["progressive_disease"]),
        ({"overall_response": "not_evaluable"}, []),
        ({"non_target": "non_cr_non_pd"}, []),
        ({"non_target": "non_cr_non_pd", "new_lesions": False}, ["non_cr_non_pd"]),
        ({}, []),
    ],
)
def test_imaging_counts_when_its_response_is_settled(read, words):
    found = mibg(imaging=[study(LAST, overall_response="stable_disease"), study("2026-03-01", **read)])
    assert [each.word for each in found.imaging] == words
    assert [each.is_progression for each in found.imaging] == [word == "progressive_disease" for word in words]


def test_the_change_of_a_marker_is_from_the_last_value_up_to_treatment_to_the_last_value():
    found = mibg(
        laboratory=[
            lab("chromogranin_a", 900, "ug/L", "2025-10-01", upper_limit=100),
            lab("chromogranin_a", 400, "ug/L", LAST, upper_limit=100),
            lab("chromogranin_a", 300, "ug/L", "2026-01-01", upper_limit=100),
            lab("chromogranin_a", 250, "ng/mL", "2026-03-01", upper_limit=100),
        ]
    )
    (marker,) = found.markers
    assert (marker.analyte, marker.before.taken_on, marker.after.taken_on) == (
        "chromogranin_a",
        date(2025, 12, 10),
        date(2026, 3, 1),
    )
    assert (marker.change.value, marker.change.unit, marker.same_limit) == (Decimal("-37.5"), "%", True)
    assert (found.without_before, found.recorded_until) == ((), date(2026, 3, 1))


def test_another_limit_is_another_method():
    values = [lab("five_hiaa", 20, "mg/24h", LAST, upper_limit=8), lab("five_hiaa", 80, "mg/24h", "2026-03-01", upper_limit=9)]
    assert [marker.same_limit for marker in mibg(laboratory=values).markers] == [False]


def test_a_marker_without_a_value_before_is_named():
    values = [lab("five_hiaa", 20, "mg/24h", "2025-12-11"), lab("chromogranin_a", 80, "ug/L", LAST)]
    found = mibg(laboratory=values)
    assert (found.markers, found.without_before, found.recorded_until) == ((), ("five_hiaa",), None)


def test_the_first_other_treatment_against_the_tumour_is_told():
    others = [
        {"kind": "chemotherapy", "given_on": "2026-02-01"},
        {"kind": "sirt", "given_on": "2026-01-15"},
        {"kind": "surgery", "given_on": LAST},
        {"kind": "somatostatin_analogue", "given_on": "2026-01-01"},
        {"kind": "bone_modifying_agent", "given_on": "2026-01-02"},
    ]
    assert mibg([*GIVEN, *others]).other_treatment_on == date(2026, 1, 15)
