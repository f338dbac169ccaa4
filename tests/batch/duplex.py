"""A client that speaks ASGI and does both at once: sends when it wants to, and takes what is answered when it wants to."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]


class Duplex:
    """One batch. `pieces` of the body are put in; what is answered is in `lines`, once it may be sent."""

    def __init__(self, app: Any, taking: Callable[[], Awaitable[None]] | None = None) -> None:
        self.pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.asked, self.status, self.body, self.is_complete = 0, None, b"", False
        self._taking = taking
        self._news = asyncio.Condition()
        self.task = asyncio.create_task(app(scope(), self._receive, self._send))

    def put(self, *patients: Any) -> None:
        """Send patients, each on its line: bytes as they are, anything else as JSON."""
        texts = [told if isinstance(told, bytes) else json.dumps(told).encode() for told in patients]
        self.pieces.put_nowait(b"".join(text + b"\n" for text in texts))

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]

    async def answered(self, count: int) -> list[Any]:
        """The answers, once there are so many."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: len(self.lines) >= count)
        return self.lines

    async def ended(self) -> list[Any]:
        """The answers, after the end of the request."""
        self.pieces.put_nowait(b"")
        await asyncio.wait_for(self.task, 20)
        return self.lines

    async def gone(self) -> None:
        """The client leaves."""
        self.pieces.put_nowait(None)
        await asyncio.wait_for(self.task, 20)

    async def cut(self) -> None:
        """The server gives up on the request, as it does when it stops."""
        self.task.cancel()
        await asyncio.wait([self.task], timeout=20)

    async def _receive(self) -> Message:
        self.asked += 1
        piece = await self.pieces.get()
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    async def _send(self, message: Message) -> None:
        if self._taking:
            await self._taking()
        async with self._news:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            else:
                self.body += message["body"]
                self.is_complete = not message.get("more_body")
            self._news.notify_all()


def scope() -> Message:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/assessments/batch",
        "raw_path": b"/v1/assessments/batch",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/x-ndjson")],
    }
