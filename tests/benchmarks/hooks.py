"""A patient-view with many resources sent along, over HTTP to a process of its own, beside the same patient in our own format."""

from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import urlsplit

import simplejson

from tests.conftest import EXAMPLES, environment_with, serving
from tests.kit import hook_request

PATIENT = "held-and-resumed"
RESOURCES = 200
ROUNDS = 200
HEADERS = {"content-type": "application/json"}


def measured() -> Iterator[tuple[str, str]]:
    """What was measured, in words: median and 95th percentile of one call after the other, recorded, with fsync."""
    requests = {
        f"patient-view with {RESOURCES} resources sent along": ("/cds-services/prrt-patient-view", full_patient_view()),
        "the patient of these in our own format": ("/v1/assessments", (EXAMPLES / f"{PATIENT}.json").read_bytes()),
    }
    with TemporaryDirectory() as folder:
        environment = environment_with(Path(folder), PRRT_REQUESTS_PER_MINUTE=1_000_000)
        with serving(Path(folder), environment=environment) as (address, _), closing(_connected(address)) as connection:
            for what, (path, body) in requests.items():
                taken = [_seconds(connection, path, body) for _ in range(ROUNDS)]
                hundredths = quantiles(taken, n=100)
                yield f"{what} ({len(body) // 1024} KiB)", f"{_ms(hundredths[49])}, 95 % within {_ms(hundredths[94])}"


def full_patient_view() -> bytes:
    """The test patient with most resources, and as many older laboratory values as it takes."""
    told = hook_request(PATIENT, "prrt-patient-view")
    laboratory = told["prefetch"]["laboratory"]["entry"]
    others = sum(len(search.get("entry", ())) for search in told["prefetch"].values()) - len(laboratory)
    values = list(laboratory)
    for number in range(RESOURCES - others - len(values) - 1):
        value = values[number % len(values)]["resource"]
        day = f"{2020 + number % 4}-{1 + number % 12:02}-{1 + number % 28:02}"
        laboratory.append({"resource": value | {"id": f"older-{number}", "effectiveDateTime": day}})
    return simplejson.dumps(told, use_decimal=True).encode()


def _connected(address: str) -> HTTPConnection:
    return HTTPConnection(urlsplit(address).netloc)


def _seconds(connection: HTTPConnection, path: str, body: bytes) -> float:
    started = perf_counter()
    connection.request("POST", path, body, HEADERS)
    answer = connection.getresponse()
    answer.read()
    taken = perf_counter() - started
    if answer.status != 200:
        raise RuntimeError(f"answered {answer.status}")
    return taken


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"
