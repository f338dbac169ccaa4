"""A body that does not come in time ends in 408 and holds nobody up."""

import asyncio
import json

from service.api import dependencies
from service.app import create_app


async def answer_to_a_body_that_never_ends() -> tuple[int, dict[str, object]]:
    sent = []

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    app = create_app(open_on_loopback=True)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/assessments",
        "raw_path": b"/v1/assessments",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
    }
    async with app.router.lifespan_context(app):
        await app(scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_a_slow_body_is_a_problem_of_its_own(monkeypatch):
    monkeypatch.setattr(dependencies, "BODY_SECONDS", 0)
    status, problem = asyncio.run(answer_to_a_body_that_never_ends())
    assert status == 408
    assert problem["type"] == "urn:prrt-cds:problem:too-slow"
