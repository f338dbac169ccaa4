"""Whose a resource is, and how resources come: in bundles, twice, in part."""

import pytest

from service.intake.reading import read_bundle
from service.intake.trace import NotUsed
from tests.intake.hospital import TODAY, administration, exact, lab, order, read, reasons

UUID = "urn:uuid:0f1c2a3b-0000-4000-8000-000000000001"


def of(reference):
    return lab(subject={"reference": reference})


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
        ({"total": 2}, True),
        ({"total": 1}, False),
        ({"type": "searchset", "total": "2"}, False),
        ({"type": "history", "total": 2}, False),
        ({"link": [{"relation": "next", "url": "x"}]}, True),
        ({"link": [{"relation": "self", "url": "x"}]}, False),
    ],
)
def test_a_bundle_that_holds_only_a_part_says_so(members, partial):
    found = reasons({"resourceType": "Bundle", "entry": [{"resource": lab()}]} | members)
    assert found == (["holds only a part of what was found"] if partial else [])


@pytest.mark.parametrize("name", [UUID.removeprefix("urn:uuid:"), UUID.removeprefix("urn:uuid:").upper()])
def test_a_reference_by_uuid_names_the_patient_whose_id_that_is(name):
    patient = {"resourceType": "Patient", "id": name}
    assert len(read(of(f"urn:uuid:{name}"), patient=patient).state.laboratory) == 1
    assert reasons(of("urn:uuid:p1")) == ["is of another patient"]
    assert reasons(of(f"{UUID[:-1]}2"), patient=patient) == ["is of another patient"]


def test_a_reference_by_uuid_names_the_address_before_the_id():
    name = UUID.removeprefix("urn:uuid:")
    other = {"fullUrl": UUID, "resource": {"resourceType": "Patient", "id": "p2"}}
    bundle = {"resourceType": "Bundle", "entry": [other, {"resource": of(UUID)}]}
    intake = read(bundle, patient={"resourceType": "Patient", "id": name}, patient_id=name)
    assert intake.state.laboratory is None


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
    response = {"response": {"status": "404", "outcome": entry["resource"]}}
    assert reasons({"resourceType": "Bundle", "type": "batch-response", "entry": [response]}) == [warning]


@pytest.mark.parametrize("modifier", [{"modifierExtension": [{"url": "x"}]}, {"implicitRules": "x"}])
def test_no_resource_with_a_modifier_is_used(modifier):
    resources = [administration(**modifier), order(**modifier), lab() | modifier]
    assert reasons(*resources) == ["has a modifier that is not understood"] * 3
