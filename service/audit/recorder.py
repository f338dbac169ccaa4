"""Group commit: one thread appends what is waiting in one transaction, and only then are the callers answered."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import islice
from threading import Condition, Event, Thread
from time import monotonic
from typing import ParamSpec, Protocol, TypeVar

from service.audit.entry import Draft, Entry, RecordUnavailableError
from service.audit.store import Store

MOST_WAITING = 512
MOST_AT_ONCE = 64
SECONDS_BETWEEN_TRIES = 1.0
SECONDS_FOR_THE_FIRST_TRY = 5.0

Asked = ParamSpec("Asked")
Found = TypeVar("Found")
Waiting = tuple[Sequence[Draft], Future[list[Entry]]]


class RecordOverloadedError(Exception):
    """More entries are waiting to be written than may wait."""


class Observer(Protocol):
    """Who wants to know how the writing goes."""

    def committed(self, entries: int, seconds: float, position: int) -> None:
        """One transaction was committed."""

    def failed(self) -> None:
        """One transaction failed."""

    def waiting(self, entries: int) -> None:
        """So many entries wait."""


class Recorder:
    """Writes drafts into a store, in groups. `problem` says why it cannot, until it can."""

    def __init__(self, store: Store, observer: Observer) -> None:
        self.store = store
        self.problem: str | None = "The record is being opened."
        self._observer = observer
        self._waiting: deque[Waiting] = deque()
        self._changed = Condition()
        self._closing = False
        self._doubted = False
        self._tried = Event()
        self._thread = Thread(target=self._work, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin to open the store and to write."""
        self._thread.start()

    def wait_for_the_first_try(self) -> None:
        """Wait until the store is open, or could not be opened, or is slow to."""
        self._tried.wait(SECONDS_FOR_THE_FIRST_TRY)

    def close(self) -> None:
        """Write what is waiting, then stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self.store.database.close()

    async def record(self, draft: Draft) -> Entry:
        """The entry, once it is durable. Raises RecordUnavailableError and RecordOverloadedError."""
        (entry,) = await self.record_together([draft])
        return entry

    async def record_together(self, drafts: Sequence[Draft]) -> list[Entry]:
        """The entries, once they are durable: all of them, in one transaction, or none. Raises as `record` does."""
        future: Future[list[Entry]] = Future()
        with self._changed:
            if self.problem is not None or self._closing:
                raise RecordUnavailableError(self.problem or "The service is stopping.")
            if self._entries_waiting() >= MOST_WAITING:
                raise RecordOverloadedError
            self._waiting.append((drafts, future))
            self._observer.waiting(self._entries_waiting())
        # Not before whatever else is ready has been assessed, so that it is written in the same transaction.
        asyncio.get_running_loop().call_soon(self._wake)
        return await asyncio.wrap_future(future)

    async def look(self, into: Callable[Asked, Found], *args: Asked.args, **kwargs: Asked.kwargs) -> Found:
        """What a method of the store finds. Raises RecordUnavailableError, at once while the record is known to be away.

        A connection that broke is tried once more. When it cannot look, it may not be able to write either: that is tried.
        """

        def found() -> Found:
            if self.problem is not None:
                raise RecordUnavailableError(self.problem)
            return into(*args, **kwargs)

        try:
            return await asyncio.to_thread(found)
        except RecordUnavailableError:
            with self._changed:
                self._doubted = True
                self._changed.notify()
        return await asyncio.to_thread(found)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()

    def _work(self) -> None:
        while not self._closing or self._waiting:
            if self.problem is not None:
                self._try_to_open()
            with self._changed:
                if self.problem is not None:
                    self._changed.wait_for(lambda: self._closing, SECONDS_BETWEEN_TRIES)
                    continue
                self._changed.wait_for(lambda: self._waiting or self._doubted or self._closing)
                doubted, self._doubted = self._doubted, False
                group = self._next_group()
                self._observer.waiting(self._entries_waiting())
            group = [(drafts, future) for drafts, future in group if future.set_running_or_notify_cancel()]
            if group:
                self._write(group)
            elif doubted:
                self._try_to_open()

    def _entries_waiting(self) -> int:
        return sum(len(drafts) for drafts, _ in self._waiting)

    def _next_group(self) -> list[Waiting]:
        """What waits first, as much as may be written at once; what came together stays together."""
        group: list[Waiting] = []
        room = MOST_AT_ONCE
        while self._waiting and (not group or len(self._waiting[0][0]) <= room):
            group.append(self._waiting.popleft())
            room -= len(group[-1][0])
        return group

    def _write(self, group: list[Waiting]) -> None:
        started = monotonic()
        try:
            entries = self.store.append([draft for drafts, _ in group for draft in drafts])
        except Exception as error:  # noqa: BLE001  # whatever it is, nobody may be answered, and this thread must live
            self._observer.failed()
            self._refuse(group, _words(error))
            return
        self._observer.committed(len(entries), monotonic() - started, max(entry.position for entry in entries))
        written = iter(entries)
        for drafts, future in group:
            future.set_result(list(islice(written, len(drafts))))

    def _refuse(self, group: list[Waiting], problem: str) -> None:
        with self._changed:
            self.problem = problem
            group = [*group, *(each for each in self._waiting if each[1].set_running_or_notify_cancel())]
            self._waiting.clear()
            self._observer.waiting(0)
        for _, future in group:
            future.set_exception(RecordUnavailableError(problem))

    def _try_to_open(self) -> None:
        try:
            self.store.open()
        except Exception as error:  # noqa: BLE001  # as above
            self._refuse([], _words(error))
        else:
            self.problem = None
        self._tried.set()


def _words(error: Exception) -> str:
    """Why, without what the error says of itself: only ours are known to hold no value."""
    return str(error) if isinstance(error, RecordUnavailableError) else f"The record could not be used ({type(error).__name__})."
