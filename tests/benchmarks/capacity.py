"""Less load than the most there is, and two processes beside one."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.candidates import FLOOR, OURS, ours
from tests.benchmarks.load import post
from tests.benchmarks.processes import Server, serving
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


@dataclass(frozen=True, slots=True)
class Shared:
    """What some processes on one record came to together; every core is theirs and the load's."""

    cpu_us: float  # for each request
    per_second: float


def one_and_two_processes(body: Path, effort: Effort) -> tuple[Shared, Shared]:
    """One process and two in turns, each on every core and on a record of its own, with as many connections in all."""
    with _processes(1, body) as one, _processes(2, body) as two:
        rounds = [(_loaded(one, body, effort), _loaded(two, body, effort)) for _ in range(effort.rounds + 1)][1:]
    first, second = zip(*rounds, strict=True)
    return _medians(first), _medians(second)


@contextmanager
def _processes(number: int, body: Path) -> Iterator[list[Server]]:
    candidate = ours(OURS, body)
    cores = ",".join(str(each) for each in range(os.cpu_count() or 1))
    with TemporaryDirectory() as folder, ExitStack() as stack:
        environment = {**candidate.environment, "PRRT_DATA_DIR": folder}
        yield [stack.enter_context(serving(candidate.command, candidate.ready_path, environment, cores)) for _ in range(number)]


def _loaded(servers: list[Server], body: Path, effort: Effort) -> Shared:
    path = ours(OURS, body).path

    def load(server: Server) -> int:
        return post(server.address + path, body, CONNECTIONS // len(servers), effort.seconds).requests

    before = sum(each.cpu_seconds for each in servers)
    with ThreadPoolExecutor() as pool:
        requests = sum(pool.map(load, servers))
    used = sum(each.cpu_seconds for each in servers) - before
    return Shared(1e6 * used / max(1, requests), requests / effort.seconds)


def _medians(rounds: tuple[Shared, ...]) -> Shared:
    return Shared(median(each.cpu_us for each in rounds), median(each.per_second for each in rounds))
