"""The patient as known on the day of the question: what is dated later is not used, and said so."""

import pytest

from service.facts.visible import visible
from tests.patients import facts_of, lab, patient

ENTRIES = [
    ("treatments", "treatments", {"kind": "sirt"}, "given_on"),
    ("laboratory", "laboratory (platelets)", {"analyte": "platelets", "value": 148, "unit": "10*9/L"}, "taken_on"),
    ("imaging", "imaging", {"overall_response": "stable_disease"}, "performed_on"),
    ("symptoms", "symptoms", {"bone_pain": "worse"}, "recorded_on"),
    ("assessments_of_response", "assessments of response", {"kind": "imaging", "response": "stable"}, "assessed_on"),
    ("uptake_ratios", "uptake ratios", {"lobe": "left", "infused": True, "tumour_to_non_tumour": 17.4}, "measured_on"),
    ("events", "events", {"kind": "progression"}, "occurred_on"),
]


@pytest.mark.parametrize(("name", "words", "entry", "dated_by"), ENTRIES)
def test_an_entry_dated_after_as_of_is_invisible_and_the_notice_names_it(name, words, entry, dated_by):
    today, tomorrow = entry | {dated_by: "2026-03-10"}, entry | {dated_by: "2026-03-11"}
    seen, notices = visible(patient(**{name: [today, tomorrow]}))
    assert seen == patient(**{name: [today]})
    assert notices == (f"Not used, because it is dated after 2026-03-10: {words} of 2026-03-11.",)


def test_a_list_of_later_entries_only_becomes_empty_and_stays_told():
    seen, _ = visible(patient(treatments=[{"kind": "sirt", "given_on": "2026-03-11"}]))
    assert seen.treatments == ()


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"performance": {"ecog": 1, "recorded_on": "2026-03-11"}}, "performance"),
        (
            {"patient": {"id": "demo-1", "sex": "female", "weight": {"value": 60, "unit": "kg", "measured_on": "2026-03-11"}}},
            "weight",
        ),
        ({"disease": {"sstr_imaging": {"krenning_score": 4, "performed_on": "2026-03-11"}}}, "SSTR imaging"),
    ],
)
def test_a_later_single_finding_is_invisible_too(parts, words):
    seen, notices = visible(patient(**parts))
    assert (seen.performance, seen.patient.weight, seen.disease and seen.disease.sstr_imaging) == (None, None, None)
    assert notices == (f"Not used, because it is dated after 2026-03-10: {words} of 2026-03-11.",)


@pytest.mark.parametrize("day", ["2026-03-10", None])
def test_findings_of_the_day_itself_and_findings_without_a_date_are_used(day):
    state = patient(
        patient={"id": "demo-1", "sex": "female", "weight": {"value": 60, "unit": "kg", "measured_on": day}},
        performance={"ecog": 1, "recorded_on": day},
        disease={"sstr_imaging": {"krenning_score": 4, "performed_on": day}},
    )
    assert visible(state) == (state, ())


def test_what_else_was_told_of_the_patient_stays():
    seen, _ = visible(
        patient(
            patient={
                "id": "demo-1",
                "sex": "female",
                "pregnant": False,
                "weight": {"value": 60, "unit": "kg", "measured_on": "2027-01-01"},
            },
            disease={"grade": 2, "sstr_imaging": {"performed_on": "2027-01-01"}},
        )
    )
    assert (seen.patient.id, seen.patient.pregnant, seen.disease.grade) == ("demo-1", False, 2)


def test_nothing_is_changed_where_nothing_is_later():
    state = patient(laboratory=[], events=[{"kind": "progression", "occurred_on": "2026-03-01"}])
    seen, notices = visible(state)
    assert seen is state
    assert notices == ()


def test_a_resolution_dated_after_as_of_is_invisible():
    """On the day of the question nobody knew that the fracture would heal."""
    fracture = {"kind": "skeletal_related_event", "occurred_on": "2026-03-01", "resolved_on": "2026-03-11"}
    known = {"kind": "adverse_event", "occurred_on": "2026-03-01", "resolved_on": "2026-03-10"}
    seen, notices = visible(patient(events=[fracture, known]))
    assert seen == patient(events=[fracture | {"resolved_on": None}, known])
    assert len(notices) == 1


def test_a_resolution_on_as_of_is_known():
    fracture = {"kind": "skeletal_related_event", "occurred_on": "2026-03-01", "resolved_on": "2026-03-10"}
    state = patient(events=[fracture])
    assert visible(state) == (state, ())


def test_notices_are_sorted_and_each_is_said_once():
    told = [lab("platelets", 148, "10*9/L", day) for day in ("2026-03-12", "2026-03-11", "2026-03-11")]
    told.append(lab("neutrophils", 2, "10*9/L", "2026-03-11"))
    _, notices = visible(patient(laboratory=told, events=[{"kind": "progression", "occurred_on": "2026-04-01"}]))
    assert [notice.rpartition(": ")[2] for notice in notices] == [
        "events of 2026-04-01.",
        "laboratory (neutrophils) of 2026-03-11.",
        "laboratory (platelets) of 2026-03-11.",
        "laboratory (platelets) of 2026-03-12.",
    ]


def test_a_later_weight_makes_the_clearance_unknown():
    person = {"id": "demo-1", "sex": "male", "birth_date": "1966-03-02"}
    told = {"laboratory": [lab("creatinine", 1, "mg/dL", "2026-03-02")]}
    weighed = [{"value": 72, "unit": "kg", "measured_on": day} for day in ("2026-03-10", "2026-03-11")]
    known, later = (facts_of(patient=person | {"weight": weight}, **told).clearance for weight in weighed)
    assert (known.quantity.value, later) == (80, None)
