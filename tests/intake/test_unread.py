"""A value that could not be read: no older value of its kind stands in for it."""

import pytest

from service.intake.trace import NotUsed
from tests.intake.hospital import LOINC, SNOMED, SUBJECT, administration, amount, coded, lab, read

OUTDATED = "is older than a value of the same kind that could not be read"
ECOG, KARNOFSKY = "89247-1", "89243-0"
BOUND = {"valueQuantity": amount(90, "K/uL") | {"comparator": ">"}}
ABSENT = {"valueQuantity": None, "dataAbsentReason": coded("unknown", "x")}


def platelets(on, name="used", **more):
    return lab("777-3", 150, "K/uL", id=name, effectiveDateTime=on, **more)


def unread(on, **more):
    return platelets(on, "unread", **(more or BOUND))


def days(*resources, **how):
    return [f"{value.taken_on}" for value in read(*resources, **how).state.laboratory or ()]


def score(code, value, on):
    return lab(code, id=f"{code}-{on}", valueQuantity=None, valueInteger=value, effectiveDateTime=on)


def test_an_older_value_is_not_used_and_it_is_said():
    intake = read(platelets("2026-03-02"), unread("2026-03-09"))
    assert intake.state.laboratory is None
    assert NotUsed("Observation/used", OUTDATED) in intake.not_used
    assert not [used for used in intake.used if used.item.startswith("/laboratory")]


@pytest.mark.parametrize(
    "why",
    [
        BOUND,
        {"valueQuantity": amount(150, "bananas")},
        {"valueQuantity": amount(150000, "K/uL")},
        {"valueQuantity": amount("150", "K/uL")},
        {"valueQuantity": {"value": 150}},
        {"valueQuantity": {"unit": "K/uL"}},
        {"valueQuantity": None, "valueString": "low"},
        {"valueQuantity": None, "valueCodeableConcept": coded("1", SNOMED)},
        {"valueQuantity": None, "interpretation": [coded("LL", "x")]},
        {"status": "preliminary"},
        {"status": "unknown"},
        {"status": "finalized"},
        {"status": None},
        {"modifierExtension": [{"url": "x"}]},
        {"implicitRules": "x"},
        {"subject": None},
        {"code": {"coding": [*coded("777-3")["coding"], *coded("718-7")["coding"]]}},
    ],
)
def test_a_newer_value_that_is_there_and_not_read_makes_the_older_one_stale(why):
    assert days(platelets("2026-03-02"), unread("2026-03-09", **why)) == []


@pytest.mark.parametrize(
    "why",
    [
        {"status": "cancelled"},
        {"status": "registered"},
        {"status": "entered-in-error"},
        ABSENT,
        ABSENT | {"status": "preliminary"},
        {"valueQuantity": None},
        {"valueQuantity": None, "status": "preliminary"},
        BOUND | {"subject": {"reference": "Patient/p2"}},
        BOUND | {"code": coded("718-7")},
        BOUND | {"code": coded("1-1")},
        BOUND | {"focus": [{"reference": "Condition/other"}]},
        {"status": "preliminary", "focus": [{"reference": "Condition/other"}]},
    ],
)
def test_what_is_no_newer_value_of_this_kind_and_patient_leaves_the_older_one(why):
    assert days(platelets("2026-03-02"), unread("2026-03-09", **why)) == ["2026-03-02"]


@pytest.mark.parametrize("on", [None, "2026", "2026-03", "2026-02-30", "1800-01-01"])
def test_a_value_without_a_day_may_be_of_the_day_of_the_question(on):
    late = {"valueQuantity": amount(150, "K/uL")}
    assert days(platelets("2026-03-02"), unread(on, **late)) == []
    assert days(platelets("2026-03-10"), unread(on, **late)) == []


def test_a_time_of_a_year_that_cannot_be_does_not_date_a_value():
    assert days(platelets("2026-03-10T10:00:00Z"), unread("1800-01-01T10:00:00Z")) == []


@pytest.mark.parametrize(("on", "left"), [("2026-03-09", []), ("2026-03-08", ["2026-03-09"])])
def test_a_value_of_the_same_day_is_older_and_one_of_a_later_day_is_not(on, left):
    assert days(platelets("2026-03-09"), unread(on)) == left


@pytest.mark.parametrize(
    ("used", "other", "stays"),
    [
        ("2026-03-09T10:01:00Z", "2026-03-09T10:00:00Z", True),
        ("2026-03-09T10:00:00Z", "2026-03-09T10:00:00Z", False),
        ("2026-03-09T09:59:00Z", "2026-03-09T10:00:00Z", False),
        ("2026-03-09T10:30:00+01:00", "2026-03-09T10:00:00Z", False),
        ("2026-03-09T10:01:00Z", "2026-03-09", False),
        ("2026-03-09", "2026-03-09T10:00:00Z", False),
        ("2026-03-09T10:01:00Z", "2026-03-09T25:00:00Z", False),
        ("2026-03-09T00:30:00+02:00", "2026-03-08T23:00:00Z", False),  # a later day, and yet half an hour earlier
    ],
)
def test_of_two_values_the_times_decide_if_both_have_one(used, other, stays):
    assert bool(days(platelets(used), unread(other))) is stays


