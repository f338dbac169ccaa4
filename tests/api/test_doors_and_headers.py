"""What stands before every route: how many are let in at once, and what a browser is told."""

import asyncio
import re
from base64 import b64encode
from hashlib import sha256

import pytest

from service.api.in_flight import ALWAYS_LET_IN, InFlight
from service.api.security_headers import STRICT
from service.metrics import Metrics


class Held:
    """An application that answers when it is told to, or breaks."""

    def __init__(self):
        self.entered, self.let_go = 0, asyncio.Event()

    async def __call__(self, scope, receive, send):
        self.entered += 1
        await self.let_go.wait()
        if scope["path"] == "/breaks":
            raise RuntimeError
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def status_of(app, path, **more):
    statuses = []

    async def send(message):
        statuses.append((message.get("status"), dict(message.get("headers", ()))))

    await app({"type": "http", "path": path, "method": "GET", "headers": [], **more}, None, send)
    return statuses[0]


async def first_then(path_of_the_first, path_of_the_second, most=1):
    """What the second request gets while `most` first ones are being answered, and what it gets after them."""
    held = Held()
    door = InFlight(held, most, Metrics())
    first = [asyncio.create_task(status_of(door, path_of_the_first)) for _ in range(most)]
    while held.entered < most:
        await asyncio.sleep(0)
    second = asyncio.create_task(status_of(door, path_of_the_second))
    for _ in range(5):
        await asyncio.sleep(0)
    during = second.result() if second.done() else None
    held.let_go.set()
    await asyncio.gather(*first, second, return_exceptions=True)
    return during, await status_of(door, path_of_the_second)


@pytest.mark.parametrize("most", [1, 3])
def test_one_more_than_are_let_in_at_once_is_told_to_come_again(most):
    during, after = asyncio.run(first_then("/v1/assessments", "/v1/assessments", most))
    assert (during[0], int(during[1][b"retry-after"]) > 0, after[0]) == (503, True, 200)


@pytest.mark.parametrize("path", sorted(ALWAYS_LET_IN))
def test_a_probe_is_always_let_in(path):
    during, after = asyncio.run(first_then("/v1/assessments", path))
    assert (during, after[0]) == (None, 200)


def test_behind_a_proxy_that_keeps_its_prefix_a_probe_is_let_in_and_the_documentation_runs_its_script(client, monkeypatch):
    door = InFlight(Held(), 0, Metrics())
    door.app.let_go.set()
    told = asyncio.run(status_of(door, "/board/livez", root_path="/board"))
    assert told[0] == 200
    monkeypatch.setattr(client.app, "root_path", "/board")
    assert "sha256-" in client.get("/board/docs").headers["content-security-policy"]


def test_a_request_that_broke_leaves_its_place():
    _, after = asyncio.run(first_then("/breaks", "/v1/assessments"))
    assert after[0] == 200


@pytest.mark.parametrize("path", ["/livez", "/v1/rules", "/nowhere", "/openapi.json", "/metrics"])
def test_every_answer_tells_a_browser_to_do_nothing_with_it(client, path):
    headers = client.get(path).headers
    assert headers["content-security-policy"] == STRICT
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_the_page_of_the_documentation_may_run_its_own_script_and_no_other(client):
    page = client.get("/docs")
    policy = page.headers["content-security-policy"]
    (script,) = re.findall(rb"<script>(.*?)</script>", page.content, re.DOTALL)
    assert f"'sha256-{b64encode(sha256(script).digest()).decode()}'" in policy
    (scripts,) = re.findall(r"script-src ([^;]*);", policy)
    assert "unsafe" not in scripts
    assert "http" not in scripts
