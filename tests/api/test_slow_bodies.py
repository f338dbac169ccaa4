"""A body that does not come in time ends in 408 and holds nobody up."""

import asyncio
import json

from service.api import dependencies
from service.api.board import sign_in
from service.api.in_flight import MOST_FROM_ANYBODY
from service.app import create_app
from service.settings import Settings


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


def scope_of(method, path, *headers):
    told = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path}
    return told | {"raw_path": path.encode(), "query_string": b"", "headers": [(b"host", b"127.0.0.1"), *headers]}


async def status_of(app, scope):
    """What is answered to a request of whose body one byte comes."""
    bodies, statuses = [{"type": "http.request", "body": b"a", "more_body": True}], []

    async def receive():
        if not bodies:
            await asyncio.Event().wait()
        return bodies.pop()

    async def send(message):
        statuses.append(message.get("status"))

    await app(scope, receive, send)
    return statuses[0]


async def while_nobody_knows_who_stalls():
    """What the first come, one more of their kind, and somebody else are told; and one of that kind after them."""
    app = create_app(Settings(max_in_flight=1), open_on_loopback=True)
    form = (b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"4096")
    stalling = scope_of("POST", "/sign-in", *form)
    async with app.router.lifespan_context(app):
        first = [asyncio.create_task(status_of(app, dict(stalling))) for _ in range(MOST_FROM_ANYBODY)]
        await asyncio.sleep(0.02)
        others = [await status_of(app, scope) for scope in (dict(stalling), scope_of("GET", "/v1/rules"))]
        return await asyncio.gather(*first), others, await status_of(app, dict(stalling))


def test_bodies_that_stall_before_anybody_knows_who_sends_them_take_nobody_elses_place(monkeypatch):
    monkeypatch.setattr(sign_in, "BODY_SECONDS", 0.5)
    assert asyncio.run(while_nobody_knows_who_stalls()) == ([408] * 8, [503, 200], 408)


def test_a_body_to_sign_in_with_is_short_and_must_come_soon():
    assert (sign_in.MOST_BYTES, sign_in.BODY_SECONDS) == (4096, 3)
