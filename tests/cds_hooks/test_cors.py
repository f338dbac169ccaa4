"""Which web pages may call: those of the configured origins, without cookies, and they learn of errors too."""

import dataclasses
import json

import pytest

from service.engine import build
from service.settings import Settings
from service.verdict import Rule
from tests.access.cds_client import CLIENT, PUBLIC_URL, cds_token
from tests.access.issuer import ec_key, jwk, key_set
from tests.cds_hooks.fhir_server import call, kit

ORIGIN, SECOND = "https://sandbox.cds-hooks.example", "http://localhost:8080"
ALLOWED = "access-control-allow-origin"
SERVICE = "/cds-services/prrt-patient-view"
JSON = {"content-type": "application/json"}


@pytest.fixture
def settings():
    return Settings(cors_origins=f"{ORIGIN}, {SECOND}")


@pytest.fixture
def service(start, settings):
    return start(settings)


def preflight(service, path, origin=ORIGIN, method="POST", headers="authorization, content-type", **more):
    asked = {"origin": origin, "access-control-request-method": method, "access-control-request-headers": headers, **more}
    return service.request("OPTIONS", path, headers={name: value for name, value in asked.items() if value is not None})


def about_cors(answer):
    return {name for name in answer.headers if name.startswith("access-control-")}


@pytest.mark.parametrize("origin", [ORIGIN, SECOND])
@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/cds-services", "GET"),
        (SERVICE, "POST"),
        (f"{SERVICE}/feedback", "POST"),
        ("/cds-services/nothing", "POST"),
        ("/v1/assessments", "POST"),
        ("/fhir/metadata", "GET"),
        ("/fhir/$prrt-assess", "POST"),
    ],
)
def test_i_208_a_configured_origin_may_ask_and_send_its_token_and_json(service, origin, path, method):
    answer = preflight(service, path, origin, method)
    assert (answer.status_code, answer.headers[ALLOWED]) == (200, origin)
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    told = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type"} <= told
    assert "origin" in answer.headers["vary"].lower()


@pytest.mark.parametrize("headers", ["authorization", "content-type", "Authorization,Content-Type", "idempotency-key", None])
def test_each_header_that_a_client_sends_is_allowed(service, headers):
    assert preflight(service, SERVICE, headers=headers).status_code == 200


@pytest.fixture
def guarded(start, tmp_path):
    file = tmp_path / "jwks.json"
    file.write_bytes(key_set(jwk(ec_key("P-384"))))
    return start(Settings(cors_origins=ORIGIN, cds_issuers=CLIENT, cds_jwks_file=file, public_url=PUBLIC_URL))


def test_i_208_a_preflight_needs_no_credentials(guarded):
    assert preflight(guarded, SERVICE).status_code == 200
    assert call(guarded, kit(), origin=ORIGIN).status_code == 401
    answer = call(guarded, kit(), origin=ORIGIN, authorization=f"Bearer {cds_token()}")
    assert (answer.status_code, answer.headers[ALLOWED]) == (200, ORIGIN)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_no_other_method_is_allowed(service, method):
    answer = preflight(service, SERVICE, method=method)
    assert answer.status_code == 400
    assert method not in answer.headers.get("access-control-allow-methods", "")


def test_no_other_header_is_allowed(service):
    assert preflight(service, SERVICE, headers="x-evil").status_code == 400


OTHERS = [
    "https://evil.example",
    "null",
    "",
    "*",
    ORIGIN.upper(),
    f"{ORIGIN}/",
    f"{ORIGIN}:443",
    f"{ORIGIN}.evil.example",
    ORIGIN.replace("https", "http"),
    ORIGIN.replace("sandbox.", "evil-sandbox."),
    ORIGIN.replace("sandbox.", ""),
    f"{ORIGIN}, {SECOND}",
    f"{ORIGIN} {SECOND}",
    "http://localhost",
    "http://localhost:8081",
    "http://127.0.0.1:8080",
]


@pytest.mark.parametrize("origin", OTHERS)
def test_any_other_origin_is_allowed_nothing(service, origin):
    refused = preflight(service, SERVICE, origin)
    assert refused.status_code == 400
    assert ALLOWED not in refused.headers
    answer = call(service, kit(), origin=origin)
    assert (answer.status_code, about_cors(answer)) == (200, set())


