"""Rounds of load on several servers in turns, so that whatever disturbs the machine disturbs all of them."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.candidates import Candidate
from tests.benchmarks.load import Answered, post
from tests.benchmarks.processes import Server, serving

CONNECTIONS = (1, 16, 64)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is measured."""

    rounds: int = 9
    seconds: float = 2.0
    repetitions: int = 200  # of what is measured in this process
    batch: int = 100_000  # patients of the largest


FULL, QUICK = Effort(), Effort(rounds=3, seconds=1, repetitions=40, batch=1_000)


@dataclass(frozen=True, slots=True)
class Round:
    """One round of load on one server."""

    cpu_us: float  # of the server and its children, for each request
    answered: Answered


@dataclass(frozen=True, slots=True)
class Spread:
    """A median, and the lowest and highest of its rounds."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """The spread of some values."""
        ordered = sorted(values)
        return cls(median(ordered), ordered[0], ordered[-1])


@dataclass(frozen=True, slots=True)
class Result:
    """What the rounds of one server came to."""

    rounds: tuple[Round, ...]

    @property
    def cpu_us(self) -> Spread:
        """CPU time for each request, in microseconds."""
        return Spread.of(each.cpu_us for each in self.rounds)

    @property
    def per_second(self) -> Spread:
        """Requests answered in a second."""
        return Spread.of(each.answered.per_second for each in self.rounds)

    @property
    def p99_ms(self) -> Spread:
        """The time within which 99 of 100 were answered, in milliseconds."""
        return Spread.of(each.answered.p99_ms for each in self.rounds)

    @property
    def failed(self) -> int:
        """Requests that were not answered, or not with success."""
        return sum(each.answered.failed for each in self.rounds)


Servers = Mapping[str, tuple[Candidate, Server]]


def started(candidates: Sequence[Candidate], stack: ExitStack) -> Servers:
    """Start them one after the other."""
    return {
        each.name: (each, stack.enter_context(serving(each.command, each.ready_path, each.environment))) for each in candidates
    }


def in_turns(
    servers: Servers, connections: int, effort: Effort, pauses_ms: Mapping[str, float] | None = None
) -> dict[str, Result]:
    """The rounds, after one that does not count."""
    found: dict[str, list[Round]] = {name: [] for name in servers}
    for number in range(effort.rounds + 1):
        for name, (candidate, server) in servers.items():
            before = server.cpu_seconds
            pause = (pauses_ms or {}).get(name, 0)
            answered = post(server.address + candidate.path, candidate.body, connections, effort.seconds, pause)
            used = 1e6 * (server.cpu_seconds - before) / max(1, answered.requests)
            if number:
                found[name].append(Round(used, answered))
    return {name: Result(tuple(rounds)) for name, rounds in found.items()}
