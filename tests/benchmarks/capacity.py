"""Less load than the most there is, and two processes instead of one."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.candidates import FLOOR, OURS, Candidate, ours
from tests.benchmarks.load import post
from tests.benchmarks.processes import serving
from tests.benchmarks.rounds import Effort, Result, Servers, in_turns

CONNECTIONS = 16
HALF = 0.5


def at_half_of_saturation(servers: Servers, saturated: dict[str, Result], effort: Effort) -> dict[str, Result]:
    """The floor and this service at half of what each can answer with these connections."""
    wanted = {name: servers[name] for name in (FLOOR, OURS)}
    pauses = {name: pause_ms(saturated[name], HALF) for name in wanted}
    return in_turns(wanted, CONNECTIONS, effort, pauses)


def pause_ms(saturated: Result, share: float, connections: int = CONNECTIONS) -> float:
    """What each connection waits before each request, so that a share of the saturating load comes.

    A connection asks once in `connections / rate` seconds; of these it waits for the answer as long as one takes alone.
    """
    busy = 1000 / saturated.per_second.median
    return max(0.0, 1000 * connections / (share * saturated.per_second.median) - busy)


def two_processes(body: Path, effort: Effort) -> tuple[float, float]:
    """CPU microseconds for each request, and requests a second, of two processes on one record; on every core, with the load."""
    candidate: Candidate = ours(OURS, body)
    cores = ",".join(str(each) for each in range(os.cpu_count() or 1))
    with TemporaryDirectory() as folder, ExitStack() as stack, ThreadPoolExecutor() as pool:
        environment = {**candidate.environment, "PRRT_DATA_DIR": folder}
        both = [stack.enter_context(serving(candidate.command, candidate.ready_path, environment, cores)) for _ in range(2)]

        def load(address: str) -> int:
            return post(address + candidate.path, body, CONNECTIONS // 2, effort.seconds).requests

        used, rates = [], []
        for number in range(effort.rounds + 1):
            before = sum(each.cpu_seconds for each in both)
            requests = sum(pool.map(load, [each.address for each in both]))
            if number:
                used.append(1e6 * (sum(each.cpu_seconds for each in both) - before) / max(1, requests))
                rates.append(requests / effort.seconds)
        return median(used), median(rates)
