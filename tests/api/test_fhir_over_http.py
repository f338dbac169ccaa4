"""FHIR R4 over HTTP: what describes the operation, the operation itself, and errors, which never repeat what came."""

import dataclasses
import json

import httpx
import pytest
import yaml

from service.access.api_keys import new_key
from service.engine import build
from service.settings import Settings
from service.verdict import Rule
from tests.access.cds_client import cds_token
from tests.conftest import EXAMPLES
from tests.vignettes import names

OPERATION = "/fhir/$prrt-assess"
FHIR = "application/fhir+json"
CANARY = "Zebra-471147114711"
SKELETAL = "skeletal-metastases-cycle-3"


def bundle(name=SKELETAL):
    return json.loads((EXAMPLES / "fhir" / f"{name}.json").read_text("utf-8"))


def parameters(*told):
    return {"resourceType": "Parameters", "parameter": list(told)}


def about(resource):
    return {"name": "resource", "resource": resource}


def named(patient_id, value="valueId"):
    return {"name": "patient", value: patient_id}


def asked(service, told, kind=FHIR, **headers):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return service.request("POST", OPERATION, content=body, headers={"content-type": kind, **headers})


def stored(service, answer):
    """The assessment that stands behind an answer."""
    assert answer.status_code == 200, answer.text
    draft = service.app.state.recorder.store.find(answer.json()["identifier"]["value"].removeprefix("urn:uuid:")).draft
    return json.loads(draft.answer)


