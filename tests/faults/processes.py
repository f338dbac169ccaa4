"""The service as a process that may be killed, and requests to it."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

from tests.conftest import COMMAND, environment_with

Address = tuple[str, int]
_RUNNING = re.compile(r"running on http://(127\.0\.0\.1):(\d+)")
PATIENCE = 60  # seconds; a bound for everything that has no bound of its own


def wait_until(holds: Callable[[], bool], seconds: float = PATIENCE, *, every: float = 0.02) -> None:
    """Wait for something to become true. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"not so within {seconds:g} s: {holds.__qualname__}")
        time.sleep(every)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and how long it took."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    seconds: float

    @property
    def problem(self) -> dict[str, Any]:
        """The body of an error."""
        return json.loads(self.body)


def exchange(connection: HTTPConnection, method: str, path: str, body: bytes | None = None, key: str | None = None) -> Answer:
    """One request over a connection that is kept. Raises OSError and HTTPException."""
    headers = {"Idempotency-Key": key} if key else {}
    if body is not None:
        headers["Content-Type"] = "application/json"
    started = time.monotonic()
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    content = response.read()
    told = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, told, content, time.monotonic() - started)


def ask(address: Address, path: str, seconds: float = PATIENCE) -> Answer:
    """A GET over a connection of its own. Raises TimeoutError."""
    connection = HTTPConnection(*address, timeout=seconds)
    try:
        return exchange(connection, "GET", path)
    finally:
        connection.close()


class Service:
    """`prrt-cds serve` on a free port. With `code`, the package `service` is taken from that folder."""

    def __init__(self, folder: Path, code: Path | None = None, **settings: object) -> None:
        self._folder, self._runs = folder, count()
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = environment_with(folder, PRRT_REQUESTS_PER_MINUTE=10_000_000, **settings)
        if code is not None:
            self.environment["PYTHONPATH"] = str(code)
        self.data = Path(self.environment["PRRT_DATA_DIR"])
        self.url = self.environment.get("PRRT_DATABASE_URL")
        self.process: subprocess.Popen[bytes] | None = None
        self.output = folder / "output"

    def begin(self) -> None:
        """Start the process; `address` is known once it listens."""
        self.output = self._folder / f"output-{next(self._runs)}"
        with self.output.open("wb") as file:
            called = [COMMAND, "serve", "--port", "0"]
            self.process = subprocess.Popen(called, stdout=file, stderr=subprocess.STDOUT, env=self.environment)

    def start(self) -> None:
        """Start the process and wait until it is ready."""
        self.begin()
        self.wait_until_it_listens()
        wait_until(self.is_ready)

    def wait_until_it_listens(self) -> None:
        """Ready or not."""
        wait_until(lambda: self.is_listening() or not self.is_alive())
        assert self.is_alive(), self.log()

    def is_listening(self) -> bool:
        return _RUNNING.search(self.log()) is not None

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        return self.readiness().status == 200

    def readiness(self) -> Answer:
        return self.get("/readyz")

    @property
    def address(self) -> Address:
        """Where it listens. Raises ConnectionError if it has not said so yet."""
        found = _RUNNING.search(self.log())
        if found is None:
            raise ConnectionError("it does not listen yet")
        return found[1], int(found[2])

    def log(self) -> str:
        return self.output.read_text("utf-8")

    def get(self, path: str, seconds: float = PATIENCE) -> Answer:
        return ask(self.address, path, seconds)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, seconds: float = PATIENCE) -> int:
        """The code that it exits with, by itself. Raises subprocess.TimeoutExpired."""
        assert self.process is not None
        return self.process.wait(seconds)

    def kill(self) -> None:
        """SIGKILL: nothing can be done about it."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Stop it, by force if need be."""
        if self.is_alive():
            self.signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.wait(5)
        if self.is_alive():
            self.kill()


@contextmanager
def started(*services: Service) -> Iterator[None]:
    """These processes, started at the same time; all of them gone in the end."""
    try:
        with ThreadPoolExecutor(len(services)) as pool:
            list(pool.map(Service.start, services))
        yield
    finally:
        for service in services:
            service.end()
