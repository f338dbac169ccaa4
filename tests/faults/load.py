"""Clients that post patients, and remember what was acknowledged."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from itertools import count, cycle
from threading import Event, Lock, Thread
from uuid import uuid4

from tests.conftest import EXAMPLES
from tests.faults.processes import PATIENCE, Address, Answer, ask, exchange, wait_until

_SECONDS_BEFORE_THE_SAME_AGAIN = 0.05


@dataclass(frozen=True, slots=True)
class Asked:
    """One request like no other: its patient's id is its key."""

    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A request whose whole answer came, with 200, and could be read."""

    asked: Asked
    id: str
    answer_sha256: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that was refused (with an answer), or whose connection broke (without)."""

    key: str
    at: float  # time.monotonic()
    answer: Answer | None
    error: str


def digest(body: bytes) -> str:
    """How bytes are compared."""
    return sha256(body).hexdigest()


def patients() -> Iterator[Asked]:
    """The example patients in turn, each time under another id."""
    name = f"load-{uuid4().hex[:8]}"
    told = [json.loads(path.read_text("utf-8")) for path in sorted(EXAMPLES.glob("*.json"))]
    for number, patient in zip(count(), cycle(told)):
        key = f"{name}-{number}"
        yield Asked(key, json.dumps(patient | {"patient": patient["patient"] | {"id": key}}).encode())


class Load:
    """Concurrent clients with kept connections. What failed is sent again with its key, until it is acknowledged."""

    def __init__(self, where: Callable[[int], Address], clients: int = 4, pause: float = 0) -> None:
        """`where` says, each time, where the client with that number sends to."""
        self._where, self._clients, self._pause = where, clients, pause
        self._patients, self._lock, self._stop = patients(), Lock(), Event()
        self.asked: dict[str, Asked] = {}
        self.acknowledged: dict[str, Acknowledged] = {}
        self.failures: list[Failure] = []
        self.different: list[str] = []  # keys that were answered again, with another answer
        self._open: deque[Asked] = deque()

    @classmethod
    def to_nobody(cls) -> "Load":
        """A place to put together what others asked."""
        return cls(lambda _: ("127.0.0.1", 0))

    def add(self, other: "Load") -> None:
        """Take over what another load asked, and what of it was acknowledged."""
        self.asked |= other.asked
        self.acknowledged |= other.acknowledged

    @property
    def broke_off(self) -> set[str]:
        """The requests that did not succeed at the first time."""
        return {failure.key for failure in self.failures}

    @contextmanager
    def running(self) -> Iterator["Load"]:
        """The clients send while the block runs; afterwards each has its last answer."""
        self._stop.clear()
        threads = [Thread(target=self._send, args=[number], name=f"client-{number}") for number in range(self._clients)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def wait_for_more(self, acknowledged: int, seconds: float = PATIENCE) -> None:
        """Wait until so many more are acknowledged."""
        wanted = len(self.acknowledged) + acknowledged
        wait_until(lambda: len(self.acknowledged) >= wanted, seconds)

    def one(self, address: Address, *, with_key: bool = True, seconds: float = PATIENCE) -> Answer:
        """The answer to one request; if there is none, or another than 200, `finish` sends it again."""
        asked = self.take()
        connection = HTTPConnection(*address, timeout=seconds)
        try:
            answer = exchange(connection, "POST", "/v1/assessments", asked.body, asked.key if with_key else None)
            if answer.status == 200:
                self._acknowledge(asked, answer)
        finally:
            connection.close()
            if asked.key not in self.acknowledged:
                self._open.append(asked)
        return answer

    def read_one(self, address: Address, seconds: float = PATIENCE) -> Answer:
        """The answer to the question for an assessment that was acknowledged."""
        (first, *_) = self.acknowledged.values()
        return ask(address, f"/v1/assessments/{first.id}", seconds)

    def finish(self, address: Address) -> None:
        """Send what was never acknowledged until it is."""
        connection, end = HTTPConnection(*address, timeout=PATIENCE), time.monotonic() + PATIENCE
        while self._open and time.monotonic() < end:
            self._try(connection, self._open.popleft())
        connection.close()
        assert not self._open, self.failures[-1]

    def repeat(self, address: Address, most: int = 10) -> None:
        """Send the latest of what was acknowledged again; see that each answer is the same."""
        connection, end = HTTPConnection(*address, timeout=PATIENCE), time.monotonic() + PATIENCE
        for before in list(self.acknowledged.values())[-most:]:
            answer = exchange(connection, "POST", "/v1/assessments", before.asked.body, before.asked.key)
            while answer.status == 503 and time.monotonic() < end:
                time.sleep(_SECONDS_BEFORE_THE_SAME_AGAIN)
                answer = exchange(connection, "POST", "/v1/assessments", before.asked.body, before.asked.key)
            if answer.status != 200 or digest(answer.body) != before.answer_sha256:
                self.different.append(before.asked.key)
        connection.close()

    def _send(self, number: int) -> None:
        connection: HTTPConnection | None = None
        while not self._stop.is_set():
            try:
                address = self._where(number)
            except ConnectionError:
                time.sleep(_SECONDS_BEFORE_THE_SAME_AGAIN)
                continue
            if connection is None or (connection.host, connection.port) != address:
                if connection is not None:
                    connection.close()
                connection = HTTPConnection(*address, timeout=PATIENCE)
            self._try(connection, self.take())
            if self._pause:
                time.sleep(self._pause)
        if connection is not None:
            connection.close()

    def take(self) -> Asked:
        """The next request to be sent."""
        with self._lock:
            if self._open:
                return self._open.popleft()
            asked = next(self._patients)
            self.asked[asked.key] = asked
            return asked

    def _acknowledge(self, asked: Asked, answer: Answer) -> None:
        told = json.loads(answer.body)
        with self._lock:
            self.acknowledged[asked.key] = Acknowledged(asked, told["id"], digest(answer.body))

    def _try(self, connection: HTTPConnection, asked: Asked) -> None:
        """Send one request; if it fails, put it back."""
        answer, error = None, ""
        try:
            answer = exchange(connection, "POST", "/v1/assessments", asked.body, asked.key)
            if answer.status == 200:
                self._acknowledge(asked, answer)
                return
            error = f"{answer.status} {answer.body[:300]!r}"
        except (OSError, HTTPException, ValueError) as failed:
            error = f"{type(failed).__name__}: {failed}"
            connection.close()
        with self._lock:
            self.failures.append(Failure(asked.key, time.monotonic(), answer, error))
            self._open.appendleft(asked)
        time.sleep(_SECONDS_BEFORE_THE_SAME_AGAIN)
