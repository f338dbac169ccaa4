"""The bundle as a whole: it is the same every time, refers to itself, and says who made it from what."""

from uuid import UUID

import pytest

from service.presentation.fhir.elements import without_empties
from tests.presentation.fhir.answers import INTAKE, SERVICE_URL, answer, bundle, only, resources, texts
from tests.presentation.fhir.validating import leaves
from tests.vignettes import names

NAME = "skeletal-metastases-cycle-3"
LABEL = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "AIAST",
    "display": "Artificial Intelligence asserted",
}


def found(**more):
    return bundle(answer(NAME, intake=INTAKE, **more))


def test_the_same_answer_gives_the_same_bundle_and_another_answer_other_ids():
    assert found() == found()
    before, after = ({entry["fullUrl"] for entry in each["entry"]} for each in (found(), found(id="another")))
    assert before & after == set()


@pytest.mark.parametrize("name", names())
def test_every_reference_into_the_bundle_resolves(name):
    told = bundle(answer(name, intake=INTAKE))
    urls = [entry["fullUrl"] for entry in told["entry"]]
    references = [value for path, value in leaves(told) if path.endswith(".reference") and value.startswith("urn:")]
    assert len(set(urls)) == len(urls)
    assert set(references) <= set(urls)
    assert len(references) > len(urls)


def test_an_entry_is_found_by_the_id_of_its_resource():
    for entry in found()["entry"]:
        assert entry["fullUrl"] == f"urn:uuid:{UUID(entry['resource']['id'])}"


def test_everything_is_labelled_as_asserted_by_a_machine():
    told = found()
    assert [each["meta"]["security"] for each in (told, *(entry["resource"] for entry in told["entry"]))] == [[LABEL]] * (
        1 + len(told["entry"])
    )


def test_the_bundle_has_the_id_and_the_time_of_the_answer():
    told = answer(NAME)
    made = bundle(told)
    assert (made["type"], made["timestamp"]) == ("collection", told["created_at"])
    assert made["identifier"] == {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{told['id']}"}


@pytest.mark.parametrize("patient_id", ["demo-017", "a" * 64, "1.2.3"])
def test_an_identifier_that_can_be_a_fhir_id_is_referred_to(patient_id):
    told = bundle(answer(NAME, patient_id=patient_id))
    assert only(told, "GuidanceResponse")["subject"] == {"reference": f"Patient/{patient_id}"}


def test_the_patient_that_was_read_is_the_subject_whatever_the_hospital_calls_her():
    assert only(found(patient_id="4711"), "GuidanceResponse")["subject"] == {"reference": "Patient/demo-017"}


def test_two_patients_that_were_read_decide_nothing():
    used = [*INTAKE["used"], INTAKE["used"][0] | {"resource": "Patient/demo-018"}]
    told = bundle(answer(NAME, patient_id="4711", intake=INTAKE | {"used": used}))
    assert only(told, "GuidanceResponse")["subject"] == {"reference": "Patient/4711"}


@pytest.mark.parametrize("patient_id", ["a" * 65, "Müller 7", "a/b", "demo_017", "demo\n"])
def test_any_other_identifier_is_told_and_never_made_into_an_address(patient_id):
    told = bundle(answer(NAME, patient_id=patient_id))
    subject = {"type": "Patient", "identifier": {"value": patient_id}}
    assert only(told, "GuidanceResponse")["subject"] == subject
    assert resources(told, "RiskAssessment")[0]["subject"] == subject
    assert resources(told, "DetectedIssue")[0]["patient"] == subject


def test_the_basis_holds_every_input_once_that_has_a_type_and_an_id():
    basis = [{"reference": name} for name in ("Patient/demo-017", "Observation/alp-1", "Condition/bone")]
    assert {str(risk["basis"]) for risk in resources(found(), "RiskAssessment")} == {str(basis)}
    assert {str(issue["evidence"]) for issue in resources(found(), "DetectedIssue")} == {str([{"detail": basis}])}


def test_an_answer_in_our_own_format_has_no_basis():
    told = bundle(answer(NAME))
    assert not any("basis" in risk for risk in resources(told, "RiskAssessment"))
    assert not any("evidence" in issue for issue in resources(told, "DetectedIssue"))
    assert resources(told, "OperationOutcome") == []


def test_the_provenance_names_every_resource_every_input_and_every_model_card():
    told = found()
    provenance = only(told, "Provenance")
    targets = [target["reference"] for target in provenance["target"]]
    assert targets == [entry["fullUrl"] for entry in told["entry"] if entry["resource"] != provenance]
    assert provenance["recorded"] == answer(NAME)["created_at"]
    sources = [entity["what"] for entity in provenance["entity"] if entity["role"] == "source"]
    assert sources == [
        {"reference": "Patient/demo-017"},
        {"reference": "Observation/alp-1"},
        {"reference": "Condition/bone"},
        {"identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}},
    ]
    cards = [entity["what"]["identifier"]["value"] for entity in provenance["entity"] if entity["role"] == "derivation"]
    models = answer(NAME)["knowledge"]["models"]
    assert sorted(cards) == sorted(f"{SERVICE_URL}/v1/models/{name}" for name in models)


def test_without_a_public_url_a_model_card_is_named_and_has_no_address():
    told = bundle(answer(NAME), None)
    cards = {entity["what"]["identifier"]["value"] for entity in only(told, "Provenance")["entity"]}
    assert "urn:prrt-cds:model:overall_survival:1.0.0" in cards
    assert only(told, "GuidanceResponse")["moduleCanonical"] == "urn:prrt-cds:operation:prrt-assess|0.1.0"


def test_the_devices_say_which_versions_answered():
    told, knowledge = found(), answer(NAME)["knowledge"]
    service, *models = resources(told, "Device")
    versions = {each["type"]["text"]: each["value"] for each in service["version"]}
    assert (versions["service"], versions["rules"]) == (knowledge["service"], knowledge["rules"])
    assert versions["model overall_survival"] == knowledge["models"]["overall_survival"]
    assert {model["deviceName"][0]["name"]: model["modelNumber"] for model in models} == knowledge["models"]
    assert all(model["parent"] == only(told, "GuidanceResponse")["performer"] for model in models)
    assert all("not a medical device" in texts(device) for device in (service, *models))


def test_false_and_zero_are_something():
    assert without_empties({"a": False, "b": 0, "c": [None, {"d": ""}], "e": [[], {}, "x"]}) == {"a": False, "b": 0, "e": ["x"]}
