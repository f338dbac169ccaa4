"""Every route with every set of scopes; open on the loopback only; closed when in doubt."""

import hashlib
import itertools
import json
from threading import current_thread

import pytest
import yaml

from service.access.api_keys import new_key
from service.access.caller import SCOPES
from service.access.gate import Gate
from service.settings import Settings
from tests.conftest import EXAMPLES, root_logger_kept
from tests.generated import scopes_by_route

with root_logger_kept():
    ROUTES = scopes_by_route()
UNKNOWN_ID = "01a1fe5a-faae-7450-b034-45074be17521"
BODIES = {
    "POST /v1/assessments": json.loads((EXAMPLES / "skeletal-metastases-cycle-3.json").read_text("utf-8")),
    "POST /v1/assessments/search": {"patient_id": "demo-017"},
    "POST /v1/assessments/{id}/reviews": {"decision": "agreed", "reviewer": "Dr. Example"},
}
SETS_OF_SCOPES = [set(some) for size in range(len(SCOPES) + 1) for some in itertools.combinations(SCOPES, size)]


def called(service, route, headers=None):
    method, path = route.split()
    path = path.replace("{id}", UNKNOWN_ID).replace("{name}", "alkaline_phosphatase")
    body = json.dumps(BODIES[route]) if route in BODIES else None
    headers = {"content-type": "application/json", **(headers or {})}
    return service.request(method, path, content=body, headers=headers)


