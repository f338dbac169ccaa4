"""What is told only in part: nothing of a hospital is complete unless our own state says so."""

import pytest

from tests.intake.cycles import in_part, lacks_cycles, procedure, unread
from tests.intake.hospital import (
    ATC,
    ICD,
    SUBJECT,
    administration,
    coded,
    condition,
    read,
    reasons,
)

CPT = "http://www.ama-assn.org/go/cpt"
EXTENSION = "urn:prrt-cds:fhir"
ALL_BUT_CONDITIONS = ("radiopharmaceuticals", "other_treatments", "comorbidities", "imaging")
OCTREOTIDE = coded("H01CB02", ATC)
CT = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "status": "final",
    "subject": SUBJECT,
    "effectiveDateTime": "2026-03-05",
    "category": [coded("CT", "http://terminology.hl7.org/CodeSystem/v2-0074")],
    "conclusionCode": [coded("C18213", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl")],
}


def state(*told, words=None):
    """Our own Basic resource that says which lists are told."""
    nested = [{"url": "told", "extension": [{"url": "entry", "valueString": name} for name in told]}]
    if words is not None:
        entries = [{"url": "entry", "valueString": word} for word in words]
        nested.append({"url": "told_in_part"} | ({"extension": entries} if entries else {"valueCode": "empty-list"}))
    extension = [{"url": f"{EXTENSION}:state", "extension": nested}]
    return {"resourceType": "Basic", "id": "s", "subject": SUBJECT, "code": coded("state", EXTENSION), "extension": extension}


# what a hospital sends


def test_of_what_a_hospital_sends_no_list_is_complete():
    assert in_part() is None
    assert in_part(administration()) == ("other_treatments",)
    assert in_part(condition("I10", ICD)) == ("comorbidities",)
    assert in_part(CT) == ("imaging",)
    assert in_part(administration(), condition("I10", ICD), CT) == ("other_treatments", "comorbidities", "imaging")


def test_treatments_without_a_radiopharmaceutical_say_nothing_about_cycles():
    octreotide = administration(medicationCodeableConcept=OCTREOTIDE)
    assert in_part(octreotide) == ("radiopharmaceuticals", "other_treatments")
    assert in_part(octreotide, unread()) == ("other_treatments",)


def test_metastases_that_conditions_name_need_not_be_all():
    assert read(condition("94222008")).state.disease.metastases_complete is False
    assert read(condition("C7A.012", ICD)).state.disease.metastases_complete is None


def test_our_own_state_says_whether_the_metastases_are_all():
    assert read(condition("94222008"), state("metastases")).state.disease.metastases_complete is None
    extension = [{"url": f"{EXTENSION}:disease", "extension": [{"url": "metastases_complete", "valueBoolean": True}]}]
    tumour = condition("255046005", extension=extension) | {"id": "t"}
    assert read(condition("94222008"), tumour).state.disease.metastases_complete is True


# our own state


def test_what_our_own_state_tells_is_complete():
    everything = (administration(), condition("I10", ICD), CT)
    assert in_part(*everything, state("treatments", "comorbidities", "imaging")) is None
    assert in_part(*everything, state("treatments")) == ("comorbidities", "imaging")
    octreotide = administration(medicationCodeableConcept=OCTREOTIDE)
    assert in_part(octreotide, state("treatments")) is None


@pytest.mark.parametrize("words", [[], ["imaging"], ["imaging", "comorbidities", "imaging"], ["other_treatments"]])
def test_what_our_own_state_tells_in_part_is_told_as_it_says(words):
    assert in_part(administration(), state("treatments", words=words)) == tuple(words)


def test_what_our_own_state_tells_in_part_is_joined_by_what_else_cannot_be_complete():
    told = state("treatments", words=["imaging", "imaging", "imaging", "imaging"])
    assert in_part(condition("I10", ICD), told) == ("imaging", "comorbidities")


@pytest.mark.parametrize("words", [["imaging", "canary"], ["imaging"] * 6])
def test_what_our_own_state_tells_in_part_and_is_not_read_makes_nothing_complete(words):
    intake = read(administration(), state("treatments", words=words))
    assert intake.state.told_in_part == (*ALL_BUT_CONDITIONS, "conditions")
    assert [each.reason for each in intake.not_used] == [
        "tells in part something that is not read; so nothing counts as complete"
    ]


def test_what_tells_in_part_and_is_no_list_makes_nothing_complete():
    told = state("treatments")
    told["extension"][0]["extension"].append({"url": "told_in_part", "valueString": "imaging"})
    assert len(in_part(told)) == 5


def test_our_own_state_does_not_speak_for_a_cycle_beside_it_that_was_not_read():
    assert in_part(unread(status="in-progress"), state("treatments")) == ("radiopharmaceuticals",)


# searches that could not be had


def cut(*resources):
    return {"resourceType": "Bundle", "type": "searchset", "total": 9, "entry": [{"resource": each} for each in resources]}


@pytest.mark.parametrize(
    ("bundle", "lacks"),
    [
        (cut(unread(effectiveDateTime="2025-11-01")), True),
        (cut(procedure("44140", CPT)), True),
        (cut(), True),
        (cut({}), True),
        (cut(condition("I10", ICD)), False),
    ],
)
def test_of_a_search_that_was_cut_cycles_may_be_missing(bundle, lacks):
    assert lacks_cycles(bundle) is lacks
    assert in_part(administration(), bundle, state("treatments", "comorbidities")) is None


@pytest.mark.parametrize(("key", "lacks"), [("treatments", True), ("procedures", True), ("conditions", False)])
def test_of_a_search_that_could_not_be_had_cycles_may_be_missing(key, lacks):
    detail = {"coding": [{"system": "urn:prrt-cds:fetching", "code": "too-slow"}]}
    note = {"resourceType": "OperationOutcome", "id": key, "issue": [{"details": detail}]}
    assert lacks_cycles(note) is lacks
    assert reasons(note) == ["did not come in time"]
