"""What the record is made of: drafts, and the entries that they become.

An entry's digest covers its header, and through a salted digest its contents. So the contents can be erased
and the chain still verifies.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

from uuid_utils import uuid7

Kind = Literal["assessment", "review", "reading", "search", "feedback", "export", "erasure"]
BEFORE_THE_FIRST = "0" * 64
SALT_BYTES = 16


class RecordUnavailableError(Exception):
    """The record cannot be written or read now. Its message never holds a value of an entry."""


TAMPERED = "The entry is not what was recorded: run `prrt-cds audit verify`."


class KeyReusedError(Exception):
    """An idempotency key came again with another request."""


def now() -> str:
    """The moment in UTC, to the microsecond, as text that sorts by time."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def new_id() -> str:
    """A UUID (version 7): ids sort by time."""
    return str(uuid7())


@dataclass(frozen=True, slots=True)
class Card:
    """A card that was shown in an EHR: its id, and the rule or other thing that it speaks of."""

    id: str
    topic: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be recorded. `request` and `answer` are kept byte by byte."""

    id: str
    kind: Kind
    created_at: str  # as `now()` writes it
    caller: str
    subject: str | None = None  # id of the assessment that it is about
    patient_id: str | None = None
    ground: str = ""  # JSON: what the answer depends on besides the request
    request: bytes = b""
    answer: bytes = b""
    idempotency_key: str | None = None  # digest of caller and key
    cards: tuple[Card, ...] = ()  # kept beside the chain


@dataclass(frozen=True, slots=True)
class Entry:
    """What was recorded, with its place in the chain. An erased one has neither contents nor salt."""

    draft: Draft
    position: int  # from 1, without gaps
    salt: bytes | None
    content_sha256: str
    previous_sha256: str
    sha256: str

    @property
    def is_erased(self) -> bool:
        """Whether its contents are gone."""
        return self.salt is None

    @property
    def has_its_header(self) -> bool:
        """Whether the header is what was recorded."""
        return header_digest(self.draft, self.position, self.content_sha256, self.previous_sha256) == self.sha256

    @property
    def has_its_contents(self) -> bool:
        """Whether the contents are what was recorded, or all of them are gone."""
        if self.salt is None:
            return not (self.draft.request or self.draft.answer or self.draft.patient_id)
        return content_digest(self.salt, self.draft) == self.content_sha256


def as_recorded(entry: Entry) -> Entry:
    """The entry, if it is what was recorded. Raises RecordUnavailableError."""
    if not (entry.has_its_header and entry.has_its_contents):
        raise RecordUnavailableError(TAMPERED)
    return entry


def chained(draft: Draft, position: int, previous_sha256: str, salt: bytes) -> Entry:
    """The entry that a draft becomes at a place of the chain."""
    contents = content_digest(salt, draft)
    return Entry(draft, position, salt, contents, previous_sha256, header_digest(draft, position, contents, previous_sha256))


def content_digest(salt: bytes, draft: Draft) -> str:
    """The digest of what can be erased: patient, request and answer."""
    total = sha256(salt)
    for part in ((draft.patient_id or "").encode(), draft.request, draft.answer):
        total.update(len(part).to_bytes(8))
        total.update(part)
    return total.hexdigest()


def header_digest(draft: Draft, position: int, contents: str, previous_sha256: str) -> str:
    """The digest of what always stays."""
    header = (
        position,
        draft.id,
        draft.kind,
        draft.created_at,
        draft.caller,
        draft.subject,
        draft.ground,
        contents,
        previous_sha256,
    )
    return sha256(json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()
