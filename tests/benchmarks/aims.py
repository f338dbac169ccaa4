"""The targets, with the figures of one run put in."""

from collections.abc import Iterator

from tests.benchmarks.candidates import BENTOML, COMPETENT, FLOOR, HEALTHCHAIN, OUR_FULL_HOOK, OUR_HOOK, OURS, PLAIN
from tests.benchmarks.capacity import CONNECTIONS
from tests.benchmarks.growth import worst_step
from tests.benchmarks.measuring import Measured
from tests.benchmarks.rounds import Result
from tests.benchmarks.targets import Target

BATCH = 10_000


def targets(found: Measured) -> Iterator[Target]:
    """Every target, in the order of the document."""
    at_16 = found.http[CONNECTIONS]
    hooks = found.http_hooks
    yield Target("an assessment, durable, CPU against the floor", cpu_ratio(at_16, OURS), 4)
    yield Target("the same, throughput against plain FastAPI + lifelines", rate_ratio(at_16, OURS, PLAIN), 20, at_least=True)
    yield Target("the same, against competent FastAPI + scikit-learn", rate_ratio(at_16, OURS, COMPETENT), 20, at_least=True)
    yield Target("the same, against BentoML with our core", rate_ratio(at_16, OURS, BENTOML), 2, at_least=True)
    yield Target(
        "patient-view, throughput against HealthChain's static card", rate_ratio(hooks, OUR_HOOK, HEALTHCHAIN), 1, at_least=True
    )
    yield Target("patient-view with 200 resources, CPU against the floor", cpu_ratio(hooks, OUR_FULL_HOOK), 10)
    half = found.half[OURS].p99_ms.median / found.half[FLOOR].p99_ms.median
    yield Target("p99 at half of saturation, against the floor's", half, 5)
    yield Target("two processes, CPU against one", found.two_processes[0] / at_16[OURS].cpu_us.median, 1.15)
    yield Target("start to ready", found.start.seconds, 3, "s")
    yield Target("resident memory of one process, under load", found.resident_after_megabytes, 300, "MB")
    batch = found.batch[BATCH][0] / at_16[OURS].per_second.median if BATCH in found.batch else None
    yield Target(f"a batch of {BATCH:,}, patients a second against single requests", batch, 4, at_least=True)
    flat = max(each[1] for each in found.batch.values()) / min(each[1] for each in found.batch.values()) if found.batch else None
    yield Target("a batch, dearest patient against cheapest, over its sizes", flat, 1.5)
    yield Target("laboratory values, growth of cost over growth of size", worst_step(found.by_laboratory), 1.1)
    yield Target("cycles, growth of cost over growth of size", worst_step(found.by_cycles), 1.1)


def cpu_ratio(results: dict[str, Result], name: str, to: str = FLOOR) -> float:
    """CPU of one request against another's."""
    return results[name].cpu_us.median / results[to].cpu_us.median


def rate_ratio(results: dict[str, Result], name: str, to: str) -> float | None:
    """Throughput against another's; None if the other is not here."""
    return results[name].per_second.median / results[to].per_second.median if to in results else None
