"""What a form of the page posts: read in memory, never spooled to a disk, and only if it is a form that we gave out."""

import re
from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from service.api.board.visitor import Visit
from service.api.callers import service_url
from service.api.dependencies import form_body
from service.api.problems import Problem

TOKEN_FIELD = "csrf_token"  # noqa: S105  # the name of the field
MOST_FIELDS = 2000
MOST_FILES = 8
MOST_HEAD_BYTES = 8192  # of the lines before a part
_OURS = frozenset({"same-origin", "none"})
_BOUNDARY = re.compile(r"multipart/form-data\s*;\s*boundary=(?P<quote>\"?)(?P<boundary>[!#-~]{1,70})(?P=quote)\s*", re.IGNORECASE)
_TEXT = r'"([^"\\\r\n]|\\.)*"'
_DISPOSITION = re.compile(
    rf"content-disposition:\s*form-data;\s*name=(?P<name>{_TEXT})(?P<file>;\s*filename=(?P<filename>{_TEXT}))?(;[^\r\n]*)?",
    re.IGNORECASE,
)
_Part = tuple[str, bytes, bool]  # name, content, whether it is a file


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a form, and the contents of its files, by name. A file that was not chosen is not there."""

    fields: Mapping[str, str] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)


class UnreadableFormError(ValueError):
    """The body is not the form that it says it is. The message may be shown: it holds nothing of the body."""


async def posted_form(request: Request, visit: Visit, most_bytes: int, seconds: float | None = None) -> Posted:
    """The form in a body. Raises 415, 413, 408 and 422 problems, and 403 without the token of the visit."""
    require_our_page(request)
    body = await form_body(request, most_bytes, seconds)
    try:
        posted = await to_thread(read_form, request.headers["content-type"], body)
    except UnreadableFormError as error:
        raise Problem(422, "unreadable-form", "The form cannot be read", f"{error}.") from None
    if not compare_digest(posted.fields.get(TOKEN_FIELD, "").encode(), visit.csrf_token.encode()):
        raise _expired()
    return posted


def require_our_page(request: Request) -> None:
    """See that what the browser says of the page does not speak against it. Raises a 403 problem.

    A browser that says nothing is not refused: without the token nothing is done.
    """
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site", "none") not in _OURS or (origin is not None and not _is_ours(origin, request)):
        raise _expired()


def _is_ours(origin: str, request: Request) -> bool:
    """Whether it is where we are reached. A proxy may have ended TLS, so that only the host tells."""
    public = urlsplit(service_url(request))
    host = origin.partition("://")[2]
    return origin == f"{public.scheme}://{public.netloc}" or (host != "" and host == request.headers.get("host"))


def _expired() -> Problem:
    detail = "The form was not made for this visit, or for another user. Go back, reload the page and send it again."
    return Problem(403, "form-expired", "The form has expired", detail)


def read_form(content_type: str, body: bytes) -> Posted:
    """The form in a body. Raises UnreadableFormError, also for a field that is told twice: which one is meant is not guessed."""
    found = _BOUNDARY.fullmatch(content_type.strip())
    is_multipart = content_type.strip().lower().startswith("multipart/")
    parts = _parts(body, found["boundary"].encode() if found else b"") if is_multipart else _pairs(body)
    files = {name: content for name, content, is_file in parts if is_file}
    if len(files) > MOST_FILES:
        raise UnreadableFormError(f"It has more than {MOST_FILES} files")
    names = [name for name, _, _ in parts]
    if len(names) != len(set(names)):
        raise UnreadableFormError("A field is there twice")
    try:
        return Posted({name: content.decode() for name, content, is_file in parts if not is_file}, files)
    except UnicodeDecodeError:
        raise UnreadableFormError("It is not UTF-8") from None


def _pairs(body: bytes) -> list[_Part]:
    """The fields of an urlencoded body."""
    try:
        told = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:  # UnicodeDecodeError is one
        raise UnreadableFormError(f"It is not urlencoded UTF-8 of at most {MOST_FIELDS} fields") from None
    return [(name, value.encode(), False) for name, value in told]


def _parts(body: bytes, boundary: bytes) -> list[_Part]:
    """The parts of a multipart body (RFC 7578), written as browsers do: nothing before the first and nothing after the last."""
    if not boundary:
        raise UnreadableFormError("Its content-type names no boundary")
    before, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary, MOST_FIELDS + 1)
    if before or not parts or parts.pop() not in (b"--", b"--\r\n"):
        raise UnreadableFormError(f"It does not consist of at most {MOST_FIELDS} whole parts")
    told = [_part(part) for part in parts]
    return [(name, content, is_file) for name, content, is_file, is_there in told if is_there]


def _part(part: bytes) -> tuple[str, bytes, bool, bool]:
    """Name and content of a part, whether it is a file, and whether there is one at all."""
    head, ended, content = part.partition(b"\r\n\r\n")
    if not ended or len(head) > MOST_HEAD_BYTES:
        raise UnreadableFormError(f"A part does not end its first {MOST_HEAD_BYTES} bytes with an empty line")
    lines = head.decode("utf-8", "replace").split("\r\n")
    dispositions = [found for found in map(_DISPOSITION.fullmatch, lines) if found]
    if lines[0] or len(dispositions) != 1 or "�" in dispositions[0]["name"]:
        raise UnreadableFormError("A part does not say how it is called")
    name, is_file = dispositions[0]["name"][1:-1], dispositions[0]["file"] is not None
    return name, content, is_file, not is_file or content != b"" or dispositions[0]["filename"] != '""'
