"""Load by wrk on a core of its own: posts one body over connections that are kept."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from shutil import which

LOAD_CORE = "1"
_POST = Path(__file__).with_name("post.lua")


class WrkMissingError(RuntimeError):
    """wrk is not on this machine."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What one round of load came to; latencies in milliseconds."""

    requests: int
    seconds: float
    failed: int
    median_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Requests answered in one second."""
        return self.requests / self.seconds


def post(address: str, body: Path, connections: int, seconds: float, pause_ms: float = 0) -> Answered:
    """Post for some seconds. `pause_ms` is waited before each request, on average: less load than the most there is."""
    if not which("wrk"):
        raise WrkMissingError("wrk is missing: apt-get install wrk")
    command = ["taskset", "--cpu-list", LOAD_CORE, "wrk", "--threads", "1", "--connections", str(connections)]
    command += ["--duration", f"{max(1, round(seconds))}s", "--timeout", "30s", "--script", str(_POST), address, "--"]
    called = subprocess.run(
        [*command, str(body), "application/json", str(pause_ms)], capture_output=True, text=True, check=True, timeout=seconds + 90
    )
    told = json.loads(called.stdout.splitlines()[-1])
    return Answered(told["requests"], told["microseconds"] / 1e6, told["failed"], told["p50"] / 1000, told["p99"] / 1000)