@pytest.mark.parametrize(("on", "left"), [("2026-01-19", ["2026-01-19"]), ("2026-01-20", [])])
def test_a_value_up_to_the_day_of_the_last_dose_stays(on, left):
    assert days(administration(), platelets(on), unread("2026-03-09")) == left


def test_only_a_dose_up_to_the_day_of_the_question_counts_as_the_last():
    planned = administration(effectiveDateTime="2026-03-11")
    assert days(planned, platelets("2026-03-02"), unread("2026-03-09")) == []
    assert days(administration(effectiveDateTime="2026-03-10"), platelets("2026-03-02"), unread("2026-03-09")) != []


def test_a_drug_is_no_dose_of_a_radiopharmaceutical():
    octreotide = administration(medicationCodeableConcept=coded("H01CB02", "http://www.whocc.no/atc"))
    assert days(octreotide, platelets("2026-01-02"), unread("2026-03-09")) == []


def test_two_versions_of_a_value_make_the_older_one_stale():
    versions = [unread("2026-03-09", status="final"), unread("2026-03-09", status="amended")]
    assert days(platelets("2026-03-02"), *versions) == []


def panel(**more):
    components = [
        {"code": coded("777-3"), "valueQuantity": amount(150, "bananas")},
        {"code": coded("718-7"), "dataAbsentReason": coded("unknown", "x")},
    ]
    told = {"resourceType": "Observation", "id": "panel", "status": "final", "subject": SUBJECT, "code": coded("58410-2")}
    return told | {"effectiveDateTime": "2026-03-09", "component": components} | more


@pytest.mark.parametrize("status", ["final", "preliminary"])
def test_a_component_that_is_not_read_makes_an_older_value_stale_and_one_that_is_absent_does_not(status):
    haemoglobin = lab("718-7", 12, "g/dL", id="hb")
    intake = read(platelets("2026-03-02"), haemoglobin, panel(status=status))
    assert [value.analyte for value in intake.state.laboratory] == ["haemoglobin"]


def test_of_two_codes_of_one_kind_each_makes_the_other_stale():
    assert days(lab("26515-7", 150, "K/uL"), unread("2026-03-09")) == []


def test_a_list_that_our_own_state_tells_stays_told():
    extension = [{"url": "told", "extension": [{"url": "entry", "valueString": "laboratory"}]}]
    state = {"resourceType": "Basic", "id": "s", "subject": SUBJECT, "code": coded("state", "urn:prrt-cds:fhir")}
    told = state | {"extension": [{"url": "urn:prrt-cds:fhir:state", "extension": extension}]}
    assert read(platelets("2026-03-02"), unread("2026-03-09"), told).state.laboratory == ()


# performance status


@pytest.mark.parametrize("code", [ECOG, KARNOFSKY])
@pytest.mark.parametrize("value", [7, "1", True])
def test_an_older_performance_status_does_not_stand_in_for_a_newer_one_of_either_scale(code, value):
    for used in (score(ECOG, 1, "2026-03-02"), score(KARNOFSKY, 80, "2026-03-02")):
        intake = read(used, score(code, value, "2026-03-09"))
        assert intake.state.performance is None
        assert OUTDATED in [each.reason for each in intake.not_used]


def test_a_performance_status_follows_the_same_days_and_times():
    preliminary = score(ECOG, 1, "2026-03-09T10:00:00Z") | {"status": "preliminary", "id": "preliminary"}
    assert read(score(ECOG, 1, "2026-03-09"), preliminary).state.performance is None
    assert read(score(ECOG, 1, "2026-03-09T10:01:00Z") | {"id": "later"}, preliminary).state.performance.ecog == 1
    assert read(administration(), score(ECOG, 1, "2026-01-19"), preliminary).state.performance.ecog == 1
    assert read(administration(), score(ECOG, 1, "2026-01-20"), preliminary).state.performance is None


def test_a_score_whose_day_cannot_be_counts_as_the_latest():
    assert read(score(ECOG, 1, "2026-03-02"), score(ECOG, 2, "1800-01-01")).state.performance is None


def test_another_reading_that_is_not_read_makes_nothing_stale():
    weight = lab("29463-7", 78, "kg", id="w")
    stones = lab("29463-7", 12, "stone", id="stones", effectiveDateTime="2026-03-09")
    assert read(weight, stones).state.patient.weight.value == 78


def test_the_code_of_a_value_counts_only_in_its_system():
    other = BOUND | {"code": coded("777-3", f"{LOINC}/other")}
    assert days(platelets("2026-03-02"), unread("2026-03-09", **other)) == ["2026-03-02"]