def is_outcome(answer, status, code):
    """An error as an OperationOutcome of that code, which repeats nothing."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, FHIR)
    told = answer.json()
    assert told["resourceType"] == "OperationOutcome"
    assert {issue["severity"] for issue in told["issue"]} == {"error"}
    assert {issue["code"] for issue in told["issue"]} == {code}
    assert all(issue["diagnostics"] for issue in told["issue"])
    assert "Zebra" not in answer.text
    assert "471147114711" not in answer.text
    return True


@pytest.fixture
def guarded(start, tmp_path):
    """A service that knows two keys: one may assess and one may read."""
    made = [new_key(scope, [scope]) for scope in ("assess", "read")]
    file = tmp_path / "keys.yaml"
    entries = [entry for each in made for entry in yaml.safe_load(each.entry)]
    file.write_text(yaml.safe_dump({"keys": entries}), "utf-8")
    service = start(Settings(api_keys_file=file, requests_per_minute=5))
    return service, [f"Bearer {each.secret}" for each in made]


@pytest.mark.parametrize("name", names())
def test_a_bundle_of_the_kit_gives_the_assessment_of_the_same_patient_in_our_own_format(client, name):
    own = client.assess((EXAMPLES / f"{name}.json").read_bytes()).json()
    told = stored(client, asked(client, bundle(name)))
    for part in ("as_of", "patient_id", "verdicts", "recommendations", "next_cycle", "risks", "missing", "reference_outcomes"):
        assert told.get(part) == own.get(part), part


@pytest.mark.parametrize("kind", [FHIR, f"{FHIR}; charset=utf-8", "application/json", "Application/FHIR+JSON;charset=UTF-8"])
def test_a_bundle_is_answered_with_a_bundle(client, kind):
    answer = asked(client, bundle(), kind)
    assert (answer.status_code, answer.headers["content-type"]) == (200, FHIR)
    told = answer.json()
    assert (told["resourceType"], told["type"]) == ("Bundle", "collection")
    types = {entry["resource"]["resourceType"] for entry in told["entry"]}
    assert {"GuidanceResponse", "RiskAssessment", "Device", "Provenance"} <= types


def test_the_answer_is_recorded_as_it_was_asked(client):
    body = json.dumps(bundle()).encode()
    answer = asked(client, body)
    draft = client.app.state.recorder.store.find(answer.json()["identifier"]["value"].removeprefix("urn:uuid:")).draft
    assert (draft.kind, draft.request, draft.patient_id, draft.caller) == ("assessment", body, "demo-017", "loopback")
    shown = client.get(f"/v1/assessments/{draft.id}")
    assert shown.json() == json.loads(draft.answer)


@pytest.mark.parametrize(
    "accept", ["application/fhir+json, */*;q=0.1", "application/json", "*/*", "application/fhir+json;fhirVersion=4.0"]
)
def test_whatever_a_client_accepts_it_gets_fhir(client, accept):
    assert asked(client, bundle(), accept=accept).status_code == 200


def two_patients():
    told = bundle()
    other = {**told["entry"][0]["resource"], "id": CANARY}
    told["entry"].append({"fullUrl": "urn:uuid:0e9e4f0e-54f8-4d3c-9f5d-5c37cf52a3b1", "resource": other})
    return told


@pytest.mark.parametrize(
    "told",
    [
        lambda: parameters(about(bundle())),
        lambda: parameters(named("demo-017"), about(bundle())),
        lambda: parameters(about(bundle()), named("demo-017", "valueString")),
        lambda: parameters(named("demo-017"), about(two_patients())),
        lambda: parameters(about(bundle()), {"name": "x", "valueString": CANARY}, {"valueString": CANARY}),
    ],
    ids=["nobody named", "by id", "by text", "one of two", "with others"],
)
def test_parameters_are_answered_like_the_bundle_in_them(client, told):
    expected, found = stored(client, asked(client, bundle())), stored(client, asked(client, told()))
    assert (found["verdicts"], found["risks"], found["patient_id"]) == (expected["verdicts"], expected["risks"], "demo-017")


REFUSED = {
    "the wrong patient": lambda: parameters(named(CANARY), about(bundle())),
    "two patients and none named": two_patients,
    "two patients in parameters": lambda: parameters(about(two_patients())),
    "two names": lambda: parameters(named("demo-017"), named(CANARY), about(bundle())),
    "one name twice": lambda: parameters(named("demo-017"), named("demo-017"), about(bundle())),
    "a name of another type": lambda: parameters(named(CANARY, "valueUri"), about(bundle())),
    "a name that is a number": lambda: parameters(named(471147114711), about(bundle())),
    "a name of two types": lambda: parameters({"name": "patient", "valueId": "demo-017", "valueString": CANARY}, about(bundle())),
    "an empty bundle": lambda: {"resourceType": "Bundle", "type": "collection"},
    "no patient": lambda: {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation", "id": CANARY}}]},
    "no resource": lambda: parameters(named(CANARY)),
    "a patient alone": lambda: {"resourceType": "Patient", "id": CANARY},
    "no type": lambda: {"id": CANARY},
    "another type": lambda: {"resourceType": CANARY},
    "our own format": lambda: {"patient": {"id": CANARY}},
    "an array": lambda: [bundle()],
    "a text": lambda: CANARY,
    "null": lambda: None,
    "nothing": lambda: b"",
    "broken": lambda: json.dumps(bundle()).encode()[:-9] + CANARY.encode(),
    "a key twice": f'{{"resourceType":"Bundle","{CANARY}":1,"{CANARY}":2}}'.encode,
    "NaN": lambda: b'{"resourceType":"Bundle","total":NaN}',
    "Infinity": lambda: b'{"resourceType":"Bundle","total":-Infinity}',
    "nested deeply": lambda: b'{"resourceType":"Bundle","a":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "a lone surrogate": lambda: b'{"resourceType":"Bundle","id":"\\ud800Zebra"}',
    "no UTF-8": lambda: b'{"resourceType":"Bundle","id":"Zebra\xff"}',
    "a mark of the order of bytes": lambda: b"\xff\xfe" + json.dumps(bundle()).encode("utf-16-le"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_assessed_is_refused_and_not_repeated(client, what):
    assert is_outcome(asked(client, REFUSED[what]()), 422, "invalid")
    assert "Zebra" not in client.log.getvalue()
    assert "471147114711" not in client.log.getvalue()


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/fhir+xml", "application/xml", "application/json; charset=latin-1", "application/fhir+jsonx", ""],
)
def test_another_content_type_is_refused(client, kind):
    assert is_outcome(asked(client, bundle(), kind), 415, "not-supported")


def test_a_compressed_body_is_refused(client):
    assert is_outcome(asked(client, bundle(), **{"content-encoding": "gzip"}), 415, "not-supported")


def test_a_body_is_bounded_by_a_setting_of_its_own(start):
    service = start(Settings(max_body_bytes=1024, max_fhir_bytes=100_000))
    assert asked(service, bundle()).status_code == 200
    assert is_outcome(asked(service, b" " * 100_001), 413, "too-long")


@pytest.mark.parametrize("path", ["/fhir/nothing", f"/fhir/{CANARY}", "/fhir/Patient/1", "/fhir/", "/fhir", f"{OPERATION}/x"])
def test_what_is_not_there_is_an_outcome(client, path):
    assert is_outcome(client.get(path), 404, "not-found")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_the_operation_is_only_posted(client, method):
    answer = client.request(method, OPERATION)
    assert is_outcome(answer, 405, "not-supported")
    assert answer.headers["allow"] == "POST"


def test_what_describes_is_only_read(client):
    assert is_outcome(client.request("POST", "/fhir/metadata"), 405, "not-supported")


def test_metadata_and_definition_describe_the_operation(client):
    metadata, definition = client.get("/fhir/metadata"), client.get("/fhir/OperationDefinition/prrt-assess")
    assert [each.headers["content-type"] for each in (metadata, definition)] == [FHIR, FHIR]
    told = metadata.json()
    assert (told["resourceType"], told["fhirVersion"], told["kind"]) == ("CapabilityStatement", "4.0.1", "instance")
    assert told["software"]["version"] == client.app.version
    (operation,) = told["rest"][0]["operation"]
    assert operation["name"] == "prrt-assess"
    assert definition.json()["url"] == operation["definition"]
    assert (definition.json()["code"], definition.json()["system"]) == ("prrt-assess", True)


def test_the_definition_names_every_parameter_that_the_operation_reads(client):
    told = client.get("/fhir/OperationDefinition/prrt-assess").json()["parameter"]
    assert {each["name"] for each in told if each["use"] == "in"} == {"resource", "patient"}


def test_the_address_that_is_published_is_the_public_one(start):
    service = start(Settings(public_url="https://prrt.hospital.example/cds/"))
    told = service.get("/fhir/metadata", {"host": "evil.example"}).text
    assert '"https://prrt.hospital.example/cds/fhir"' in told
    assert "evil" not in told
    assert "https://prrt.hospital.example/cds/v1/models/" in asked(service, bundle()).text


def test_description_is_open_and_assessing_is_not(guarded):
    service, (assess, read) = guarded
    assert [service.get(path).status_code for path in ("/fhir/metadata", "/fhir/OperationDefinition/prrt-assess")] == [200, 200]
    for credential in ({}, {"authorization": "Bearer Zebra"}, {"authorization": f"Bearer {cds_token()}"}):
        refused = asked(service, bundle(), **credential)
        assert is_outcome(refused, 401, "login")
        assert refused.headers["www-authenticate"] == "Bearer"
    assert is_outcome(asked(service, bundle(), authorization=read), 403, "forbidden")
    assert asked(service, bundle(), authorization=assess).status_code == 200


def test_who_asks_too_often_waits(guarded):
    service, (assess, _) = guarded
    answers = [asked(service, bundle("almost-no-data"), authorization=assess) for _ in range(6)]
    assert is_outcome(answers[-1], 429, "throttled")
    assert int(answers[-1].headers["retry-after"]) > 0


def test_an_idempotency_key_brings_the_stored_answer_back(client):
    first, second = (asked(client, bundle(), **{"idempotency-key": "order-4711"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert asked(client, bundle(), **{"idempotency-key": "order-4712"}).json()["id"] != first.json()["id"]
    (guidance,) = (each["resource"] for each in first.json()["entry"] if each["resource"]["resourceType"] == "GuidanceResponse")
    assert guidance["requestIdentifier"] == {"value": "order-4711"}


def test_an_answer_that_was_stored_says_so(client):
    first, second = (asked(client, bundle(), **{"idempotency-key": "order-4711"}) for _ in range(2))
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


def test_an_idempotency_key_of_another_request_is_refused(client, skeletal):
    key = {"idempotency-key": "Zebra-4711"}
    assert asked(client, bundle(), **key).status_code == 200
    assert is_outcome(asked(client, bundle("bone-only"), **key), 422, "invalid")
    own = client.request(
        "POST", "/v1/assessments", content=json.dumps(skeletal), headers={"content-type": "application/json", **key}
    )
    assert own.status_code == 422


@pytest.mark.parametrize("key", ["", "Zebra Zebra", "Zebra" * 41, "Z\u00e9bra".encode()])
def test_an_idempotency_key_that_is_none_is_refused(client, key):
    assert is_outcome(asked(client, bundle(), **{"idempotency-key": key}), 422, "invalid")


def test_while_the_record_is_away_nothing_is_answered(client, monkeypatch):
    client.lose_the_record(monkeypatch, "The record is away.")
    answer = asked(client, bundle())
    assert is_outcome(answer, 503, "transient")
    assert int(answer.headers["retry-after"]) > 0


def test_a_crash_says_nothing(start):
    def crashing(settings):
        def judge(facts):
            raise ZeroDivisionError(CANARY)

        engine = build(settings)
        return dataclasses.replace(engine, rules=(Rule("Crash", engine.rules[0].evidence, judge),))

    service = start(None, crashing)
    assert is_outcome(asked(service, bundle()), 500, "exception")
    assert CANARY not in service.log.getvalue()


def test_while_the_engine_is_not_there_nothing_is_answered(start):
    def never(settings):
        raise OSError(CANARY)

    assert is_outcome(asked(start(None, never), bundle()), 503, "transient")


def test_an_open_service_does_not_assess_for_a_foreign_name(client):
    assert is_outcome(asked(client, bundle(), host="rebound.example"), 401, "login")


@pytest.mark.parametrize(
    "host", [b"[", b"[::1", b"a b", b"a@b", b'x"y', b"\xe9", b"a:b:c", b"127.0.0.1:99999999", b"", b"x" * 5000], ids=repr
)
def test_a_host_that_is_none_breaks_nothing(client, host):
    for path in ("/fhir/metadata", "/fhir/OperationDefinition/prrt-assess", "/cds-services"):
        answer = client.request("GET", path, headers=[(b"host", host)])
        assert answer.status_code == 200
        assert answer.json()


def test_a_value_in_the_middle_that_cannot_be_used_is_listed_and_not_shown_in_an_error(client):
    told = bundle()
    (observation, *_) = (each["resource"] for each in told["entry"] if "valueQuantity" in each["resource"])
    observation["valueQuantity"] = {"value": CANARY, "unit": CANARY}
    answer = asked(client, told)
    assert answer.status_code == 200
    assert "Zebra" not in client.log.getvalue()


def test_a_running_server_answers_with_its_own_address(server):
    told = httpx.get(f"{server}/fhir/metadata").json()
    assert told["implementation"]["url"] == f"{server}/fhir"
    assert httpx.post(f"{server}{OPERATION}", json=bundle("almost-no-data")).status_code == 200
