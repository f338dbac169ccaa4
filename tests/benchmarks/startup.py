"""From the command to ready, what it holds in memory then, and what it has imported."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.candidates import OURS, ours
from tests.benchmarks.processes import ROOT, serving
from tests.conftest import EXAMPLES

STARTS = 5
# What answering about one patient has no use for; whatever of it is loaded when the service is ready is named in the document.
NOT_NEEDED = (
    "alembic",
    "dask",
    "IPython",
    "lifelines",
    "matplotlib",
    "pandas",
    "pyarrow",
    "pytest",
    "rich",
    "scipy",
    "sklearn",
    "sksurv",
)
_LOADED = """
import json, sys
from service.app import create_app
from service.engine import build
from service.settings import Settings
create_app(Settings(), open_on_loopback=True)
build(Settings())
print(json.dumps(sorted(sys.modules)))
"""


@dataclass(frozen=True, slots=True)
class Start:
    """Medians of some starts, each of a new process with a new record."""

    seconds: float
    resident_megabytes: float
    modules: int
    not_needed: Mapping[str, int]  # modules loaded of each package that is not needed


def measured(starts: int = STARTS) -> Start:
    """Start it some times, one after the other."""
    candidate = ours(OURS, EXAMPLES)
    seconds, megabytes = [], []
    for _ in range(starts):
        with serving(candidate.command, candidate.ready_path, candidate.environment) as server:
            seconds.append(server.seconds_to_ready)
            megabytes.append(server.resident_bytes / 1e6)
    loaded = json.loads(subprocess.run([sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, check=True).stdout)
    packages = Counter(name.partition(".")[0] for name in loaded)
    not_needed = {name: packages[name] for name in NOT_NEEDED if packages[name]}
    return Start(median(seconds), median(megabytes), len(loaded), not_needed)
