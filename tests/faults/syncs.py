"""What the kernel was asked to do, as strace saw it: was an entry on the disk before its answer was sent?"""

import re
import signal
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults.processes import wait_until

SYNCS = ("fsync", "fdatasync")
SENDS = ("sendto", "sendmsg", "write", "writev")
_CALLS = ",".join((*SYNCS, *SENDS, "pwrite64"))
_BEGINS = re.compile(r"(?P<process>\d+) +(?P<name>\w+)\(\d+<(?P<path>[^>]*)>(?P<told>.*)")
_RESUMES = re.compile(r"(?P<process>\d+) +<\.\.\. \w+ resumed>.*")
_RESULT = re.compile(r"\) += (-?\d+)( E\w+ .*)?$")
_IS_LOG = re.compile(r"-wal$|/pg_wal/")  # the log that SQLite or PostgreSQL commits to
NEVER = 1 << 62


@dataclass(slots=True)
class Call:
    """One call of the kernel: the lines of the trace in which it begins and ends."""

    process: int
    name: str
    path: str
    told: str
    begins: int
    ends: int = NEVER
    succeeded: bool = False

    @property
    def is_sync_of_the_log(self) -> bool:
        return self.name in SYNCS and _IS_LOG.search(self.path) is not None and self.succeeded

    @property
    def is_write_to_the_log(self) -> bool:
        return self.name == "pwrite64" and _IS_LOG.search(self.path) is not None

    @property
    def is_answer(self) -> bool:
        """The first piece of an answer with 200."""
        return self.name in SENDS and self.path.startswith("socket:") and '"HTTP/1.1 200 ' in self.told


def calls(lines: Iterable[str]) -> list[Call]:
    """The calls of a trace, in the order in which they began."""
    found: list[Call] = []
    unfinished: dict[int, Call] = {}
    for number, line in enumerate(lines):
        if begins := _BEGINS.match(line):
            call = Call(int(begins["process"]), begins["name"], begins["path"], begins["told"], number)
            found.append(call)
            if line.rstrip().endswith("<unfinished ...>"):
                unfinished[call.process] = call
                continue
        elif (resumes := _RESUMES.match(line)) and int(resumes["process"]) in unfinished:
            call = unfinished.pop(int(resumes["process"]))
        else:
            continue
        call.ends = number
        result = _RESULT.search(line)
        call.succeeded = result is not None and not result[1].startswith("-")
    return found


def answers_without_a_sync(trace: Sequence[Call]) -> tuple[int, list[int]]:
    """How many answers there are to requests sent one after the other, and which were sent before their entry was on the disk."""
    missing: list[int] = []
    since, answers = -1, [call for call in trace if call.is_answer]
    for number, answer in enumerate(answers):
        between = [call for call in trace if since < call.begins < answer.begins]
        since = answer.begins
        last_write = {call.process: call for call in between if call.is_write_to_the_log}
        if not any(
            sync.is_sync_of_the_log and sync.process in last_write and last_write[sync.process].ends < sync.begins
            for sync in between
            if sync.ends < answer.begins
        ):
            missing.append(number)
    return len(answers), missing


def syncs_of_the_log(trace: Iterable[Call]) -> int:
    """How often the log was brought to the disk."""
    return sum(call.is_sync_of_the_log for call in trace)


@contextmanager
def traced(processes: Sequence[int], file: Path) -> Iterator[list[Call]]:
    """The calls of these processes, of their threads and of what they start; in the list once the block has ended."""
    found: list[Call] = []
    command = ["strace", "-f", "-y", "-s", "24", "-e", f"trace={_CALLS}", "-e", "signal=none", "-o", str(file)]
    for process in processes:
        command += ["-p", str(process)]
    with file.with_suffix(".said").open("wb") as said:
        strace = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        wait_until(lambda: strace.poll() is not None or all(_is_traced(process, strace.pid) for process in processes))
        assert strace.poll() is None, file.with_suffix(".said").read_text("utf-8")
        yield found
    finally:
        if strace.poll() is None:
            strace.send_signal(signal.SIGINT)
            strace.wait(60)
    with file.open(encoding="utf-8", errors="replace") as lines:
        found += calls(lines)


def _is_traced(process: int, tracer: int) -> bool:
    """Whether all of its threads are; a process that is gone needs no tracer."""
    with suppress(FileNotFoundError, ProcessLookupError):
        told = [path.read_text("utf-8") for path in Path(f"/proc/{process}/task").glob("*/status")]
        return all(f"TracerPid:\t{tracer}\n" in status for status in told)
    return False
