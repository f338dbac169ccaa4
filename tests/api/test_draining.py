"""The server's own part of stopping, without a process: `tests/api/test_stopping.py` has the process."""

import asyncio
import signal
import time

import pytest
import uvicorn
from starlette.requests import ClientDisconnect

from service.api.request_log import CLIENT_CLOSED_REQUEST, RequestLog
from service.cli.serving import DrainingServer
from service.metrics import Metrics
from service.tracing import Tracing


@pytest.fixture
def draining(client):
    """A server of the application that drains for a moment."""
    return DrainingServer(uvicorn.Config(client.app), 0.05)


def test_on_sigterm_it_is_stopping_at_once_and_exits_after_the_drain(client, draining):
    draining.handle_exit(signal.SIGTERM, None)
    assert (client.app.state.is_stopping, draining.should_exit) == (True, False)
    for _ in range(200):
        if draining.should_exit:
            break
        time.sleep(0.02)
    assert draining.should_exit


def test_told_twice_it_exits_at_once(client):
    server = DrainingServer(uvicorn.Config(client.app), 300)
    server.handle_exit(signal.SIGTERM, None)
    assert not server.should_exit
    server.handle_exit(signal.SIGTERM, None)
    assert server.should_exit


@pytest.mark.parametrize(("sent", "drain_seconds"), [(signal.SIGINT, 300), (signal.SIGTERM, 0)])
def test_an_interrupt_and_a_server_without_a_drain_exit_at_once(client, sent, drain_seconds):
    server = DrainingServer(uvicorn.Config(client.app), drain_seconds)
    server.handle_exit(sent, None)
    assert (server.should_exit, client.app.state.is_stopping) == (True, False)


def test_a_service_that_is_stopping_is_not_ready_answers_and_closes_its_connections(client, skeletal):
    client.app.state.is_stopping = True
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["detail"], ready.headers["connection"]) == (503, "The service is stopping.", "close")
    answer = client.assess(skeletal)
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")


def test_a_client_that_is_gone_is_logged_as_that(client):
    async def gone(scope, receive, send):
        raise ClientDisconnect

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    asyncio.run(RequestLog(gone, Metrics(), Tracing(), lambda: False)(scope, None, None))
    assert [line["status"] for line in client.logged_of_requests()] == [CLIENT_CLOSED_REQUEST]
