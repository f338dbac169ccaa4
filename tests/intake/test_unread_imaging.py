"""Imaging that was not read: the newest of it is a study of which nobody knows what it showed."""

from datetime import date

import pytest

from service.intake.own_extension import SYSTEM, extension_of
from service.intake.trace import NotUsed, Used
from service.intake.unread_imaging import ANOTHER_STUDY, EVIDENCE_TYPE
from tests.intake.hospital import LOINC, SNOMED, SUBJECT, administration, amount, coded, lab, read, without_nothing

SERVICE, NCIT = "http://terminology.hl7.org/CodeSystem/v2-0074", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
CT, PARTIAL = coded("CT", SERVICE), [coded("C18058", NCIT)]
CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
BIOCHEMICAL = [{"url": EVIDENCE_TYPE, "valueCodeableConcept": coded("250724005", SNOMED)}]
SEEN = [{"url": EVIDENCE_TYPE, "valueCodeableConcept": coded("363679005", SNOMED)}]
PROGRESSION = {"valueCodeableConcept": coded("271299001", SNOMED)}
WORDS = {"valueString": "progression"}


def report(on, name="unread", **more):
    told = {"resourceType": "DiagnosticReport", "id": name, "status": "final", "subject": SUBJECT, "category": [CT]}
    return without_nothing(told | {"effectiveDateTime": on, "conclusion": "Progression."} | more)


def response(on):
    return report(on, "read", conclusionCode=PARTIAL)


def judged(on="2026-03-09", code="97509-4", **more):
    return lab(code, id="judged", valueQuantity=None, effectiveDateTime=on, **more)


def studies(*resources):
    """The days of the studies, with their responses, beside two cycles of which the last is of 2026-01-19."""
    cycles = administration(), administration(id="first", effectiveDateTime="2025-11-24")
    return [(f"{study.performed_on}", study.overall_response) for study in read(*cycles, *resources).state.imaging or ()]


READ, UNREAD = ("2026-03-02", "partial_response"), ("2026-03-09", None)


@pytest.mark.parametrize(
    "why",
    [
        {},
        {"status": "preliminary"},
        {"status": "partial"},
        {"status": "unknown"},
        {"status": None},
        {"category": None},
        {"category": [coded("RX", SERVICE)]},
        {"category": [coded("LAB", SERVICE), CT]},
        {"conclusionCode": [coded("1", NCIT)]},
        {"conclusionCode": [coded("C35571", NCIT)], "modifierExtension": []},
        {"conclusionCode": [*PARTIAL, coded("C35571", NCIT)]},
        {"conclusionCode": [{"text": "Progressive Disease"}]},
        {"subject": None},
    ],
)
def test_a_newer_report_that_was_not_read_is_a_study_without_a_reading(why):
    assert studies(response("2026-03-02"), report("2026-03-09", **why)) == [READ, UNREAD]


@pytest.mark.parametrize(
    "why",
    [
        {"status": "registered"},
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"subject": {"reference": "Patient/p2"}},
        {"category": [coded("LAB", SERVICE)]},
        {"category": [coded("LAB", SERVICE)], "status": "preliminary"},
        {"category": None, "code": coded("11506-3", LOINC)},
        {"effectiveDateTime": "2026-03-01"},
        {"effectiveDateTime": "2026-03-02"},
        {"effectiveDateTime": "2026-01-01", "category": None},
    ],
)
def test_what_is_no_newer_report_of_imaging_leaves_the_older_one(why):
    assert studies(response("2026-03-02"), report("2026-03-09", **why)) == [READ]


@pytest.mark.parametrize("on", [None, "2026", "1800-01-01", "2026-03-11"])
def test_a_report_without_a_day_that_can_be_right_counts_as_of_the_day_of_the_question(on):
    assert studies(response("2026-03-02"), report(on)) == [READ, ("2026-03-10", None)]


def test_of_several_that_were_not_read_the_newest_stands_there_with_its_trace():
    intake = read(administration(), report("2026-03-09"), report("2026-03-03", "older"), response("2026-03-02"))
    assert [study.performed_on for study in intake.state.imaging] == [date(2026, 3, 2), date(2026, 3, 9)]
    assert Used("DiagnosticReport/unread", "/imaging/1", "2026-03-09") in intake.used
    assert NotUsed("DiagnosticReport/unread", "concludes no response that is read") in intake.not_used
    assert intake.state.told_in_part == ("other_treatments", "imaging")


@pytest.mark.parametrize(("given_on", "count"), [("2026-03-08", 1), ("2026-03-09", 0)])
def test_before_the_first_dose_no_response_is_asked_for(given_on, count):
    assert len(read(administration(effectiveDateTime=given_on), report("2026-03-09")).state.imaging or ()) == count


