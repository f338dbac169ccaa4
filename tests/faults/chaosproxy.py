"""A network between service and database that is slow, falls silent, or cuts connections. On the loopback only."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Self


class ChaosProxy:
    """A TCP port in front of a Unix socket. What goes wrong is set while it runs, from any thread.

    `latency`    seconds that each piece takes, in each direction
    `is_silent`  nothing goes through, and nothing is closed; goes on where it stopped when it is no longer silent
    `on_request` sees each piece that the client sends; may say "cut" (before it goes through), "cut after" (when the answer
                 comes, which is not given), "silence" (this connection for good), or nothing
    """

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self.latency = 0.0
        self.on_request: Callable[[bytes], str | None] | None = None
        self.port = 0
        self.connections = 0  # that were made, ever
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._open: asyncio.Event | None = None
        self._thread = Thread(target=self._loop.run_forever, name="chaosproxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._begin())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def is_silent(self) -> bool:
        return self._open is not None and not self._open.is_set()

    @is_silent.setter
    def is_silent(self, silent: bool) -> None:
        assert self._open is not None
        self._loop.call_soon_threadsafe(self._open.clear if silent else self._open.set)

    def heal(self) -> None:
        """Everything as it should be, for connections made from now on."""
        self.latency, self.on_request, self.is_silent = 0.0, None, False
        self.cut()

    def cut(self) -> None:
        """Cut every connection now."""
        self._loop.call_soon_threadsafe(self._cut)

    def cut_some(self, share: float) -> None:
        """Cut each connection with that probability."""
        self._loop.call_soon_threadsafe(self._cut, share)

    def _do(self, what: object) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(30)  # type: ignore[arg-type]

    async def _begin(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _finish(self) -> None:
        self._server.close()
        self._cut()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _cut(self, share: float = 1) -> None:
        for writer in list(self._writers):
            if random.random() < share:  # noqa: S311  # nothing secret
                writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            up_reader, up_writer = await asyncio.open_unix_connection(self._socket)
        except OSError:  # there is no database
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(up_writer)
        wire = _Wire(self, writer, up_writer)
        with suppress(asyncio.CancelledError):
            await asyncio.gather(wire.to_the_database(reader, up_writer), wire.from_the_database(up_reader, writer))
        for each in (writer, up_writer):
            self._writers.discard(each)
            each.transport.abort()

    async def passed(self) -> None:
        """Wait as long as the network wants."""
        assert self._open is not None
        await self._open.wait()
        if self.latency:
            await asyncio.sleep(self.latency)
            await self._open.wait()


class _Wire:
    """One connection through the proxy."""

    def __init__(self, proxy: ChaosProxy, *writers: asyncio.StreamWriter) -> None:
        self._proxy, self._writers = proxy, writers
        self._cuts_with_the_answer = self._is_silent = False

    async def to_the_database(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                told = self._proxy.on_request(piece) if self._proxy.on_request else None
                if told == "cut":
                    break
                self._cuts_with_the_answer = told == "cut after"
                self._is_silent = told == "silence"
                await self._pass(piece, writer)
        self._cut()

    async def from_the_database(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while (piece := await reader.read(65536)) and not self._cuts_with_the_answer:
                await self._pass(piece, writer)
        if self._is_silent:  # nor does it tell that the database closed it
            await asyncio.Event().wait()
        self._cut()

    async def _pass(self, piece: bytes, writer: asyncio.StreamWriter) -> None:
        if self._is_silent:
            await asyncio.Event().wait()
        await self._proxy.passed()
        writer.write(piece)
        await writer.drain()

    def _cut(self) -> None:
        for each in self._writers:
            each.transport.abort()
