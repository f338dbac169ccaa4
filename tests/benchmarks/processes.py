"""A server as a process of its own on one core, and what it and its children use of the machine."""

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

SERVER_CORE = "0"
ROOT = Path(__file__).parents[2]
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MOST_SECONDS_TO_START = 90.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    process: int
    address: str
    seconds_to_ready: float

    @property
    def cpu_seconds(self) -> float:
        """CPU time that the process and its children have used so far."""
        return sum(_cpu_seconds(each) for each in _family(self.process))

    @property
    def resident_bytes(self) -> int:
        """Memory that the process and its children hold now."""
        return sum(_resident_bytes(each) for each in _family(self.process))


@contextmanager
def serving(
    command: Sequence[str], ready_path: str, environment: Mapping[str, str] | None = None, core: str = SERVER_CORE
) -> Iterator[Server]:
    """Run a command until the block ends; `{port}` in it is the port to listen on."""
    port = _free_port()
    with TemporaryDirectory() as folder, (Path(folder) / "output.txt").open("w+b") as output:
        started = perf_counter()
        process = subprocess.Popen(
            ["taskset", "--cpu-list", core, *(part.replace("{port}", str(port)) for part in command)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(Path(folder), environment or {}),
            cwd=ROOT,
        )
        try:
            _wait_until_ready(process, port, ready_path, output.name)
            yield Server(process.pid, f"http://127.0.0.1:{port}", perf_counter() - started)
        finally:
            process.terminate()
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PRRT_")}
    own = {"PRRT_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return inherited | own | more


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, path: str, output: str) -> None:
    until = perf_counter() + _MOST_SECONDS_TO_START
    while perf_counter() < until:
        if process.poll() is not None:
            raise RuntimeError(Path(output).read_text("utf-8", "replace")[-4000:])
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 300:
                return
        except OSError:
            pass
        finally:
            connection.close()
        sleep(0.01)
    raise TimeoutError(Path(output).read_text("utf-8", "replace")[-4000:])


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _family(process: int) -> Iterator[int]:
    """The process, its children, and theirs."""
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in children.read_text("ascii").split():
            yield from _family(int(child))


def _cpu_seconds(process: int) -> float:
    """Of the process, of all of its threads, and of children that have ended."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(int(each) for each in fields[11:15]) / _TICKS


def _resident_bytes(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * _PAGE_BYTES
