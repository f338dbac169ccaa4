"""An output that grows by parts, each of them whole or not at all, whenever the process is killed.

Beside OUT stand, until it is done, OUT.partial with what was written and OUT.progress with how much of it counts.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from service.batch.scoring import Scored


class CannotGoOnError(Exception):
    """What was begun cannot be finished by this. The message says why."""


@dataclass
class Progress:
    """What counts of the partial output: how many bytes, of how many rows. `of`: what it is the output of."""

    of: Mapping[str, str]
    today: str
    size: int = 0
    rows: int = 0
    problems: int = 0


class Partial:
    """The part of an output that is written, and is on the disk."""

    def __init__(self, target: Path, file: BinaryIO, progress: Progress) -> None:
        self.path, self.progress = beside(target, "partial"), progress
        self._target, self._file = target, file

    def add(self, part: Scored) -> None:
        """One part more."""
        self._file.write(part.content)
        _sync(self._file)
        self.progress.size += len(part.content)
        self.progress.rows += part.rows
        self.progress.problems += part.problems
        _save(beside(self._target, "progress"), self.progress)

    def finish(self, written: Path | None = None) -> None:
        """Let the output be there under its name: the partial one, or what was made of it in another file."""
        with (written or self.path).open("rb+") as file:
            _sync(file)
        (written or self.path).replace(self._target)
        _sync_folder(self._target.parent)
        for name in ("progress", "partial"):
            beside(self._target, name).unlink(missing_ok=True)


def beside(target: Path, name: str) -> Path:
    """A file beside the output."""
    return target.with_name(f"{target.name}.{name}")


@contextmanager
def begun(target: Path, of: Mapping[str, str], today: str) -> Iterator[Partial]:
    """The partial output, new or as far as it came. Raises CannotGoOnError."""
    if target.exists():
        raise CannotGoOnError(f"{target.name} is there already.")
    with beside(target, "partial").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotGoOnError(f"{target.name} is being written by somebody else.") from None
        progress = _read(beside(target, "progress")) or Progress(of, today)
        if progress.of != of or file.tell() < progress.size:
            raise CannotGoOnError(
                f"{target.name} was begun from another input or with other knowledge. To begin anew remove "
                f"{beside(target, 'partial').name} and {beside(target, 'progress').name}."
            )
        file.truncate(progress.size)
        yield Partial(target, file, progress)


def _read(path: Path) -> Progress | None:
    return Progress(**json.loads(path.read_bytes())) if path.exists() else None


def _save(path: Path, progress: Progress) -> None:
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(json.dumps(asdict(progress)).encode())
        _sync(file)
    new.replace(path)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
