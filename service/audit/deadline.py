"""A bound on the time that one use of a database server may take: its connections are cut when it is over.

A server that falls silent answers no question of the client, and no timeout of its own.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Timer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection  # the embedded record does without it

_CURRENT: ContextVar["Deadline"] = ContextVar("deadline")


class Deadline:
    """Cuts every connection that it is told of, once its time is over."""

    def __init__(self, seconds: float) -> None:
        self._connections: list[Connection[Any]] = []
        self._is_over = False
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    @contextmanager
    def running(self) -> Iterator[None]:
        """The time runs until the block ends. Within it, connections of this thread are watched by `watch`."""
        before = _CURRENT.set(self)
        self._timer.start()
        try:
            yield
        finally:
            self._timer.cancel()
            _CURRENT.reset(before)

    def add(self, connection: "Connection[Any]") -> None:
        """Cut this connection too when the time is over."""
        self._connections.append(connection)
        if self._is_over:
            _cut(connection)

    def _end(self) -> None:
        self._is_over = True
        for connection in tuple(self._connections):
            _cut(connection)


def watch(connection: "Connection[Any]") -> None:
    """Put a psycopg connection under the deadline that runs in this thread."""
    _CURRENT.get().add(connection)


def _cut(connection: "Connection[Any]") -> None:
    """Close the socket under a connection, so that whoever waits on it gets an error. A closed one has none."""
    from psycopg import Error  # noqa: PLC0415  # as above

    with suppress(OSError, Error), socket.socket(fileno=os.dup(connection.pgconn.socket)) as wire:
        wire.shutdown(socket.SHUT_RDWR)
