"""A quarter of an hour at seven tenths of saturation: does memory stay flat, and p99 as it is? Writes docs/soak.md.

Two minutes at full load come first: what it keeps ready (connections, caches, the log of SQLite) is there then.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, median
from tempfile import TemporaryDirectory

from tests.benchmarks.candidates import OURS, PATIENT, ours
from tests.benchmarks.capacity import CONNECTIONS, pause_ms
from tests.benchmarks.load import Answered, post
from tests.benchmarks.measuring import machine, started_at
from tests.benchmarks.rounds import Effort, in_turns, started
from tests.conftest import EXAMPLES

SHARE = 0.7
MOST_GROWTH = 0.05  # of memory from the first fifth to the last
MOST_SLOWER = 0.25  # of p99, which repeats less well
TEMPLATE = """# Soak

Made by `python -m tests.benchmarks soak` on {at}: {minutes} minutes at {share:.0%} of the saturating load, 16 connections,
after {warm} s at full load.

{machine}

| | first fifth | last fifth | change | at most | |
| --- | --- | --- | --- | --- | --- |
| resident memory, MB | {memory} |
| p99, ms | {latency} |

Slope of memory over the whole run: {slope:+.2f} MB a minute. {requests:,} requests, {failed} failed, {rate:,.0f} a second.

| minute | requests/s | p50 ms | p99 ms | resident MB |
| --- | --- | --- | --- | --- |
{rows}
"""


@dataclass(frozen=True, slots=True)
class Minute:
    """What one part of the run came to."""

    answered: Answered
    resident_megabytes: float


def run(minutes: int, docs: Path, seconds_each: float = 60, warm_up: float = 120) -> str:
    """Soak, and write the document; its text."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        body = Path(folder) / "patient.json"
        body.write_bytes((EXAMPLES / f"{PATIENT}.json").read_bytes())
        servers = started([ours(OURS, body)], stack)
        candidate, server = servers[OURS]
        post(server.address + candidate.path, body, CONNECTIONS, warm_up)
        pause = pause_ms(in_turns(servers, CONNECTIONS, Effort())[OURS], SHARE)
        found = []
        for _ in range(minutes):
            answered = post(server.address + candidate.path, body, CONNECTIONS, seconds_each, pause)
            found.append(Minute(answered, server.resident_bytes / 1e6))
    text = _text(found, seconds_each, warm_up)
    (docs / "soak.md").write_text(text, "utf-8")
    return text


def _text(found: list[Minute], seconds_each: float, warm_up: float) -> str:
    memory, latency = [each.resident_megabytes for each in found], [each.answered.p99_ms for each in found]
    slope = linear_regression(range(len(memory)), memory).slope * 60 / seconds_each
    requests = sum(each.answered.requests for each in found)
    rows = (
        f"| {number} | {each.answered.per_second:,.0f} | {each.answered.median_ms:.1f} | {each.answered.p99_ms:.1f} "
        f"| {each.resident_megabytes:.1f} |"
        for number, each in enumerate(found, start=1)
    )
    return TEMPLATE.format(
        at=started_at(),
        minutes=round(len(found) * seconds_each / 60, 1),
        share=SHARE,
        warm=round(warm_up),
        machine=machine(),
        memory=_change(memory, MOST_GROWTH),
        latency=_change(latency, MOST_SLOWER),
        slope=slope,
        requests=requests,
        failed=sum(each.answered.failed for each in found),
        rate=requests / sum(each.answered.seconds for each in found),
        rows="\n".join(rows),
    )


def _change(values: list[float], most: float) -> str:
    fifth = max(1, len(values) // 5)
    first, last = median(values[:fifth]), median(values[-fifth:])
    change = last / first - 1
    return f"{first:.1f} | {last:.1f} | {change:+.1%} | {most:+.0%} | {'flat' if change <= most else '**grows**'}"