def test_no_page_may_send_cookies(service):
    answers = [preflight(service, SERVICE), call(service, kit(), origin=ORIGIN), service.get("/cds-services", {"origin": ORIGIN})]
    assert [answer.headers[ALLOWED] for answer in answers] == [ORIGIN] * 3
    assert not any("access-control-allow-credentials" in answer.headers for answer in answers)
    assert not any("set-cookie" in answer.headers for answer in answers)


@pytest.mark.parametrize("origin", [ORIGIN, SECOND])
def test_an_answer_names_the_origin_that_asked_and_caches_keep_them_apart(service, origin):
    answer = call(service, kit(), origin=origin)
    assert (answer.status_code, answer.headers[ALLOWED]) == (200, origin)
    assert "Origin" in answer.headers["vary"]


def test_who_names_no_origin_is_told_nothing_of_origins(service):
    answer = call(service, kit())
    assert (answer.status_code, about_cors(answer)) == (200, set())


def sent(service, method="POST", path=SERVICE, body=None, **headers):
    body = json.dumps(kit()) if body is None else body
    return service.request(method, path, content=body, headers={"origin": ORIGIN, **JSON, **headers})


ERRORS = {
    400: lambda service: sent(service, body="{}"),
    401: lambda service: sent(service, host="rebound.example"),
    404: lambda service: sent(service, path="/cds-services/nothing"),
    405: lambda service: sent(service, "GET"),
    412: lambda service: sent(service, body=json.dumps({**kit(), "prefetch": {}})),
    413: lambda service: sent(service, path="/v1/assessments", body="x" * 2_000_000),
    415: lambda service: sent(service, **{"content-type": "text/plain"}),
    422: lambda service: sent(service, body="["),
}


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_of_the_caller_is_shown_to_the_page(service, status):
    answer = ERRORS[status](service)
    assert (answer.status_code, answer.headers.get(ALLOWED)) == (status, ORIGIN)


def test_a_page_that_asks_too_often_is_shown_that(start):
    service = start(Settings(cors_origins=ORIGIN, requests_per_minute=1))
    assert [sent(service).status_code, (refused := sent(service)).status_code] == [200, 429]
    assert refused.headers[ALLOWED] == ORIGIN


def test_a_service_that_is_not_ready_is_shown_to_the_page(service, monkeypatch):
    service.lose_the_record(monkeypatch, "The record is away.")
    answer = sent(service)
    assert (answer.status_code, answer.headers.get(ALLOWED)) == (503, ORIGIN)


def test_an_overloaded_service_is_shown_to_the_page(start):
    service = start(Settings(cors_origins=ORIGIN, max_in_flight=1))

    async def several():
        body = json.dumps(kit())
        tasks = [
            service._runner.get_loop().create_task(
                service._client.post(SERVICE, content=body, headers={"origin": ORIGIN, **JSON})
            )
            for _ in range(4)
        ]
        return [await task for task in tasks]

    answers = service._runner.run(several())
    assert sorted({answer.status_code for answer in answers}) == [200, 503]
    assert {answer.headers.get(ALLOWED) for answer in answers} == {ORIGIN}


def test_a_crash_is_shown_to_the_page(start, settings):
    def crashing(settings):
        def judge(facts):
            raise ZeroDivisionError

        engine = build(settings)
        return dataclasses.replace(engine, rules=(Rule("Crash", engine.rules[0].evidence, judge),))

    answer = sent(start(settings, crashing))
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (500, "exception")
    assert answer.headers.get(ALLOWED) == ORIGIN


def test_a_preflight_is_logged_and_counted_like_any_request(service):
    answer = preflight(service, SERVICE)
    assert answer.headers["x-request-id"]
    (line,) = service.logged_of_requests()
    assert (line["method"], line["status"]) == ("OPTIONS", 200)
    assert ORIGIN not in service.log.getvalue()


@pytest.mark.parametrize("origins", ["", " , "])
def test_without_configured_origins_nothing_is_said_of_them(start, origins):
    service = start(Settings(cors_origins=origins))
    refused = preflight(service, SERVICE)
    assert refused.status_code == 405
    answers = [
        refused,
        call(service, kit(), origin=ORIGIN),
        service.get("/cds-services", {"origin": ORIGIN}),
        sent(service, body="{}"),
    ]
    assert [about_cors(answer) for answer in answers] == [set()] * 4


def test_a_page_may_not_read_what_the_service_shows_to_another_name(service):
    answer = call(service, kit(), origin=ORIGIN, host="rebound.example")
    assert answer.status_code == 401
