"""Many patients in one request (NDJSON) beside the same patients in requests of their own."""

import json
import sys
from http.client import HTTPConnection
from threading import Thread
from time import perf_counter
from urllib.parse import urlsplit

from tests.benchmarks.candidates import OUR_SETTINGS, PATIENT
from tests.benchmarks.processes import Server, serving
from tests.conftest import EXAMPLES

SIZES = (10, 100, 1_000, 10_000, 100_000)
LEAST = 1_000  # patients of one measurement
PATH = "/v1/assessments/batch"
SECONDS = 7_200
CORES = "0,1"  # a batch may use what a single request cannot


def measured(most: int) -> dict[int, tuple[float, float]]:
    """Patients a second, and milliseconds of CPU for each, by the size of the batch."""
    command = [sys.executable, "-c", "from service.cli.main import app; app()", "serve", "--port", "{port}"]
    with serving(command, "/readyz", OUR_SETTINGS, CORES) as server:
        _post(server, LEAST)  # starts the processes that a batch is shared among
        return {size: _measured(server, size) for size in SIZES if size <= most}


def _measured(server: Server, size: int) -> tuple[float, float]:
    """One batch, or so many small ones that the clock of the processes, which ticks every 10 ms, can tell."""
    times = max(1, LEAST // size)
    before, started = server.cpu_seconds, perf_counter()
    for _ in range(times):
        _post(server, size)
    patients = times * size
    return patients / (perf_counter() - started), 1000 * (server.cpu_seconds - before) / patients


def _post(server: Server, size: int) -> None:
    """One batch; what comes back is read while it comes, and must be a line for each patient."""
    patient = json.loads((EXAMPLES / f"{PATIENT}.json").read_bytes())
    line = (json.dumps(patient) + "\n").encode()
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=SECONDS)
    headers = {"content-type": "application/x-ndjson", "content-length": str(size * len(line))}
    try:
        connection.putrequest("POST", PATH)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answered = _exchanged(connection, line, size)
    finally:
        connection.close()
    if answered < size:
        raise RuntimeError(f"{answered} lines for {size} patients")


def _exchanged(connection: HTTPConnection, line: bytes, size: int) -> int:
    """Send from a thread of its own while the answer is read: neither side holds a whole batch."""

    def send() -> None:
        for _ in range(size):
            connection.send(line)

    sender = Thread(target=send, daemon=True)
    sender.start()
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"answered {answer.status}: {answer.read()[:500]!r}")
    lines = 0
    while chunk := answer.read1(1 << 16):
        lines += chunk.count(b"\n")
    sender.join()
    return lines
