"""The tumour-board page over HTTP to a process of its own: a patient is sent, and the page of the answer is read."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx

from tests.conftest import EXAMPLES, environment_with, serving

ROUNDS = 5
_TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')


def measured() -> Iterator[tuple[str, str]]:
    """Median and 95th percentile of sending each example patient and reading its page, figures drawn, after the first."""
    patients = [path.read_text("utf-8") for path in sorted(EXAMPLES.glob("*.json"))]
    with TemporaryDirectory() as folder:
        environment = environment_with(Path(folder), PRRT_REQUESTS_PER_MINUTE=1_000_000)
        with serving(Path(folder), environment=environment) as (address, _), httpx.Client(base_url=address, timeout=30) as client:
            start = client.get("/")
            # The cookie is for https only, but for a browser on the loopback; the client is none.
            client.headers["cookie"] = start.headers["set-cookie"].partition(";")[0]
            token = unescape(_TOKEN.findall(start.text)[0])
            _seconds(client, token, patients[0])
            taken = [_seconds(client, token, patient) for _ in range(ROUNDS) for patient in patients]
    hundredths = quantiles(taken, n=100)
    what = f"a patient sent, and the page of the answer read ({len(patients)} patients in turn)"
    yield what, f"{1000 * hundredths[49]:.0f} ms, 95 % within {1000 * hundredths[94]:.0f} ms"


def _seconds(client: httpx.Client, token: str, patient: str) -> float:
    started = perf_counter()
    sent = client.post("/", data={"csrf_token": token, "patient": patient})
    seen = client.get(sent.headers["location"])
    taken = perf_counter() - started
    if seen.status_code != 200:  # the status that means it
        raise RuntimeError(f"answered {seen.status_code}")
    return taken
