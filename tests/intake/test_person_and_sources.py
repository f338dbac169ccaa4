"""Which patient is meant, whose a resource is, and how resources come: in bundles, twice, in part."""

from datetime import date

import pytest

from service.intake.lists import MOST
from service.intake.reading import read_bundle, read_resources
from service.intake.trace import NotUsed, Used
from service.patient.reading import RefusedRequest
from tests.intake.hospital import PATIENT, TODAY, administration, coded, exact, lab, order, read, reasons

OTHER = {"resourceType": "Patient", "id": "p2", "gender": "male"}
UUID = "urn:uuid:0f1c2a3b-0000-4000-8000-000000000001"
EXTENSION = "urn:prrt-cds:fhir"


def refusal(*resources, patient_id=None):
    with pytest.raises(RefusedRequest) as refused:
        read_resources([exact(each) for each in resources], TODAY, patient_id)
    (only,) = refused.value.refusals
    return only.message


def of(reference):
    return lab(subject={"reference": reference})


def test_the_only_patient_is_the_patient():
    intake = read()
    person = intake.state.patient
    assert (person.id, person.sex, person.birth_date) == ("p1", "female", date(1961, 4, 2))
    assert Used("Patient/p1", "/patient/birth_date", None, "1961-04-02") in intake.used
    assert Used("Patient/p1", "/patient/sex", None, "female") in intake.used
    assert (intake.state.as_of, intake.not_used) == (TODAY, ())


def test_of_several_patients_the_one_that_is_asked_for_is_read():
    intake = read(OTHER, patient_id="p2")
    assert (intake.state.patient.id, intake.not_used) == ("p2", (NotUsed("Patient/p1", "is another patient"),))


def test_without_one_usable_patient_everything_is_refused():
    assert refusal(PATIENT, OTHER) == "holds more than one patient; say which one is meant"
    assert refusal(lab()) == "holds no Patient that can be used"
    assert refusal({"resourceType": "Patient", "gender": "male"}) == "holds no Patient that can be used"
    assert refusal(PATIENT, patient_id="p2") == "holds no Patient that can be used"
    assert refusal(PATIENT | {"id": "\u200bp"}) == "holds a Patient whose id cannot be used"
    assert refusal(PATIENT | {"modifierExtension": []}) == "holds a Patient with a modifier that is not understood"
    assert refusal(PATIENT | {"implicitRules": ""}) == "holds a Patient with a modifier that is not understood"


@pytest.mark.parametrize(
    ("change", "sex", "reason"),
    [
        ({"gender": "other"}, "other", None),
        ({"gender": None}, "unknown", None),
        ({"gender": "m"}, "unknown", "has a gender that is not read"),
    ],
)
def test_a_sex_that_is_not_told_is_unknown(change, sex, reason):
    intake = read(patient=PATIENT | change)
    assert intake.state.patient.sex == sex
    assert [each.reason for each in intake.not_used] == ([reason] if reason else [])


@pytest.mark.parametrize("born", ["1961", "1961-04", "1961-13-01", 1961, None])
def test_a_date_of_birth_that_is_no_full_date_is_not_used(born):
    intake = read(patient=PATIENT | {"birthDate": born})
    assert intake.state.patient.birth_date is None
    assert [each.reason for each in intake.not_used] == ["birth_date must be a date of the calendar, written YYYY-MM-DD"]


def test_a_patient_without_a_date_of_birth_is_read():
    patient = {"resourceType": "Patient", "id": "p1"}
    assert read(patient=patient).state.patient.birth_date is None


def test_a_birth_after_the_day_of_the_question_is_not_used():
    intake = read(patient=PATIENT | {"birthDate": "2026-03-11"})
    assert intake.state.patient.birth_date is None
    assert intake.not_used == (NotUsed("Patient", "birth_date is after the day of the question"),)
    assert "/patient/birth_date" not in [used.item for used in intake.used]
    assert read(patient=PATIENT | {"birthDate": "2026-03-10"}).state.patient.birth_date == TODAY


