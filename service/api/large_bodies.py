"""Bodies of FHIR may be large, and the objects that they are read into are larger: few elements, and one large body at a time."""

from asyncio import Lock, to_thread
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from fastapi import FastAPI, Request

from service.api.problems import Problem

LARGE_BYTES = 1_048_576
# Our own bundles and calls, without a space in them, have an element in 37 to 53 bytes: 16 MiB, the most that is read by default,
# would have 450 000. As many empty objects take 70 MB.
MOST_ELEMENTS = 500_000
_IS_ALONE = "prrt.is_alone"  # in the scope
_T = TypeVar("_T")


@asynccontextmanager
async def shared(app: FastAPI) -> AsyncIterator[None]:
    """What the requests of an application share, while it lives."""
    app.state.large_bodies = Lock()
    yield


def require_few_elements(body: bytes) -> None:
    """See, before it is read, that a body of JSON does not hold more objects and lists than any patient. Raises a 413 problem."""
    if body.count(b"{") + body.count(b"[") > MOST_ELEMENTS:
        detail = f"At most {MOST_ELEMENTS} objects and lists are read."
        raise Problem(413, "too-many-elements", "Too many elements", detail)


@asynccontextmanager
async def one_at_a_time(request: Request, body: bytes) -> AsyncIterator[None]:
    """Wait until no other large body is in objects, if this one is large; a request never waits for itself."""
    if len(body) <= LARGE_BYTES or request.scope.get(_IS_ALONE):
        yield
        return
    async with request.app.state.large_bodies:
        request.scope[_IS_ALONE] = True
        yield


async def read_beside(read: Callable[[bytes], _T], body: bytes) -> _T:
    """What is read from a body: from a large one beside the event loop."""
    return await to_thread(read, body) if len(body) > LARGE_BYTES else read(body)
