"""Streaming both ways: lines as they come, work that is begun ahead, and answers while the request is still being read."""

from asyncio import Future, Queue, create_task, timeout
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import TypeVar

from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from service.api.batch_lines import MEDIA_TYPE
from service.api.dependencies import BODY_SECONDS
from service.api.problems import Problem
from service.batch.lines import Line, Lines, chunks

STALLED_SECONDS = 60
Told = TypeVar("Told")
Made = TypeVar("Made")


async def chunks_of(stream: AsyncIterator[bytes], most_bytes: int) -> AsyncIterator[tuple[Line, ...]]:
    """The lines of a body, in chunks, as soon as they are there. Raises a 408 problem."""
    lines, is_over = Lines(most_bytes), False
    while not is_over:
        try:
            async with timeout(BODY_SECONDS):
                found, is_over = await _next_lines(stream, lines)
        except TimeoutError:
            raise Problem(
                408, "too-slow", "The body came too slowly", f"A line must arrive within {BODY_SECONDS} seconds."
            ) from None
        for chunk in chunks(found):
            yield chunk


async def _next_lines(stream: AsyncIterator[bytes], lines: Lines) -> tuple[list[Line], bool]:
    """The next lines, and whether the body is over."""
    async for piece in stream:
        if found := lines.feed(piece):
            return found, False
    return lines.end(), True


async def in_order(told: AsyncIterator[Told], begin: Callable[[Told], Future[Made]], most: int) -> AsyncGenerator[Made, None]:
    """What is made of each thing told, in their order. So many are begun ahead; what more is told is not asked for.

    What the telling or the beginning raises is raised here, after all that was told before.
    """
    begun: Queue[Future[Made] | Exception | None] = Queue(most)

    async def begin_each() -> None:
        try:
            async for each in told:
                await begun.put(begin(each))
            await begun.put(None)
        except Exception as error:  # noqa: BLE001  # whoever waits for the answers is told
            await begun.put(error)

    task = create_task(begin_each())
    try:
        while (made := await begun.get()) is not None:
            if isinstance(made, Exception):
                raise made
            yield await made
    finally:
        task.cancel()
        while not begun.empty():
            left = begun.get_nowait()
            if isinstance(left, Future):
                left.cancel()


class StreamedLines(StreamingResponse):
    """Sends parts as they come, and leaves the request to whoever makes them: the stock response reads it to see a client go."""

    media_type = MEDIA_TYPE

    def __init__(self, first: bytes, later: AsyncGenerator[bytes, None]) -> None:
        # a proxy must not hold back what is answered
        super().__init__(_joined(first, later), headers={"x-accel-buffering": "no"})
        self._later = later

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send it all. Raises ClientDisconnect for a client that takes nothing for long. What makes the parts is closed."""

        async def send_in_time(message: Message) -> None:
            try:
                async with timeout(STALLED_SECONDS):
                    await send(message)
            except TimeoutError:
                raise ClientDisconnect from None

        async with aclosing(self._later):
            await self.stream_response(send_in_time)


async def _joined(first: bytes, later: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield first
    async for part in later:
        yield part
