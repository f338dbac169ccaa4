"""A crash is a bare 500 to the caller and a type in the log; its message could hold a patient value."""

import asyncio
import dataclasses
import logging

import httpx
import pytest
from fastapi import FastAPI, Query
from starlette.requests import ClientDisconnect

from service.api import problems
from service.api.request_log import Crashes, RequestLog
from service.engine import build
from service.metrics import Metrics
from service.tracing import Tracing
from service.verdict import Rule

CANARY = "zebra-4711"


def _engine_with_a_rule_that_crashes(settings):
    def judge(facts):
        raise ZeroDivisionError(f"{CANARY} {facts.state.patient.id}")

    engine = build(settings)
    return dataclasses.replace(engine, rules=(Rule("Crash", engine.rules[0].evidence, judge),))


@pytest.fixture
def crashing(start):
    return start(None, _engine_with_a_rule_that_crashes)


def test_a_crash_is_a_bare_problem(crashing, skeletal):
    answer = crashing.assess(skeletal)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:prrt-cds:problem:internal-error",
        "title": "Internal error",
        "status": 500,
        "detail": f"Quote the request id {answer.headers['x-request-id']}.",
        "errors": [],
    }


def test_the_log_of_a_crash_names_its_type_and_place_and_not_its_message(crashing, skeletal):
    answer = crashing.assess(skeletal)
    crash, request = crashing.logged_of_requests()
    assert crash["event"] == "crash"
    assert crash["error"] == "ZeroDivisionError"
    assert crash["request_id"] == request["request_id"] == answer.headers["x-request-id"]
    assert crash["where"][-1].startswith("judge:")
    assert request["status"] == 500
    assert CANARY not in crashing.log.getvalue()
    assert "demo-017" not in crashing.log.getvalue()


def test_the_log_of_a_crash_that_cannot_be_written_does_not_print_its_message(crashing, skeletal, capsys):
    logging.getLogger().handlers[0].stream.close()
    assert crashing.assess(skeletal).status_code == 500
    assert CANARY not in "".join(capsys.readouterr())


def test_a_crash_after_the_answer_began_is_logged_and_not_answered_twice(client):
    sent = []

    async def begins_and_crashes(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise OSError(CANARY)

    async def send(message):
        sent.append(message["type"])

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(RequestLog(Crashes(begins_and_crashes), Metrics(), Tracing(), lambda: False)(scope, None, send))
    assert sent == ["http.response.start"]
    crash, request = client.logged_of_requests()
    assert crash["error"] == "OSError"
    assert request["status"] == 200
    assert request["route"] == "unmatched"
    assert CANARY not in client.log.getvalue()


def test_a_caller_who_goes_away_is_no_crash(client):
    async def left(scope, receive, send):
        raise ClientDisconnect

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(RequestLog(Crashes(left), Metrics(), Tracing(), lambda: False)(scope, None, None))
    (request,) = client.logged_of_requests()
    assert request["status"] == 499


def test_what_is_no_http_request_passes_unlogged(client):
    passed = []

    async def app(scope, receive, send):
        passed.append(scope["type"])

    asyncio.run(RequestLog(app, Metrics(), Tracing(), lambda: False)({"type": "lifespan"}, None, None))
    assert passed == ["lifespan"]
    assert client.logged_of_requests() == []


def test_a_parameter_that_the_framework_refuses_is_a_problem_without_its_value():
    app = FastAPI()
    problems.install(app)

    @app.get("/read")
    async def read(cycle: int = Query()):
        return cycle

    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service.test") as client:
            return await client.get("/read", params={"cycle": CANARY})

    answer = asyncio.run(ask())
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"pointer": "", "message": "is not valid"}]
    assert CANARY not in answer.text
