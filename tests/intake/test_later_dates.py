"""What a hospital dates after today: the date cannot be right, so what it dates may be the newest."""

import pytest

from service.intake.later_dates import LATER
from service.intake.unread_imaging import EVIDENCE_TYPE
from tests.intake.hospital import SNOMED, SUBJECT, administration, coded, condition, lab, read, service_request

TOMORROW, TODAY = "2026-03-11", "2026-03-10"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"
ASKED_TODAY = {
    "resourceType": "Basic",
    "id": "s",
    "subject": SUBJECT,
    "code": coded("state", "urn:prrt-cds:fhir"),
    "extension": [{"url": "urn:prrt-cds:fhir:state", "extension": [{"url": "as_of", "valueDate": TODAY}]}],
}


def platelets(on, name="later", **more):
    return lab("777-3", 150, "K/uL", id=name, effectiveDateTime=on, **more)


def response(on, code, name="later"):
    told = {"resourceType": "DiagnosticReport", "id": name, "status": "final", "subject": SUBJECT, "effectiveDateTime": on}
    return told | {"category": [coded("CT", SERVICE)], "conclusionCode": [coded(code, NCIT)]}


def judged(on):
    evidence = [{"url": EVIDENCE_TYPE, "valueCodeableConcept": coded("363679005", SNOMED)}]
    answer = {"valueCodeableConcept": coded("271299001", SNOMED), "extension": evidence}
    return lab("97509-4", id="later", valueQuantity=None, effectiveDateTime=on, **answer)


def days(name, dated_by, *resources):
    return [f"{getattr(each, dated_by)}" for each in getattr(read(*resources).state, name) or ()]


@pytest.mark.parametrize("why", [{}, {"status": "preliminary"}])
def test_a_value_dated_after_today_may_be_the_newest_so_no_older_one_stands_in_for_it(why):
    taken = ("laboratory", "taken_on", platelets("2026-03-02", "older"), lab("718-7", 12, "g/dL", id="hb"))
    kept = ["2026-03-02"] if why else ["2026-03-02", TOMORROW]
    assert days(*taken, platelets(TOMORROW, **why)) == kept  # the haemoglobin stays
    assert days(*taken, platelets(TODAY))[-1] == TODAY


def test_what_is_dated_after_today_is_listed_by_what_it_is():
    later = read(platelets(TOMORROW), response(TOMORROW, "C35571"), administration(effectiveDateTime=TOMORROW))
    assert [each.reason for each in later.not_used] == [
        f"a cycle is {LATER}",
        f"platelets is {LATER}",
        f"response on imaging is {LATER}",
    ]


@pytest.mark.parametrize("later", [response(TOMORROW, "C35571"), judged(TOMORROW)])
def test_a_response_dated_after_today_is_a_study_that_was_not_read(later):
    older = response("2026-03-02", "C18058", "older")
    assert TODAY in days("imaging", "performed_on", administration(), older, later)


def test_a_cycle_dated_after_today_may_have_been_given():
    assert "radiopharmaceuticals" not in read(administration()).state.told_in_part
    both = read(administration(), administration(id="later", effectiveDateTime=TOMORROW))
    assert "radiopharmaceuticals" in both.state.told_in_part
    assert read(service_request(occurrenceDateTime=TOMORROW)).state.told_in_part is None


def test_a_performance_status_dated_after_today_may_be_the_newest():
    def ecog(on, grade):
        return lab("89247-1", id=on, valueQuantity=None, valueInteger=grade, effectiveDateTime=on)

    intake = read(ecog(TODAY, 1), ecog(TOMORROW, 3))
    assert (f"{intake.state.performance.recorded_on}", intake.state.performance.ecog) == (TOMORROW, 3)
    assert f"performance is {LATER}" in [each.reason for each in intake.not_used]


def pregnancy(on, word):
    return lab("82810-3", id=on, valueQuantity=None, valueCodeableConcept=coded(word, SNOMED), effectiveDateTime=on)


@pytest.mark.parametrize("later", [pregnancy(TOMORROW, "77386006"), condition("77386006", onsetDateTime=TOMORROW)])
def test_a_pregnancy_dated_after_today_is_not_denied_by_an_answer_of_today(later):
    assert read(later, pregnancy(TODAY, "60001007")).state.patient.pregnant is None
    assert read(later).state.patient.pregnant is True


def test_that_nobody_was_pregnant_tomorrow_says_nothing():
    assert read(pregnancy(TOMORROW, "60001007")).state.patient.pregnant is None


def test_where_our_own_state_asks_about_a_day_later_resources_are_what_they_say():
    older = platelets("2026-03-02", "older")
    assert days("laboratory", "taken_on", older, platelets(TOMORROW), ASKED_TODAY) == ["2026-03-02", TOMORROW]
    assert days("laboratory", "taken_on", older, platelets(TOMORROW, status="preliminary"), ASKED_TODAY) == ["2026-03-02"]
