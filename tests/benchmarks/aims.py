"""The targets, with the figures of one run put in."""

from collections.abc import Iterator, Mapping

from tests.benchmarks.candidates import BENTOML, COMPETENT, FLOOR, HEALTHCHAIN, OUR_FULL_HOOK, OUR_HOOK, OURS, PLAIN
from tests.benchmarks.capacity import CONNECTIONS
from tests.benchmarks.growth import worst_step
from tests.benchmarks.measuring import Measured
from tests.benchmarks.reasons import AT_LEAST, reasons
from tests.benchmarks.risk import Predictions
from tests.benchmarks.rounds import Result
from tests.benchmarks.targets import Target

BATCH = 10_000
Reasons = Mapping[str, str]


def targets(found: Measured) -> Iterator[Target]:
    """Every target, in the order of the document."""
    why = reasons(found)
    yield from _of_requests(found, why)
    yield from _of_processes(found, why)
    yield from _of_many(found, why)
    yield from _of_predictions(found.predictions, why)


def _of_requests(found: Measured, why: Reasons) -> Iterator[Target]:
    at_16, hooks = found.http[CONNECTIONS], found.http_hooks
    yield Target("an assessment, durable, CPU against the floor", cpu_ratio(at_16, OURS), 4, why=why["floor"])
    for peer, bound, reason in ((PLAIN, AT_LEAST, "plain"), (COMPETENT, AT_LEAST, "competent"), (BENTOML, 2, "bentoml")):
        rate = rate_ratio(at_16, OURS, peer)
        yield Target(f"the same, throughput against {peer}", rate, bound, at_least=True, why=why[reason])
    rate = rate_ratio(hooks, OUR_HOOK, HEALTHCHAIN)
    yield Target(f"patient-view, throughput against {HEALTHCHAIN}", rate, 1, at_least=True, why=why["static_card"])
    full = cpu_ratio(hooks, OUR_FULL_HOOK)
    yield Target("patient-view with 200 resources, CPU against the floor", full, 10, why=why["resources"])
    half = found.half[OURS].p99_ms.median / found.half[FLOOR].p99_ms.median
    yield Target("p99 at half of saturation, against the floor's", half, 5, why=why["half"])


def _of_processes(found: Measured, why: Reasons) -> Iterator[Target]:
    one, two = found.processes
    yield Target("two processes, CPU against one", two.cpu_us / one.cpu_us, 1.15, why=why["processes"])
    yield Target("start to ready", found.start.seconds, 3, "s", why=why["start"])
    yield Target("resident memory of one process, under load", found.resident_after_megabytes, 300, "MB", why=why["memory"])


def _of_many(found: Measured, why: Reasons) -> Iterator[Target]:
    single = found.http[CONNECTIONS][OURS].per_second.median
    batch = found.batch[BATCH][0] / single if BATCH in found.batch else None
    yield Target(f"a batch of {BATCH:,}, patients a second against single requests", batch, 4, at_least=True, why=why["batch"])
    costs = [cpu_ms for _, cpu_ms in found.batch.values()]
    flat = max(costs) / min(costs)
    yield Target("a batch, dearest patient against cheapest, over its sizes", flat, 1.5, why=why["flat"])
    for what, growth in (("laboratory values", found.by_laboratory), ("cycles", found.by_cycles)):
        yield Target(f"{what}, growth of cost over growth of size", worst_step(growth), 1.1, why=why["growth"])


def _of_predictions(found: Predictions, why: Reasons) -> Iterator[Target]:
    yield Target("every question about one patient, nothing kept", 1000 * found.cold, 10, "ms", why=why["cold"])
    yield Target("every question about one patient, kept", 1000 * found.warm, 1, "ms", why=why["warm"])
    for peer, seconds in (("lifelines", found.by_lifelines), ("scikit-survival", found.by_sksurv)):
        yield Target(f"the same, {peer} for one of them against it", seconds / found.warm, 5, at_least=True, why=why["warm"])
    rows = found.rows / found.rows_by_lifelines
    yield Target("rows a second with bands, against lifelines without", rows, 2, at_least=True, why=why["rows"])


def cpu_ratio(results: dict[str, Result], name: str, to: str = FLOOR) -> float:
    """CPU of one request against another's."""
    return results[name].cpu_us.median / results[to].cpu_us.median


def rate_ratio(results: dict[str, Result], name: str, to: str) -> float | None:
    """Throughput against another's; None if the other is not here."""
    return results[name].per_second.median / results[to].per_second.median if to in results else None
