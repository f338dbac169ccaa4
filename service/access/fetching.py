"""Reads one small document from an address: no redirect, no cookie, no compression, a bound on bytes and on time."""

from http.client import HTTPException, HTTPResponse
from ssl import create_default_context
from time import monotonic
from urllib.error import URLError
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

_OK = 200
_CHUNK_BYTES = 16_384


class NotFetchedError(Exception):
    """The document was not read. The message may be shown: it holds nothing of the address or of the answer."""


def fetch(url: str, most_bytes: int, seconds: float) -> bytes:
    """The document at an http or https address. Raises NotFetchedError.

    Each step (connecting, one read) ends after `seconds`, and no step begins after `seconds` in all. Looking the name
    up ends when the system's resolver gives up, which is why the caller waits for no longer than it wants to.
    """
    deadline = monotonic() + seconds
    try:
        request = Request(url, headers={"Accept": "application/json", "User-Agent": "prrt-cds"})  # noqa: S310  # _opener
        answer: HTTPResponse = _opener(request.type).open(request, timeout=seconds)
        with answer:
            return _body(answer, most_bytes, deadline)
    except (OSError, HTTPException, ValueError) as error:
        reason = f"could not be reached ({_kind(error)})"
    raise NotFetchedError(reason)


def _opener(scheme: str) -> OpenerDirector:
    """What opens the address. Nothing in it follows a redirect, reads a file or knows a third scheme."""
    opener = OpenerDirector()
    opener.add_handler(HTTPHandler())
    if scheme == "https":
        opener.add_handler(HTTPSHandler(context=create_default_context()))
        opener.add_handler(ProxyHandler())
    return opener


def _body(answer: HTTPResponse, most_bytes: int, deadline: float) -> bytes:
    if answer.status != _OK:
        raise NotFetchedError(f"answered {answer.status}")
    received = b""
    while chunk := answer.read1(_CHUNK_BYTES):
        received += chunk
        if len(received) > most_bytes:
            raise NotFetchedError(f"answered more than {most_bytes} bytes")
        if monotonic() > deadline:
            raise NotFetchedError("answered too slowly")
    if answer.length:
        raise NotFetchedError("answered only a part")
    return received


def _kind(error: Exception) -> str:
    """What went wrong, as the name of an error and without its words, which may hold an address."""
    cause = error.reason if isinstance(error, URLError) else error
    return type(cause).__name__