@pytest.mark.parametrize("died", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-01-01"}])
def test_that_a_patient_has_died_is_listed(died):
    assert reasons(patient=PATIENT | died) == ["says that the patient has died, for which there is no field"]
    assert reasons(patient=PATIENT | {"deceasedBoolean": False}) == []


@pytest.mark.parametrize(
    "reference",
    ["Patient/p1", "Patient/p1/_history/3", "https://a.example/fhir/Patient/p1", "https://a.example/Patient/p1/_history/3"],
)
def test_a_resource_of_the_patient_is_used_however_it_refers(reference):
    assert len(read(of(reference)).state.laboratory) == 1


@pytest.mark.parametrize("reference", ["Patient/p2", "Patient/p11", "p1", "Group/p1", UUID, "#p1", "Patient/p1/x"])
def test_a_resource_of_another_patient_is_not_used(reference):
    intake = read(of(reference))
    assert intake.state.laboratory is None
    assert [each.reason for each in intake.not_used] == ["is of another patient"]


@pytest.mark.parametrize("subject", [None, [], {}, {"display": "Ann"}, {"identifier": {"value": "p1"}}])
def test_a_resource_of_nobody_is_not_used(subject):
    assert reasons(lab() | {"subject": subject}) == ["does not say whose it is"]


def transaction(*resources, patient=None):
    """A bundle in which everything refers by UUID, as generators of synthetic records write it."""
    entries = [{"fullUrl": UUID, "resource": patient or {"resourceType": "Patient", "gender": "female"}}]
    for number, resource in enumerate(resources):
        nameless = {name: member for name, member in resource.items() if name != "id"}
        address = f"urn:uuid:0f1c2a3b-0000-4000-8000-1000000000{number:02}"
        request = {"method": "POST", "url": resource["resourceType"]}
        entries.append({"fullUrl": address, "resource": nameless, "request": request})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def test_a_transaction_bundle_is_read_by_its_addresses():
    medication = {"resourceType": "Medication", "code": administration()["medicationCodeableConcept"]}
    reference = {"reference": "urn:uuid:0f1c2a3b-0000-4000-8000-100000000001"}
    given = administration(medicationCodeableConcept=None, medicationReference=reference, subject={"reference": UUID})
    intake = read_bundle(exact(transaction(of(UUID), medication, given)), TODAY)
    assert intake.state.patient.id == UUID.removeprefix("urn:uuid:")
    assert (len(intake.state.laboratory), len(intake.state.treatments)) == (1, 1)
    assert intake.used[-1].resource == "urn:uuid:0f1c2a3b-0000-4000-8000-100000000000"


def test_bundles_in_bundles_and_parameters_are_opened_in_their_order():
    inner = {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": lab(id="a")}]}
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "x", "resource": inner}, {"name": "y", "valueString": "z"}],
    }
    outer = {"resourceType": "Bundle", "entry": [{"resource": parameters}, {"resource": lab("777-3", 150, "K/uL", id="b")}, {}]}
    intake = read(outer)
    assert [value.analyte for value in intake.state.laboratory] == ["alkaline_phosphatase", "platelets"]
    assert intake.not_used == ()


@pytest.mark.parametrize(
    ("members", "partial"),
    [
        ({"type": "searchset", "total": 2}, True),
        ({"type": "searchset", "total": 1}, False),
        ({"type": "searchset", "total": "2"}, False),
        ({"type": "history", "total": 2}, False),
        ({"link": [{"relation": "next", "url": "x"}]}, True),
        ({"link": [{"relation": "self", "url": "x"}]}, False),
    ],
)
def test_a_bundle_that_holds_only_a_part_says_so(members, partial):
    found = reasons({"resourceType": "Bundle", "entry": [{"resource": lab()}]} | members)
    assert found == (["holds only a part of what was found"] if partial else [])


def test_a_resource_that_came_twice_counts_once():
    intake = read(lab(), lab(meta={"versionId": "2"}))
    assert (len(intake.state.laboratory), intake.not_used) == (1, ())


def test_two_versions_of_a_resource_are_both_left_out():
    intake = read(lab(), lab(value=90))
    assert intake.state.laboratory is None
    assert intake.not_used == (NotUsed("Observation/lab", "came more than once, with different contents"),)


def test_resources_without_an_id_are_each_their_own():
    assert len(read(lab(id=None), lab(id=None)).state.laboratory) == 2


@pytest.mark.parametrize(
    ("resource", "label"),
    [
        ({"resourceType": "Encounter", "id": "e1"}, "Encounter/e1"),
        ({"resourceType": "Encounter", "id": "Ann Example"}, "Encounter, resource 2"),
        ({"resourceType": "Encounter", "id": 7}, "Encounter, resource 2"),
        ({"resourceType": "Ann Example", "id": "e1"}, "resource 2"),
        ({"resourceType": ["Encounter"]}, "resource 2"),
        ({}, "resource 2"),
    ],
)
def test_what_is_of_no_type_that_is_read_is_listed_under_a_name_that_can_be_shown(resource, label):
    assert read(resource).not_used == (NotUsed(label, "is of a type that is not read"),)


def test_a_label_is_the_address_only_if_that_is_plain():
    def bundle(address):
        return {"resourceType": "Bundle", "entry": [{"fullUrl": address, "resource": {"resourceType": "Encounter"}}]}

    assert read(bundle("https://a.example/fhir/Encounter/7")).not_used[0].resource == "https://a.example/fhir/Encounter/7"
    assert read(bundle("Ann Example")).not_used[0].resource == "Encounter, resource 2"


@pytest.mark.parametrize("nothing", [None, 7, "Patient", [], True])
def test_what_is_no_resource_is_listed(nothing):
    assert reasons(nothing) == ["is no resource"]


def test_an_outcome_of_a_search_warns_that_it_may_be_incomplete():
    entry = {"search": {"mode": "outcome"}, "resource": {"resourceType": "OperationOutcome", "issue": []}}
    warning = "is an OperationOutcome: what was searched for may be incomplete"
    assert reasons({"resourceType": "Bundle", "entry": [entry]}) == [warning]
    assert reasons(entry["resource"]) == [warning]


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
