"""A process that is told to stop answers what it has begun to answer."""

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.account import account_of
from tests.faults.databases import held, with_tables
from tests.faults.load import Load
from tests.faults.processes import Service, started, wait_until

REQUESTS = 6
ENDED = {0, -signal.SIGTERM}  # by itself: uvicorn gives itself the signal again once it has stopped


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgres)])
def service(request, tmp_path):
    settings = {"PRRT_RECORD_SECONDS": 30}
    if request.param == "PostgreSQL":
        settings["PRRT_DATABASE_URL"] = with_tables(request.getfixturevalue("postgres").new_database())
    service = Service(tmp_path, **settings)
    with started(service):
        yield service


def waiting(service):
    """How many entries wait to be written."""
    (line,) = (
        line for line in service.get("/metrics").body.decode().splitlines() if line.startswith("prrt_record_queue_entries ")
    )
    return float(line.split()[1])


def begun(service, asked):
    """A connection over which half of a request was sent."""
    connection = socket.create_connection(service.address, timeout=30)
    head = (
        f"POST /v1/assessments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nIdempotency-Key: {asked.key}\r\n"
    )
    connection.sendall(f"{head}Content-Length: {len(asked.body)}\r\n\r\n".encode() + asked.body[:40])
    return connection


def test_without_draining_what_is_under_way_is_recorded_and_answered_before_the_process_ends(service):
    load = Load(lambda _: service.address)
    half = load.take()
    with begun(service, half) as connection, ThreadPoolExecutor(REQUESTS) as pool:
        with held(service.data, service.url):
            sent = [pool.submit(load.one, service.address)]
            time.sleep(1)  # the writer takes it up, and waits
            sent += [pool.submit(load.one, service.address) for _ in range(REQUESTS - 1)]
            wait_until(lambda: waiting(service) == REQUESTS - 1)
            service.signal(signal.SIGTERM)
            time.sleep(0.5)
            assert service.is_alive()
        connection.sendall(half.body[40:])
        answers = [each.result() for each in sent]
        with connection.makefile("rb") as answer:
            assert answer.readline().startswith(b"HTTP/1.1 200 ")
            answer.read()
    assert [answer.status for answer in answers] == [200] * REQUESTS
    assert service.wait(30) in ENDED
    found = account_of(service, load)
    assert (found.wrong, found.assessments) == ({}, REQUESTS + 1)
