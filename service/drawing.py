"""Draws the figures of a page in a process of its own, so that neither matplotlib nor its time weighs on the service.

The worker is started beside the service and talks through pipes: it ends with the service, however that ends. A worker
that fails or takes too long is replaced, and the page comes without figures. What is said of that holds no patient value.

A plain process, not a pool of `concurrent.futures`: a pool cannot end a task that takes too long, its process survives a
service that is killed, and it would import the program of the service once more.
"""

import asyncio
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from threading import BoundedSemaphore, Timer
from typing import IO, Any

import structlog

from service.presentation.figures import Course, Figures
from service.presentation.figures.shapes import Measured, Responded
from service.presentation.wire_risks import ReferenceOut, RiskOut

SECONDS = 5.0  # that a page waits for its figures
SECONDS_TO_START = 60.0
MOST_WAITING = 4  # pages, with the one that is drawn
WORKER = (sys.executable, "-P", "-m", "service.presentation.figures.worker")
_DAY = date(2000, 1, 1)
_SMALL = (Course(_DAY, alp=(Measured(_DAY, 1),), responses=(Responded(_DAY, "open"),)), (), ())
_log = structlog.get_logger("service.drawing")
_Arguments = tuple[Course | None, Sequence[RiskOut], Sequence[ReferenceOut]]


class NotDrawnError(Exception):
    """There are no figures: what went wrong, and where in the worker."""

    def __init__(self, error: str, where: str | None = None) -> None:
        super().__init__(error)
        self.where = where


class Drawing:
    """One worker process, and the thread that talks to it."""

    def __init__(self, seconds: float = SECONDS, worker: Sequence[str] = WORKER) -> None:
        self._seconds = seconds
        self._worker = worker
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._waiting = BoundedSemaphore(MOST_WAITING)
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._is_open = False

    def start(self) -> None:
        """Start the worker in the background. Before, and after `close`, nothing is drawn."""
        self._is_open = True
        self._thread.submit(self._warm)

    async def draw(self, course: Course | None, risks: Sequence[RiskOut], references: Sequence[ReferenceOut]) -> Figures | None:
        """The figures; None without a worker, if too many wait, and if it fails or takes too long."""
        if not self._is_open:
            return None
        if not self._waiting.acquire(blocking=False):
            _log.warning("figures not drawn", error="too many are waiting")
            return None
        try:
            asked = self._thread.submit(self._drawn, (course, risks, references))
            asked.add_done_callback(lambda _: self._waiting.release())
            return await asyncio.wait_for(asyncio.wrap_future(asked), self._seconds)
        except (NotDrawnError, TimeoutError, RuntimeError) as error:  # the last: closed in this moment
            _say(error)
            return None

    def close(self) -> None:
        """End the worker; nothing of it is left."""
        self._is_open = False
        if process := self._process:
            process.kill()
        self._thread.shutdown()
        self._end()
        if self._folder:
            self._folder.cleanup()

    def _drawn(self, arguments: _Arguments) -> Figures:
        """The figures. Raises NotDrawnError, and then a new worker is made ready for the next page."""
        try:
            return Figures(**self._exchange(arguments, self._seconds))
        except NotDrawnError:
            if self._is_open and self._process is None:
                self._thread.submit(self._warm)
            raise

    def _warm(self) -> None:
        """Let the worker draw something small, so that it has read everything it needs."""
        try:
            self._exchange(_SMALL, SECONDS_TO_START)
        except NotDrawnError as error:
            if self._is_open:
                _say(error)

    def _exchange(self, arguments: _Arguments, seconds: float) -> dict[str, Any]:
        """One question and its answer. Raises NotDrawnError; a worker that does not answer in time is gone by then."""
        try:
            process, asked, answers = self._running()
            limit = Timer(seconds, process.kill)
            limit.start()
            try:
                asked.write(pickle.dumps(arguments))
                asked.flush()
                line = answers.readline()
            finally:
                limit.cancel()
        except OSError as error:
            self._end()
            raise NotDrawnError(type(error).__name__) from error
        if not line.endswith(b"\n"):
            self._end()
            raise NotDrawnError("the worker ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise NotDrawnError(**answer)
        return answer

    def _running(self) -> tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]:
        """The worker with its pipes, a new one if there is none. Raises OSError or NotDrawnError."""
        if self._process and self._process.poll() is not None:
            self._end()
        if self._process is None:
            self._folder = self._folder or tempfile.TemporaryDirectory(prefix="prrt-figures-", ignore_cleanup_errors=True)
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                [*self._worker, self._folder.name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._folder.name,
                env={name: value for name, value in os.environ.items() if not name.startswith("PRRT_")}
                | {"OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,  # a signal to the group of the service is for the service
            )
        if not self._is_open or self._process.stdin is None or self._process.stdout is None:
            raise NotDrawnError("closed")
        return self._process, self._process.stdin, self._process.stdout

    def _end(self) -> None:
        """End the worker, if there is one, and wait until it is gone."""
        if self._process:
            self._process.kill()
            with suppress(OSError), self._process:  # what was not yet written goes nowhere
                pass
            self._process = None


def _say(error: Exception) -> None:
    _log.warning("figures not drawn", error=str(error) or type(error).__name__, where=getattr(error, "where", None))
