"""What routes need from the application: the engine, and a body that is small enough and JSON."""

import re
from asyncio import timeout

from fastapi import Request

from service.api.large_bodies import require_few_elements
from service.api.problems import RETRY_AFTER_SECONDS, Problem
from service.engine import Engine
from service.recording import RecordedEngine

BODY_SECONDS = 30
_JSON_TYPE = re.compile(r"\s*application/json\s*(;\s*charset\s*=\s*\"?utf-?8\"?\s*)?", re.IGNORECASE)
_FHIR_TYPE = re.compile(_JSON_TYPE.pattern.replace("/json", r"/(fhir\+)?json"), re.IGNORECASE)
_FORM_TYPE = re.compile(
    r"\s*(application/x-www-form-urlencoded\s*(;\s*charset\s*=\s*\"?utf-?8\"?\s*)?|multipart/form-data\s*;[ -~]*)", re.IGNORECASE
)
_LENGTH = re.compile(r"[0-9]{1,18}")


def engine_of(request: Request) -> Engine:
    """The engine. Raises a 503 problem while the service is not ready."""
    engine = request.app.state.engine
    if isinstance(engine, Engine):
        return engine
    raise Problem(
        503,
        "not-ready",
        "The service is not ready",
        str(request.app.state.not_ready_because),
        {"Retry-After": RETRY_AFTER_SECONDS},
    )


def recorded_engine_of(request: Request) -> RecordedEngine:
    """The engine with its record. Raises a 503 problem while the service is not ready."""
    state = request.app.state
    return RecordedEngine(engine_of(request), state.recorder, state.metrics, state.tracing)


async def json_body(request: Request, most_bytes: int) -> bytes:
    """The body, if it says it is JSON and is not too large. Raises 415, 413 and 408 problems."""
    return await _body(request, most_bytes, _JSON_TYPE, "application/json")


async def fhir_body(request: Request, most_bytes: int) -> bytes:
    """The body, if it says it is JSON or FHIR's JSON, is not too large and has few elements. Raises 415, 413 and 408 problems."""
    body = await _body(request, most_bytes, _FHIR_TYPE, "application/fhir+json")
    require_few_elements(body)
    return body


async def form_body(request: Request, most_bytes: int, seconds: float | None = None) -> bytes:
    """The body, if it says it is a form, is not too large and comes in time. Raises 415, 413 and 408 problems."""
    return await _body(request, most_bytes, _FORM_TYPE, "application/x-www-form-urlencoded or multipart/form-data", seconds)


async def _body(request: Request, most_bytes: int, types: re.Pattern[str], wanted: str, seconds: float | None = None) -> bytes:
    longest = BODY_SECONDS if seconds is None else seconds
    if not is_plain(request) or not types.fullmatch(request.headers.get("content-type", "")):
        detail = f"Send content-type: {wanted}, as UTF-8 and not compressed."
        raise Problem(415, "unsupported-media-type", "Unsupported media type", detail)
    declared = request.headers.get("content-length", "0")
    if not _LENGTH.fullmatch(declared) or int(declared) > most_bytes:
        raise too_large(most_bytes)
    try:
        async with timeout(longest):
            return await _received(request, most_bytes)
    except TimeoutError:
        raise Problem(408, "too-slow", "The body came too slowly", f"It must arrive within {longest} seconds.") from None


def is_plain(request: Request) -> bool:
    """Whether the body is not compressed."""
    return request.headers.get("content-encoding", "identity").strip().lower() == "identity"


async def _received(request: Request, most_bytes: int) -> bytes:
    chunks: list[bytes] = []
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > most_bytes:
            raise too_large(most_bytes)
        chunks.append(chunk)
    return b"".join(chunks)


def too_large(most_bytes: int) -> Problem:
    """The answer to a body that is too large."""
    return Problem(413, "too-large", "The body is too large", f"At most {most_bytes} bytes are read.")
