"""The FHIR server of an EHR: real HTTP on the loopback, answers that a test scripts, every request kept.

And what a test does with it: calls of hooks from the kit, what was recorded of them, what the cards say.
"""

import asyncio
import json
import re
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext
from threading import Event, Thread
from typing import Any
from urllib.parse import unquote

import httpx

from service.audit.database import FILE_NAME
from service.cds_hooks.catalogue import PREFETCH
from service.cds_hooks.fhir_server import FhirServer, http_client
from tests.access.issuer import answering
from tests.conftest import EXAMPLES, InProcess

HOST = "127.0.0.1"
TOKEN = "giraffe-4711.access_token~of+the/ehr=="  # noqa: S105
SKELETAL = "skeletal-metastases-cycle-3"
LONGEST = 30.0  # seconds that anything here may wait
_KEYS = {template: key for key, template in PREFETCH.items()}
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Asked:
    """One request that came."""

    key: str  # of the prefetch, else what stands after the address of the server
    target: str
    headers: Mapping[str, str]


class Ehr:
    """A server that holds the values of a prefetch; `says` tells it to answer something else to a key, or to any other path."""

    def __init__(self, holds: Mapping[str, Any]) -> None:
        self.holds, self.base = holds, ""
        self.says: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.stopping = Event()

    @property
    def keys(self) -> list[str]:
        """What was asked for, sorted."""
        return sorted(asked.key for asked in self.asked)

    @property
    def port(self) -> int:
        return httpx.URL(self.base).port or 0

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        key = key_of(request.path)
        self.asked.append(Asked(key, request.path, dict(request.headers)))
        held = as_json(self.holds[key]) if self.holds.get(key) else as_json(outcome("not found"), 404)
        self.says.get(key, held)(request)


def key_of(target: str) -> str:
    """The key of the prefetch that a request asks for; else what stands after the address of the server."""
    told = unquote(target).removeprefix("/fhir/")
    template = re.sub(r"(?<=^Patient/)[^/?]+$|(?<=[?&]patient=)[^&]*", "{{context.patientId}}", told)
    return _KEYS.get(template, told)


@contextmanager
def serving_ehr(holds: Mapping[str, Any] | None = None, tls: SSLContext | None = None) -> Iterator[Ehr]:
    """A running server; without anything to hold it answers 404."""
    ehr = Ehr(holds or {})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            try:
                ehr.answer(self)
            except OSError:
                self.close_connection = True  # whoever asked has gone

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size, daemon_threads = 128, True

    with Server((HOST, 0), Handler) as server:
        ehr.base = f"{'https' if tls else 'http'}://{HOST}:{server.server_port}/fhir"
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield ehr
        finally:
            ehr.stopping.set()
            server.shutdown()
            thread.join()


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer in FHIR's JSON."""
    return answering(json.dumps(value).encode(), status, **{"Content_Type": "application/fhir+json", **headers})


def outcome(text: str) -> dict[str, Any]:
    issue = {"severity": "error", "code": "processing", "diagnostics": text}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def never(ehr: Ehr) -> Answer:
    """No answer at all, until the test ends."""
    return lambda _: ehr.stopping.wait(LONGEST) and None


def dripping(ehr: Ehr, head: bytes = b"") -> Answer:
    """An answer that begins and then comes a space at a time, until the test ends."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(head)
        until = time.monotonic() + LONGEST
        while time.monotonic() < until and not ehr.stopping.wait(0.02):
            request.wfile.write(b" ")
            request.wfile.flush()

    return answer


def redirecting(address: str, status: int) -> Answer:
    """A redirect to that address."""
    return answering(b"", status, Location=address)


def endless(ehr: Ehr) -> Answer:
    """An answer without an end, as fast as it goes."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        until = time.monotonic() + LONGEST
        while time.monotonic() < until and not ehr.stopping.is_set():
            request.wfile.write(b" " * 65_536)

    return answer


def page(entries: list[Any], following: Any = None, **more: Any) -> dict[str, Any]:
    """One page of a search."""
    link = {} if following is None else {"link": [{"relation": "self", "url": "x"}, {"relation": "next", "url": following}]}
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **link, **more}


def kit(name: str = SKELETAL, hook: str = "patient-view") -> dict[str, Any]:
    """A call of the kit: everything known is sent along."""
    return json.loads((EXAMPLES / "cds-hooks" / f"{hook}-{name}.json").read_text("utf-8"))


def with_server(told: dict[str, Any], base: str, *missing: str, token: Any = TOKEN) -> dict[str, Any]:
    """That call with a FHIR server, without some keys of its prefetch."""
    prefetch = {key: value for key, value in told["prefetch"].items() if key not in missing}
    authorization = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.read",
        "subject": "prrt",
    }
    return {**told, "prefetch": prefetch, "fhirServer": base, "fhirAuthorization": authorization}


def call(service: InProcess, told: Any, **headers: str) -> httpx.Response:
    """Call the service of the hook."""
    body = json.dumps(told)
    return service.request(
        "POST", f"/cds-services/prrt-{told['hook']}", content=body, headers={"content-type": "application/json", **headers}
    )


def cards(answer: httpx.Response) -> Any:
    """What the cards of an answer say, without the ids that are new with every answer."""
    assert answer.status_code == 200, answer.text
    return _without_ids(answer.json()["cards"])


def _without_ids(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _without_ids(value) for name, value in node.items() if name not in ("uuid", "links")}
    return [_without_ids(each) for each in node] if isinstance(node, list) else node


def recorded(service: InProcess, answer: httpx.Response) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was recorded as asked and as answered, of an answer that has cards."""
    assert answer.status_code == 200, answer.text
    (link, *_) = answer.json()["cards"][0]["links"]
    draft = service.app.state.recorder.store.find(link["url"].rpartition("/")[2]).draft
    return json.loads(draft.request), json.loads(draft.answer)


def not_used(service: InProcess, answer: httpx.Response) -> list[tuple[str, str]]:
    """What was not used, and why."""
    return [(each["resource"], each["reason"]) for each in recorded(service, answer)[1]["intake"]["not_used"]]


def details(answer: httpx.Response) -> str:
    """What every card says at length."""
    assert answer.status_code == 200, answer.text
    return "\n".join(card["detail"] for card in answer.json()["cards"])


def whole_record(folder: Path) -> bytes:
    """Everything in the record, each compressed value unpacked."""
    found = bytearray()
    for file in folder.rglob("*"):
        if file.is_file():
            found += file.read_bytes()
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for table in tables for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608
    for value in (value for row in rows for value in row):
        found += _unpacked(value) if isinstance(value, bytes) else str(value).encode()
    return bytes(found)


def _unpacked(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


def server_at(
    client: Any, address: Any, hosts: Any = (HOST,), *, token: Any = TOKEN, seconds: float = 5, most_bytes: int = 1_000_000
) -> FhirServer | None:
    """The server at an address, if it may be asked."""
    return FhirServer.of(client, address, token, frozenset(hosts), seconds, most_bytes)


def fetched(ehr: Ehr, query: str = "Patient/demo-017", **how: Any) -> Mapping[str, Any]:
    """What is fetched from that server. Raises NotFetchedError."""

    async def fetch() -> Mapping[str, Any]:
        async with http_client() as client:
            server = server_at(client, ehr.base, **how)
            assert server is not None
            return await server.fetch(query)

    return asyncio.run(fetch())
