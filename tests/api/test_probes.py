"""What an operator asks: does the process live, and can it answer?"""

from service.app import create_app
from service.settings import Settings


def test_a_running_service_is_alive_and_ready(client):
    assert client.get("/livez").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}


CLINICAL = ["/v1/rules", "/v1/rules/alkaline_phosphatase", "/v1/evidence", "/v1/evidence/chandekar-2025", "/readyz"]


def _broken(_):
    raise FileNotFoundError("secret-place")


def test_a_service_that_could_not_build_its_engine_lives_and_says_so(start):
    client = start(Settings(), _broken)
    assert client.get("/livez").status_code == 200
    for route in CLINICAL:
        answer = client.get(route)
        assert answer.status_code == 503, route
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "type": "urn:prrt-cds:problem:not-ready",
            "title": "The service is not ready",
            "status": 503,
            "detail": "The engine could not be built (FileNotFoundError); see the log.",
            "errors": [],
        }
    (logged,) = (line for line in client.logged() if line["event"] == "not ready")
    assert logged["error"] == "FileNotFoundError: secret-place"


def test_a_service_without_an_engine_assesses_nobody(start, skeletal):
    answer = start(Settings(), _broken).assess(skeletal)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


def test_a_service_that_is_starting_is_not_ready(client):
    fresh = create_app(Settings()).state
    client.app.state.engine, client.app.state.not_ready_because = fresh.engine, fresh.not_ready_because
    assert client.get("/readyz").json()["detail"] == "The service is starting."


def test_a_setting_that_cannot_be_read_leaves_the_service_alive(monkeypatch, start):
    monkeypatch.setenv("PRRT_MAX_BODY_BYTES", "many")
    client = start()
    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "A setting cannot be used: PRRT_MAX_BODY_BYTES.")
