"""Stopping: first not ready and still serving, then gone; nothing that was answered is lost."""

import signal
import subprocess
import time
from contextlib import contextmanager

import httpx
import pytest

from tests.conftest import COMMAND, address_of, environment_with


@contextmanager
def process(folder, **settings):
    output = folder / "output.txt"
    with output.open("wb") as file:
        environment = environment_with(folder, **settings)
        started = subprocess.Popen([COMMAND, "serve", "--port", "0"], stdout=file, stderr=subprocess.STDOUT, env=environment)
    try:
        yield started, address_of(started, output)
    finally:
        started.kill()
        started.wait(30)


def test_while_draining_it_is_not_ready_answers_and_closes_each_connection(tmp_path, skeletal):
    with process(tmp_path, PRRT_DRAIN_SECONDS=3) as (service, address), httpx.Client(base_url=address) as client:
        assert client.get("/readyz").status_code == 200
        service.send_signal(signal.SIGTERM)
        for _ in range(100):
            ready = client.get("/readyz")
            if ready.status_code == 503:
                break
            time.sleep(0.02)
        assert (ready.status_code, ready.json()["detail"], ready.headers["connection"]) == (
            503,
            "The service is stopping.",
            "close",
        )
        answer = client.post("/v1/assessments", json=skeletal)
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        assert service.wait(30) == -signal.SIGTERM
    verified = subprocess.run(
        [COMMAND, "audit", "verify"], env=environment_with(tmp_path), capture_output=True, text=True, check=True
    )
    assert verified.stdout.startswith("1 entries, 0 of them erased")


@pytest.mark.parametrize(
    ("settings", "signals"),
    [
        ({}, [signal.SIGTERM]),
        ({"PRRT_DRAIN_SECONDS": 300}, [signal.SIGINT]),
        ({"PRRT_DRAIN_SECONDS": 300}, [signal.SIGTERM, signal.SIGTERM]),
    ],
)
def test_without_a_drain_on_interrupt_or_told_twice_it_stops_at_once(tmp_path, settings, signals):
    with process(tmp_path, **settings) as (service, address):
        for each in signals:
            assert httpx.get(f"{address}/livez").status_code == 200
            service.send_signal(each)
            time.sleep(0.3)
        service.wait(30)
