"""One run over everything: what the documents are made of."""

import os
import platform
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import assessing, batch, capacity, growth, hooks, page, risk, startup, store
from tests.benchmarks.candidates import OURS, PATIENT, of_assessments, of_hooks
from tests.benchmarks.rounds import CONNECTIONS, Effort, Result, in_turns, started
from tests.benchmarks.stages import stages
from tests.conftest import EXAMPLES

LIBRARIES = (
    "fastapi",
    "starlette",
    "uvicorn",
    "h11",
    "httptools",
    "pydantic",
    "numpy",
    "scikit-learn",
    "lifelines",
    "scikit-survival",
)
Told = list[tuple[str, str]]


@dataclass(frozen=True)
class Measured:
    """Everything of one run."""

    at: str
    machine: str
    load_before: float
    effort: Effort
    made_of: dict[str, str]  # candidates
    http: dict[int, dict[str, Result]]  # by connections
    half: dict[str, Result]
    hooks_made_of: dict[str, str]
    http_hooks: dict[str, Result]
    processes: tuple[capacity.Shared, capacity.Shared]  # one, and two on one record
    stages: dict[str, float]
    start: startup.Start
    resident_after_megabytes: float
    kept: store.Kept
    by_laboratory: dict[int, float]
    by_cycles: dict[int, float]
    batch: dict[int, tuple[float, float]]  # patients a second, milliseconds of CPU; by size
    rules: Told
    predictions: risk.Predictions
    sequential_hooks: Told = field(default_factory=list)
    sequential_page: Told = field(default_factory=list)


def everything(effort: Effort) -> Measured:
    """Measure; it takes a quarter of an hour, and longer with a large batch."""
    at, load_before = started_at(), os.getloadavg()[0]
    with TemporaryDirectory() as folder:
        return _everything(Path(folder), effort, at, load_before)


def _everything(folder: Path, effort: Effort, at: str, load_before: float) -> Measured:
    with ExitStack() as stack:
        servers = started(of_assessments(folder), stack)
        http = {connections: in_turns(servers, connections, effort) for connections in CONNECTIONS}
        half = capacity.at_half_of_saturation(servers, http[capacity.CONNECTIONS], effort)
        resident_after = servers[OURS][1].resident_bytes / 1e6
        made_of = {name: candidate.is_made_of for name, (candidate, _) in servers.items()}
    with ExitStack() as stack:
        servers = started(of_hooks(folder, hooks.full_patient_view()), stack)
        http_hooks = in_turns(servers, capacity.CONNECTIONS, effort)
        hooks_made_of = {name: candidate.is_made_of for name, (candidate, _) in servers.items()}
    return Measured(
        at=at,
        machine=machine(),
        load_before=load_before,
        effort=effort,
        made_of=made_of,
        http=http,
        half=half,
        hooks_made_of=hooks_made_of,
        http_hooks=http_hooks,
        processes=capacity.one_and_two_processes(folder / "patient.json", effort),
        stages=stages((EXAMPLES / f"{PATIENT}.json").read_bytes(), effort.repetitions),
        start=startup.measured(),
        resident_after_megabytes=resident_after,
        kept=store.measured(),
        by_laboratory=growth.by_laboratory(),
        by_cycles=growth.by_cycles(),
        batch=batch.measured(effort.batch),
        rules=list(assessing.measured()),
        predictions=risk.measured(),
        sequential_hooks=list(hooks.measured()),
        sequential_page=list(page.measured()),
    )


def started_at() -> str:
    """The moment in UTC, for the head of a document."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def machine() -> str:
    """The interpreter and the libraries that make a difference."""
    libraries = ", ".join(f"{each} {version(each)}" for each in LIBRARIES)
    return f"Python {platform.python_version()} ({platform.python_compiler()}), {os.cpu_count()} cores; {libraries}."
