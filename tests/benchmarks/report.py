"""docs/performance.md, from one run."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.benchmarks import plots
from tests.benchmarks.aims import cpu_ratio, targets
from tests.benchmarks.candidates import OURS
from tests.benchmarks.capacity import CONNECTIONS
from tests.benchmarks.measuring import Measured
from tests.benchmarks.rounds import Result, Spread
from tests.benchmarks.stages import RULE
from tests.benchmarks.store import GROUPS
from tests.benchmarks.targets import missed, table

QUIET = 0.5  # runnable processes, on average over the minute before; the imports of the run itself are some of it
TEMPLATE = Path(__file__).with_name("performance.md.template")
PLOT = "performance.svg"


def write(found: Measured, folder: Path) -> Path:
    """Write the document and its plot into a folder."""
    plots.write(folder / PLOT, found.http, _grouped(found.stages), found.http[CONNECTIONS][OURS].cpu_us.median)
    document = folder / "performance.md"
    document.write_text(text(found), "utf-8")
    return document


def text(found: Measured) -> str:
    """The document."""
    one, two = found.processes
    return TEMPLATE.read_text("utf-8").format(
        machine=found.machine,
        at=found.at,
        disturbed=_disturbed(found),
        rounds=found.effort.rounds,
        seconds=f"{found.effort.seconds:g}",
        targets=table(targets(found)),
        missed=missed(targets(found)),
        candidates=rows(found.made_of.items()),
        http="\n\n".join(f"{connections} connection(s):\n\n{_results(each)}" for connections, each in found.http.items()),
        half=_results(found.half),
        one_cpu=f"{one.cpu_us:,.0f}",
        one_rate=f"{one.per_second:,.0f}",
        two_cpu=f"{two.cpu_us:,.0f}",
        two_rate=f"{two.per_second:,.0f}",
        stages=_stages(found),
        hooks_candidates=rows(found.hooks_made_of.items()),
        http_hooks=_results(found.http_hooks),
        start=f"{found.start.seconds:.2f}",
        resident=f"{found.start.resident_megabytes:.0f}",
        resident_after=f"{found.resident_after_megabytes:.0f}",
        modules=found.start.modules,
        not_needed=", ".join(f"{name} ({count})" for name, count in found.start.not_needed.items()) or "nothing",
        kept=_kept(found),
        bytes_each=f"{found.kept.bytes_each:,.0f}",
        by_laboratory=rows((f"{number:,}", f"{cost:.2f} ms") for number, cost in found.by_laboratory.items()),
        by_cycles=rows((f"{number:,}", f"{cost:.2f} ms") for number, cost in found.by_cycles.items()),
        batch=_batch(found),
        rules=rows(found.rules),
        predictions=rows(found.predictions.told),
        sequential_hooks=rows(found.sequential_hooks),
        sequential_page=rows(found.sequential_page),
    )


def rows(measured: Iterable[tuple[str, str]]) -> str:
    """The rows of one table."""
    return "\n".join(f"| {what} | {figure} |" for what, figure in measured)


def spread(values: Spread, places: int = 0) -> str:
    """The median, with the lowest and highest."""
    return f"{values.median:,.{places}f} ({values.lowest:,.{places}f} to {values.highest:,.{places}f})"


def _results(results: Mapping[str, Result]) -> str:
    head = ["| who | CPU us a request | of the floor | requests/s | p99 ms | failed |", "| --- | --- | --- | --- | --- | --- |"]
    return "\n".join(
        head
        + [
            f"| {name} | {spread(each.cpu_us)} | {cpu_ratio(dict(results), name):.2f} | {spread(each.per_second)} "
            f"| {spread(each.p99_ms, 1)} | {each.failed} |"
            for name, each in results.items()
        ]
    )


def _grouped(stages: Mapping[str, float]) -> dict[str, float]:
    """The stages with all rules as one, where the first of them stood."""
    found: dict[str, float] = {}
    for name, cost in stages.items():
        group = "all rules" if name.startswith(RULE) else name
        found[group] = found.get(group, 0) + cost
    return found


def _stages(found: Measured) -> str:
    whole = found.http[CONNECTIONS][OURS].cpu_us.median
    told: list[tuple[str, float]] = []
    for name, cost in _grouped(found.stages).items():
        told.append((name, cost))
        if name == "all rules":
            told += [(f"- {stage.removeprefix(RULE)}", us) for stage, us in found.stages.items() if stage.startswith(RULE)]
    rest = whole - sum(found.stages.values())
    told += [("what is left: HTTP, framework, access, log, metrics, threads, collecting garbage", rest)]
    told += [("**one request over HTTP**", whole)]
    return "\n".join(f"| {name} | {cost:,.0f} | {100 * cost / whole:.0f} % |" for name, cost in told)


def _batch(found: Measured) -> str:
    lines = ["| patients | patients/s | CPU a patient |", "| --- | --- | --- |"]
    return "\n".join(lines + [f"| {size:,} | {rate:,.0f} | {cpu:.2f} ms |" for size, (rate, cpu) in found.batch.items()])


def _kept(found: Measured) -> str:
    databases = found.kept.per_second
    head = [f"| entries a second | {' | '.join(databases)} |", f"| --- |{' --- |' * len(databases)}"]
    return "\n".join(
        head
        + [
            f"| {group} in one transaction | {' | '.join(f'{rates[group]:,.0f}' for rates in databases.values())} |"
            for group in GROUPS
        ]
    )


def _disturbed(found: Measured) -> str:
    if found.load_before <= QUIET:
        return ""
    return f"\n**Disturbed**: the load of the machine was {found.load_before:.1f} before the run; do not quote these figures.\n"