@pytest.mark.parametrize(
    "observed",
    [
        judged(**PROGRESSION),
        judged(**PROGRESSION, code="88040-1"),
        judged(**WORDS, extension=SEEN),
        judged(**PROGRESSION, extension=SEEN, status="preliminary"),
        judged(**PROGRESSION, extension=[*SEEN, *BIOCHEMICAL], modifierExtension=[]),
        judged(**PROGRESSION, code="1-1"),
        judged(valueCodeableConcept=coded("C35571", NCIT), code="1-1"),
        judged(**WORDS, code="1-1", category=[coded("imaging", CATEGORIES)]),
    ],
)
def test_a_newer_judgement_of_imaging_that_was_not_read_is_a_study_without_a_reading(observed):
    assert studies(response("2026-03-02"), observed) == [READ, UNREAD]


@pytest.mark.parametrize(
    "observed",
    [
        judged(**WORDS, extension=BIOCHEMICAL),
        judged(dataAbsentReason=coded("unknown", "x")),
        judged(**WORDS, code="1-1"),
        judged(code="1-1", category=[coded("imaging", CATEGORIES)]) | {"valueQuantity": amount(60, "%")},
        judged(**WORDS, code="777-3", category=[coded("imaging", CATEGORIES)]),
    ],
)
def test_what_is_no_judgement_of_imaging_leaves_the_older_response(observed):
    assert studies(response("2026-03-02"), observed) == [READ]


RESULT = {"result": [{"reference": "Observation/judged"}]}


@pytest.mark.parametrize(
    ("evidence", "more", "expected"), [(SEEN, RESULT, []), (SEEN, {}, [UNREAD]), (BIOCHEMICAL, RESULT, [UNREAD])]
)
def test_a_judgement_of_imaging_speaks_for_the_report_in_words_of_its_study(evidence, more, expected):
    assert studies(report("2026-03-09", **more), judged(**PROGRESSION, extension=evidence)) == expected


RADIOLOGY = {"category": [coded("RAD", SERVICE)]}
SAME = {"basedOn": [{"reference": "ServiceRequest/o"}]}, {"identifier": [{"system": "urn:accession", "value": "A1"}]}


@pytest.mark.parametrize("link", SAME)
def test_of_one_day_a_response_speaks_for_a_report_of_its_study_alone(link):
    of_the_day = report("2026-03-09", "read", conclusionCode=PARTIAL)
    assert studies(of_the_day, report("2026-03-09")) == [("2026-03-09", "partial_response")]
    assert studies(of_the_day | link, report("2026-03-09", **RADIOLOGY, **link)) == [("2026-03-09", "partial_response")]
    assert studies(of_the_day, report("2026-03-09", **RADIOLOGY, **link)) == [UNREAD]


def test_beside_another_study_that_was_not_read_a_response_of_that_day_is_not_used_and_a_progression_holds():
    other = report("2026-03-09", **RADIOLOGY)
    intake = read(administration(), judged(valueCodeableConcept=coded("359746009", SNOMED), extension=SEEN), other)
    assert intake.state.assessments_of_response is None
    assert NotUsed("Observation/judged", ANOTHER_STUDY) in intake.not_used
    worse = report("2026-03-09", "read", conclusionCode=[coded("C35571", NCIT)])
    assert studies(worse, other) == [("2026-03-09", "progressive_disease"), UNREAD]


def test_a_response_in_our_own_encoding_says_of_no_report_that_it_is_of_its_study():
    _, of_one_study = SAME
    response = extension_of("imaging", {"performed_on": date(2026, 3, 9), "overall_response": "partial_response"})
    ours = {"resourceType": "Basic", "subject": SUBJECT, "code": coded("imaging", SYSTEM), "extension": [response]}
    assert studies(ours) == [("2026-03-09", "partial_response")]
    assert studies(ours | of_one_study, report("2026-03-09", **RADIOLOGY, **of_one_study)) == [UNREAD]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"code": {"text": "Chest X-ray"}, "conclusion": "Clear."}, [READ]),
        ({"code": {"text": "MRI of the left knee"}, "conclusion": None}, [READ]),
        ({"code": coded("24606-6")}, [READ]),
        ({"code": {"text": "Chest X-ray"}, "conclusion": "New lesions."}, [READ, UNREAD]),
        ({"code": {"text": "X-ray computed tomography"}, "conclusion": None}, [READ, UNREAD]),
        ({"code": {"text": "MRI"}, "conclusion": None}, [READ, UNREAD]),
    ],
)
def test_a_report_of_what_does_not_stage_the_tumour_leaves_the_older_response(more, expected):
    assert studies(response("2026-03-02"), report("2026-03-09", **RADIOLOGY | more)) == expected


def test_a_judgement_whose_day_cannot_be_is_not_lost():
    assert studies(judged("1800-01-01", **PROGRESSION, extension=SEEN)) == [("2026-03-10", None)]
