"""A file that is read again when it changes, and that counts as holding nothing while it cannot be used."""

from collections.abc import Callable
from pathlib import Path
from stat import S_ISREG
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

import structlog

SECONDS_BETWEEN_LOOKS = 1.0

Content = TypeVar("Content")


class UnusableFileError(ValueError):
    """The file cannot be used. The message may be shown: it names a place, never what stands there."""


class WatchedFile(Generic[Content]):
    """What a file holds now, as `parse` understands it. Safe to ask from many threads.

    `setting` is the variable that names the file; `parse` raises `UnusableFileError`.
    """

    def __init__(
        self,
        setting: str,
        path: Path,
        parse: Callable[[bytes], Content],
        most_bytes: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._setting, self._path, self._parse, self._most_bytes, self._clock = setting, path, parse, most_bytes, clock
        self._lock = Lock()
        self._next_look = float("-inf")
        self._seen: tuple[int, ...] | None = None
        self._content: Content | None = None
        self._problem: str | None = None

    def content(self) -> Content | None:
        """What the file holds; None while it cannot be used, whatever it held before."""
        with self._lock:
            self._look()
            return self._content

    def problem(self) -> str | None:
        """Why the file cannot be used; None if it can."""
        with self._lock:
            self._look()
            return self._problem

    def _look(self) -> None:
        now = self._clock()
        if now < self._next_look:
            return
        self._next_look = now + SECONDS_BETWEEN_LOOKS
        could_be_used = self._content is not None
        try:
            self._read_if_changed()
        except (OSError, UnusableFileError) as error:
            self._content, self._problem = None, f"{self._setting}: {_reason(error)}"
        if could_be_used and self._content is None:
            structlog.get_logger("service.access").error("access is refused", error=self._problem)

    def _read_if_changed(self) -> None:
        before, self._seen = self._seen, None  # what could not be looked at is read by the next look, changed or not
        state = self._path.stat()
        seen = (state.st_dev, state.st_ino, state.st_mtime_ns, state.st_ctime_ns, state.st_size)
        # The state is older than what is read: what somebody writes meanwhile is read by the next look.
        told = None if seen == before else self._read(state.st_mode)
        self._seen = seen
        if told is not None:
            self._content, self._problem = self._parse(told), None

    def _read(self, mode: int) -> bytes:
        if not S_ISREG(mode):
            raise UnusableFileError("the path does not name a file")
        with self._path.open("rb") as file:
            told = file.read(self._most_bytes + 1)
        if len(told) > self._most_bytes:
            raise UnusableFileError(f"the file is larger than {self._most_bytes} bytes")
        return told


def _reason(error: OSError | UnusableFileError) -> str:
    return f"the file cannot be read ({type(error).__name__})" if isinstance(error, OSError) else str(error)
