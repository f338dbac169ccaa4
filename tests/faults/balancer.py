"""A load balancer: a new request goes to a replica that was ready when it was last looked at."""

import http.client
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Event, Lock, Thread
from typing import Self

from tests.faults.processes import Address, Service

SECONDS_BETWEEN_LOOKS = 0.3
_PASSED_ON = ("Content-Type", "Idempotency-Key")


class Balancer:
    """Keeps its connections, as its clients keep theirs. It never sends a request twice."""

    def __init__(self, *replicas: Service) -> None:
        self.ready: tuple[Service, ...] = replicas
        self.served = dict.fromkeys(replicas, 0)
        self._replicas, self._turn, self._lock, self._stop = replicas, count(), Lock(), Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.balancer = self
        self._threads = [Thread(target=self._look), Thread(target=self._server.serve_forever, args=[0.05])]

    @property
    def address(self) -> Address:
        return "127.0.0.1", self._server.server_port

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._server.shutdown()
        for thread in self._threads:
            thread.join()
        self._server.server_close()

    def next_replica(self) -> Service | None:
        with self._lock:
            ready = self.ready
            if not ready:
                return None
            chosen = ready[next(self._turn) % len(ready)]
            self.served[chosen] += 1
            return chosen

    def _look(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN_LOOKS):
            self.ready = tuple(each for each in self._replicas if _is_ready(each))


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    balancer: Balancer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._kept: dict[Service, http.client.HTTPConnection] = {}

    def finish(self) -> None:
        for connection in self._kept.values():
            connection.close()
        super().finish()

    def do_POST(self) -> None:  # the name that http.server calls
        body = self.rfile.read(int(self.headers["Content-Length"]))
        replica = self.server.balancer.next_replica()
        if replica is None:
            self._answer(503, b"no replica is ready", "text/plain")
            return
        connection = self._kept.setdefault(replica, http.client.HTTPConnection(*replica.address, timeout=60))
        try:
            headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
            connection.request("POST", self.path, body, headers)
            response = connection.getresponse()
            self._answer(response.status, response.read(), response.headers["Content-Type"])
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._answer(502, f"{type(error).__name__}: {error}".encode(), "text/plain")

    def _answer(self, status: int, body: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _is_ready(replica: Service) -> bool:
    with suppress(OSError, http.client.HTTPException):
        return replica.is_ready()
    return False
