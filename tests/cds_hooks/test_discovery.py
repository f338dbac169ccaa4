"""Discovery: what is offered, and what an EHR is asked to send along (checklist 2.2)."""

# ruff: noqa: N802  # I-nn is the number of a requirement

import re
from urllib.parse import parse_qsl

import pytest

from service.cds_hooks.catalogue import PREFETCH, SERVICES
from service.terminology.codes import CODES, find_code
from tests.cds_hooks.calling import KIT, empties, kit

TYPES = {
    "Patient",
    "Observation",
    "Condition",
    "MedicationAdministration",
    "Procedure",
    "DiagnosticReport",
    "MedicationRequest",
    "ServiceRequest",
}
# FHIR R4's search parameters by which each type is searched here.
TOKENS = {"code", "status"}
OTHERS = {"patient", "_count", "_sort"}

each_template = pytest.mark.parametrize("key", PREFETCH)


def offered(service):
    answer = service.get("/cds-services")
    assert answer.status_code == 200
    return answer.json()["services"]


def parameters(key):
    return parse_qsl(PREFETCH[key].partition("?")[2], keep_blank_values=True, strict_parsing="?" in PREFETCH[key])


def test_I_4_discovery_answers_a_get_with_the_services_as_json(shared):
    answer = shared.get("/cds-services")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"services"}
    assert isinstance(answer.json()["services"], list)


def test_I_5_discovery_is_there_while_nothing_can_be_assessed(start):
    def broken(_):
        raise RuntimeError("no engine")

    assert [each["id"] for each in offered(start(None, broken))] == list(SERVICES)


def test_I_13_without_any_service_the_list_is_there_and_empty(shared, monkeypatch):
    monkeypatch.setattr("service.api.cds_hooks.SERVICES", {})
    assert shared.get("/cds-services").json() == {"services": []}


def test_what_is_offered_is_a_service_for_each_of_three_hooks(shared):
    assert {each["id"]: each["hook"] for each in offered(shared)} == {
        "prrt-patient-view": "patient-view",
        "prrt-order-select": "order-select",
        "prrt-order-sign": "order-sign",
    }


@pytest.mark.parametrize("member", ["hook", "description", "id"])
def test_I_7_I_9_I_10_hook_description_and_id_are_texts(shared, member):
    assert all(isinstance(each[member], str) and each[member].strip() == each[member] != "" for each in offered(shared))


def test_I_8_each_service_has_a_title_of_its_own(shared):
    titles = [each["title"] for each in offered(shared)]
    assert all(isinstance(title, str) and title for title in titles)
    assert len(set(titles)) == len(titles)


def test_I_10_an_id_can_stand_in_an_address(shared):
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", each["id"]) for each in offered(shared))


def test_each_hook_has_an_id_of_its_own_because_the_sandbox_keys_services_by_address(shared):
    assert len({each["id"] for each in offered(shared)}) == len({each["hook"] for each in offered(shared)}) == 3


def test_I_3_nothing_in_discovery_is_null_or_empty(shared):
    assert list(empties(shared.get("/cds-services").json())) == []


def test_version_3_the_versions_of_specification_and_hook_are_told(shared):
    assert {(each["version"], each["hookVersion"]) for each in offered(shared)} == {("2.0.1", "1.0")}


def test_what_using_a_service_requires_is_told(shared):
    assert all("allowed" in each["usageRequirements"] for each in offered(shared))


def test_each_service_says_whom_it_is_for_and_what_it_is_not(shared):
    assert all("not a medical device" in each["usageRequirements"] for each in offered(shared))
    assert all("PRRT" in each["description"] for each in offered(shared))


@pytest.mark.parametrize("accept", ["application/fhir+json, */*;q=0.1", "application/json", "*/*", "text/html"])
def test_discovery_answers_whatever_the_client_accepts(shared, accept):
    assert shared.get("/cds-services", {"accept": accept}).status_code == 200


def test_discovery_is_only_read(shared):
    answer = shared.request("POST", "/cds-services", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_each_service_asks_for_the_same_and_has_a_key_for_the_patient(shared):
    assert all(each["prefetch"] == dict(PREFETCH) for each in offered(shared))
    assert PREFETCH["patient"] == "Patient/{{context.patientId}}"


@each_template
def test_I_55_to_I_59_the_only_token_is_the_patient_of_the_context(key):
    assert re.findall(r"\{\{(.*?)\}\}", PREFETCH[key]) == ["context.patientId"]
    left = PREFETCH[key].replace("{{context.patientId}}", "")
    assert not set("{}()%$") & set(left), "neither FHIRPath nor a function"


@each_template
def test_I_58_a_template_reads_an_instance_or_searches_one_type(key):
    path = PREFETCH[key].partition("?")[0]
    assert path.partition("/")[0] in TYPES
    assert path in TYPES or path == "Patient/{{context.patientId}}"


@each_template
def test_I_58_a_search_is_of_the_patient_by_equality_of_tokens_and_nothing_else(key):
    told = dict(parameters(key))
    assert set(told) <= TOKENS | OTHERS, "no modifier, no chain, no other parameter"
    if key != "patient":
        assert told["patient"] == "{{context.patientId}}"
        assert 1 <= int(told["_count"]) <= 1000
    assert told.get("_sort", "-date") == "-date"


@each_template
def test_a_template_never_repeats_a_parameter(key):
    names = [name for name, _ in parameters(key)]
    assert len(names) == len(set(names))


@each_template
def test_a_template_is_shorter_than_2000_characters(key):
    assert len(PREFETCH[key]) < 2000


@each_template
def test_a_key_is_a_plain_name(key):
    assert re.fullmatch(r"[a-z][a-z_]*", key)


@pytest.mark.parametrize("key", ["laboratory", "findings"])
def test_a_search_by_code_names_codes_that_are_read_each_once(key):
    codes = dict(parameters(key))["code"].split(",")
    assert len(codes) == len(set(codes))
    assert all(find_code(*code.split("|")) for code in codes)


@pytest.mark.parametrize(("key", "kind"), [("laboratory", "analyte"), ("findings", "reading")])
def test_every_code_of_loinc_that_is_read_is_asked_for(key, kind):
    asked = set(dict(parameters(key))["code"].split(","))
    assert asked == {f"{row.system}|{row.code}" for row in CODES if row.kind == kind and row.system == "http://loinc.org"}


@pytest.mark.parametrize("key", ["medication_orders", "service_orders"])
def test_orders_are_asked_for_that_are_still_intended(key):
    assert dict(parameters(key))["status"] == "active,draft"


@pytest.mark.parametrize("name", KIT)
def test_the_kit_fills_every_key_that_is_asked_for(name):
    assert set(PREFETCH) <= set(kit(name)["prefetch"])
