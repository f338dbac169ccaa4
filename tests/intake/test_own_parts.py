"""Parts of our own encoding that do not fit, and lists that are too long."""

from datetime import date

import pytest

from service.intake.lists import MOST
from service.intake.reading import read_resources
from service.intake.trace import NotUsed
from service.patient.reading import RefusedRequest
from tests.intake.hospital import PATIENT, TODAY, coded, exact, order, read, reasons

EXTENSION = "urn:prrt-cds:fhir"


def refusal(*resources, patient_id=None):
    with pytest.raises(RefusedRequest) as refused:
        read_resources([exact(each) for each in resources], TODAY, patient_id)
    (only,) = refused.value.refusals
    return only.message


def basic(name, **fields):
    nested = [{"url": field} | value for field, value in fields.items()]
    extension = [{"url": f"{EXTENSION}:{name}", "extension": nested}]
    subject = {"reference": "Patient/p1"}
    return {"resourceType": "Basic", "id": "b", "subject": subject, "code": coded(name, EXTENSION), "extension": extension}


def test_a_basic_resource_of_somebody_else_is_not_read():
    assert reasons({"resourceType": "Basic", "subject": {"reference": "Patient/p1"}}) == ["has no code that is read"]
    assert reasons(basic("other", x={"valueString": "y"})) == ["has no code that is read"]


def test_our_own_day_of_the_question_counts_before_today():
    assert read(basic("state", as_of={"valueDate": "2026-01-02"})).state.as_of == date(2026, 1, 2)
    intake = read(basic("state", as_of={"valueDate": "2026-13-02"}, told={"valueString": "laboratory"}))
    assert (intake.state.as_of, intake.state.laboratory) == (TODAY, None)
    assert intake.not_used == (NotUsed("Basic/b", "as_of must be a date of the calendar, written YYYY-MM-DD"),)


def test_an_entry_of_our_own_that_does_not_fit_is_not_used():
    event = basic("events", kind={"valueString": "stroke"}, occurred_on={"valueDate": "2026-01-02"}, Ann={"valueString": "x"})
    intake = read(event)
    assert intake.state.events is None
    assert {each.resource for each in intake.not_used} == {"Basic/b"}
    assert "Ann" not in str(intake.not_used)


def test_options_that_do_not_fit_are_left_out():
    nested = [{"url": "jurisdiction", "valueString": "mars"}]
    state = basic("state")
    state["extension"][0]["extension"] = [{"url": "options", "extension": nested}, {"url": "told", "valueCode": "empty-list"}]
    intake = read(state)
    assert intake.state.options is None
    assert intake.not_used[0].reason == "jurisdiction must be one of 'us' or 'eu'"


def test_an_extension_that_nests_beyond_the_contract_ends_there():
    deep = {"url": "x", "valueString": "bottom"}
    for _ in range(60):
        deep = {"url": "x", "extension": [deep]}
    resource = basic("events")
    resource["extension"] = [{"url": f"{EXTENSION}:events", "extension": [deep]}]
    assert read(resource).state.events is None


def test_an_order_of_another_patient_is_no_plan():
    assert read(order(subject={"reference": "Patient/p2"})).state.plan is None


def studies(count):
    return [
        {
            "resourceType": "DiagnosticReport",
            "id": f"r{number}",
            "status": "final",
            "subject": {"reference": "Patient/p1"},
            "category": [coded("CT", "http://terminology.hl7.org/CodeSystem/v2-0074")],
            "conclusionCode": [coded("C18213", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl")],
            "effectiveDateTime": f"{2000 + (number * 7) % 203 // 12:04}-{(number * 7) % 203 % 12 + 1:02}-01",
        }
        for number in range(count)
    ]


def test_what_the_contract_still_refuses_is_a_refusal(monkeypatch):
    monkeypatch.setitem(MOST, "imaging", 300)
    assert refusal(PATIENT, *studies(201)) == "cannot be read as one patient on one day"


def test_of_more_entries_than_fit_the_oldest_are_left_out():
    reports = studies(203)
    intake = read(*reports)
    days = sorted(report["effectiveDateTime"] for report in reports)
    assert len(intake.state.imaging) == 200
    assert min(study.performed_on for study in intake.state.imaging).isoformat() == days[3]
    assert [each.reason for each in intake.not_used] == ["is older than as many others as the contract takes"] * 3
    of_first = intake.state.imaging[0].performed_on.isoformat()
    (first,) = [used for used in intake.used if used.item == "/imaging/0"]
    assert first.date == of_first


@pytest.mark.parametrize("count", [200, 201])
def test_exactly_as_many_entries_as_fit_are_kept(count):
    intake = read(*studies(count))
    assert (len(intake.state.imaging), len(intake.not_used)) == (200, count - 200)