def bearing(secret):
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A key for every set of scopes, and the file that lists them."""
    secrets, entries = {}, []
    for scopes in SETS_OF_SCOPES:
        if scopes:
            made = new_key("-".join(sorted(scopes)), scopes)
            secrets[frozenset(scopes)] = made.secret
            entries += yaml.safe_load(made.entry)
    file = tmp_path_factory.mktemp("keys") / "keys.yaml"
    file.write_text(yaml.safe_dump({"keys": entries}), "utf-8")
    return file, secrets


@pytest.fixture
def guarded(start, keys):
    return start(Settings(api_keys_file=keys[0], requests_per_minute=10_000))


def test_every_clinical_route_asks_for_a_scope_and_only_probes_are_open():
    opened = {route for route, scope in ROUTES.items() if scope == "open"}
    described = {"GET /cds-services", "GET /fhir/metadata", "GET /fhir/OperationDefinition/prrt-assess"}
    assert opened == {"GET /livez", "GET /readyz", "GET /metrics", *described}
    assert set(ROUTES.values()) <= {"open", "any", "CDS client", *SCOPES}


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_lets_in_whom_the_table_says_and_nobody_else(guarded, keys, route):
    needed = ROUTES[route]
    for scopes, secret in keys[1].items():
        status = called(guarded, route, bearing(secret)).status_code
        if needed == "CDS client":
            assert status == 401, (route, scopes)
        elif needed in ("open", "any") or needed in scopes:
            assert status not in (401, 403), (route, scopes)
        else:
            assert status == 403, (route, scopes)
    assert (called(guarded, route).status_code == 401) == (needed != "open")


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_the_documentation_is_open(guarded, path):
    assert guarded.get(path).status_code == 200


def test_a_refusal_says_nothing_but_that_it_is_one(guarded, keys):
    lacking = called(guarded, "POST /v1/assessments", bearing(keys[1][frozenset({"read"})]))
    assert (lacking.status_code, lacking.json()["detail"]) == (403, "")
    wrong = [
        called(guarded, "POST /v1/assessments", headers)
        for headers in (None, bearing("prrt_" + 43 * "A"), bearing("a.b.c"), {"authorization": "Basic YTpi"})
    ]
    assert {answer.status_code for answer in wrong} == {401}
    assert len({answer.content for answer in wrong}) == 1
    assert {answer.headers["www-authenticate"] for answer in wrong} == {"Bearer"}


def test_two_credentials_are_none(guarded, keys):
    secret = keys[1][frozenset(SCOPES)]
    headers = [("authorization", f"Bearer {secret}"), ("authorization", f"Bearer {secret}")]
    assert guarded.request("GET", "/v1/rules", headers=headers).status_code == 401


def test_the_record_names_the_key_that_called(guarded, keys, skeletal):
    secret = keys[1][frozenset(SCOPES)]
    answer = called(guarded, "POST /v1/assessments", bearing(secret))
    entry = guarded.app.state.recorder.store.find(answer.json()["id"])
    assert entry.draft.caller == f"api-key:{'-'.join(sorted(SCOPES))}"


def test_on_the_loopback_with_nothing_configured_everybody_may_call_and_the_log_says_so(start, skeletal):
    service = start()
    assert service.assess(skeletal).status_code == 200
    assert any(line["level"] == "warning" and "everybody on this machine" in line["event"] for line in service.logged())


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("[::1]:8000", 200),
        ("rebound.example", 401),
        ("127.0.0.1.example", 401),
        ("", 401),
    ],
)
def test_the_open_loopback_answers_loopback_names_only(start, host, status):
    assert start().get("/v1/rules", headers={"host": host}).status_code == status


def test_on_any_other_address_with_nothing_configured_only_probes_are_answered(start):
    service = start(open_on_loopback=False)
    assert (service.get("/livez").status_code, service.get("/readyz").status_code) == (200, 200)
    statuses = {route: called(service, route).status_code for route, scope in ROUTES.items() if scope != "open"}
    assert set(statuses.values()) == {401}
    assert any(line["level"] == "warning" and "every clinical request gets 401" in line["event"] for line in service.logged())


def test_keys_close_the_loopback_too(guarded):
    assert guarded.get("/v1/rules").status_code == 401


def test_access_that_is_not_configured_right_lets_nobody_in_and_says_why(start, tmp_path):
    service = start(Settings(api_keys_file=tmp_path / "nowhere.yaml"))
    assert service.get("/v1/rules").status_code == 401
    ready = service.get("/readyz")
    assert (ready.status_code, "PRRT_API_KEYS_FILE" in ready.json()["detail"]) == (503, True)


def test_a_keys_file_that_breaks_while_running_makes_the_service_not_ready(start, tmp_path, monkeypatch):
    file = tmp_path / "keys.yaml"
    file.write_text(yaml.safe_dump({"keys": yaml.safe_load(new_key("ehr", ["assess"]).entry)}), "utf-8")
    service = start(Settings(api_keys_file=file))
    assert service.get("/readyz").status_code == 200
    monkeypatch.setattr(type(service.app.state.gate), "problem", lambda _: "PRRT_API_KEYS_FILE: cannot be read")
    assert service.get("/readyz").status_code == 503


def test_nobody_waits_while_a_token_is_checked(guarded, keys, monkeypatch):
    checked_by = []

    def caller(gate, authorization):
        checked_by.append(current_thread())

    monkeypatch.setattr(Gate, "caller", caller)
    called(guarded, "GET /v1/rules", {"authorization": "Bearer one.of.an-issuer"})
    called(guarded, "GET /v1/rules", bearing(keys[1][frozenset({"read"})]))
    assert [each.name.startswith("asyncio") for each in checked_by] == [True, False]


def test_who_asks_too_often_waits_and_nobody_else(start, keys):
    service = start(Settings(api_keys_file=keys[0], requests_per_minute=2))
    often, other = (bearing(keys[1][frozenset({scope})]) for scope in ("read", "assess"))
    assert [called(service, "GET /v1/rules", often).status_code for _ in range(3)] == [200, 200, 429]
    assert int(called(service, "GET /v1/rules", often).headers["retry-after"]) > 0
    assert called(service, "GET /v1/rules", other).status_code == 200


def test_refusals_are_counted_by_their_reason(guarded, keys):
    called(guarded, "GET /v1/rules")
    called(guarded, "POST /v1/assessments", bearing(keys[1][frozenset({"read"})]))
    text = guarded.get("/metrics").text
    assert 'prrt_requests_refused_total{reason="unauthenticated"} 1.0' in text
    assert 'prrt_requests_refused_total{reason="forbidden"} 1.0' in text


def test_no_credential_reaches_log_or_metrics(guarded, keys):
    secret = keys[1][frozenset({"read"})]
    called(guarded, "GET /v1/rules", bearing(secret))
    digest = hashlib.sha256(secret.encode()).hexdigest()
    for shown in (guarded.log.getvalue(), guarded.get("/metrics").text):
        assert secret not in shown
        assert digest not in shown
