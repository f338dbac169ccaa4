"""Appending to the record, and reading from it."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from os import urandom
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from service.audit.database import Database
from service.audit.entry import BEFORE_THE_FIRST, SALT_BYTES, Draft, Entry, Kind, RecordUnavailableError, chained, now
from service.audit.tables import CARD, ENTRY, PULSE

BEHIND = "The record's tables are not those of this version: run `prrt-cds db upgrade`."
_ENTRIES_AT_ONCE = 200
_FASTEST = 1
_LAST = select(ENTRY.c.position, ENTRY.c.sha256).order_by(ENTRY.c.position.desc()).limit(1)
_INSERT = insert(ENTRY)


class Store:
    """The record in a database. Every method raises RecordUnavailableError."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def open(self) -> None:
        """Make the embedded record if it is not there; see that the tables are current and that a commit is possible."""
        if self.database.is_embedded:
            self.database.require_room()
        if not self.database.is_current():
            if not self.database.is_embedded:
                raise RecordUnavailableError(BEHIND)
            self.database.upgrade()
        with self.database.appending() as connection:
            connection.execute(update(PULSE).values(at=now()))

    def append(self, drafts: Sequence[Draft]) -> list[Entry]:
        """Append in one transaction; durable when it returns.

        What is there already under its id or its idempotency key is returned as it is. So a connection that broke is tried once
        more: whether its commit came through shows in the ids. At first only keys are looked for: an id is new, and one that
        is not is refused by the database, and found when tried again.
        """
        try:
            return self._append(drafts, look=any(draft.idempotency_key for draft in drafts))
        except RecordUnavailableError:
            return self._append(drafts, look=True)

    def _append(self, drafts: Sequence[Draft], *, look: bool) -> list[Entry]:
        with self.database.appending() as connection:
            return append_to(connection, drafts, look=look)

    def find(self, entry_id: str, kind: Kind = "assessment") -> Entry | None:
        """The entry with that id, if it is of that kind."""
        return self._first(ENTRY.c.id == entry_id, ENTRY.c.kind == kind)

    def _first(self, *conditions: Any) -> Entry | None:
        with self.database.reading() as connection:
            row = connection.execute(select(ENTRY).where(*conditions)).first()
            return _entry(row) if row else None

    def of_card(self, card_id: str) -> tuple[Entry, str] | None:
        """The assessment that a card stands on, and what the card speaks of."""
        with self.database.reading() as connection:
            wanted = select(ENTRY, CARD.c.topic).join(CARD, CARD.c.subject == ENTRY.c.id).where(CARD.c.id == card_id)
            row = connection.execute(wanted).first()
            return (_entry(row), row.topic) if row else None

    def cards_by_topic(self) -> dict[str, int]:
        """How many cards were shown about each thing."""
        with self.database.reading() as connection:
            counted = select(CARD.c.topic, func.count().label("shown")).group_by(CARD.c.topic)
            return {row.topic: row.shown for row in connection.execute(counted)}

    def about(self, subject: str, kind: Kind) -> list[Entry]:
        """Every entry of a kind about one assessment, earliest first."""
        wanted = select(ENTRY).where(ENTRY.c.subject == subject, ENTRY.c.kind == kind).order_by(ENTRY.c.position)
        with self.database.reading() as connection:
            return [_entry(row) for row in connection.execute(wanted)]

    def of_patient(self, patient_id: str, limit: int, after: str | None = None) -> list[Entry]:
        """The assessments of one patient, latest first; `after` is the id of the last that was seen."""
        wanted = select(ENTRY).where(ENTRY.c.patient_id == patient_id, ENTRY.c.kind == "assessment")
        if after is not None:
            before = select(ENTRY.c.position).where(ENTRY.c.id == after, ENTRY.c.patient_id == patient_id)
            wanted = wanted.where(ENTRY.c.position < before.scalar_subquery())
        with self.database.reading() as connection:
            return [_entry(row) for row in connection.execute(wanted.order_by(ENTRY.c.position.desc()).limit(limit))]

    def every(self) -> Iterator[Entry]:
        """The whole chain in order, a part at a time."""
        position: int | None = None  # somebody may have inserted one before the first
        while True:
            wanted = select(ENTRY).order_by(ENTRY.c.position).limit(_ENTRIES_AT_ONCE)
            if position is not None:
                wanted = wanted.where(ENTRY.c.position > position)
            with self.database.reading() as connection:
                entries = [_entry(row) for row in connection.execute(wanted)]
            yield from entries
            if len(entries) < _ENTRIES_AT_ONCE:
                return
            position = entries[-1].position


def append_to(connection: Connection, drafts: Sequence[Draft], *, look: bool = True) -> list[Entry]:
    """Append within a transaction that holds the chain; what is there already is not looked for if told so."""
    last = connection.execute(_LAST).first()
    position, previous = (last.position, last.sha256) if last else (0, BEFORE_THE_FIRST)
    known = _known(connection, drafts) if look else {}
    appended: list[Entry] = []
    entries: list[Entry] = []
    for draft in drafts:
        entry = known.get(draft.id) or (known.get(draft.idempotency_key) if draft.idempotency_key else None)
        if entry is None:
            position += 1
            entry = chained(draft, position, previous, urandom(SALT_BYTES))
            previous = entry.sha256
            appended.append(entry)
            known |= {key: entry for key in (draft.id, draft.idempotency_key) if key}
        entries.append(entry)
    if appended:
        connection.execute(_INSERT, [_values(entry) for entry in appended])
    cards = [{"id": card.id, "subject": entry.draft.id, "topic": card.topic} for entry in appended for card in entry.draft.cards]
    if cards:
        connection.execute(insert(CARD), cards)
    return entries


def _known(connection: Connection, drafts: Sequence[Draft]) -> dict[str, Entry]:
    """What of this stands in the record already, by id and by idempotency key."""
    keys = [draft.idempotency_key for draft in drafts if draft.idempotency_key]
    there = ENTRY.c.id.in_([draft.id for draft in drafts])
    found = connection.execute(select(ENTRY).where(there | ENTRY.c.idempotency_key.in_(keys) if keys else there))
    entries = [_entry(row) for row in found]
    return {key: entry for entry in entries for key in (entry.draft.id, entry.draft.idempotency_key) if key}


def _values(entry: Entry) -> Mapping[str, Any]:
    draft = entry.draft
    return {
        "id": draft.id,
        "kind": draft.kind,
        "created_at": draft.created_at,
        "caller": draft.caller,
        "subject": draft.subject,
        "patient_id": draft.patient_id,
        "ground": draft.ground,
        "idempotency_key": draft.idempotency_key,
        "request": zlib.compress(draft.request, _FASTEST),
        "answer": zlib.compress(draft.answer, _FASTEST),
        "position": entry.position,
        "salt": entry.salt,
        "content_sha256": entry.content_sha256,
        "previous_sha256": entry.previous_sha256,
        "sha256": entry.sha256,
    }


def _entry(row: Row[Any]) -> Entry:
    draft = Draft(
        id=row.id,
        kind=row.kind,
        created_at=row.created_at,
        caller=row.caller,
        subject=row.subject,
        patient_id=row.patient_id,
        ground=row.ground,
        request=_unpacked(row.request),
        answer=_unpacked(row.answer),
        idempotency_key=row.idempotency_key,
    )
    return Entry(draft, row.position, row.salt, row.content_sha256, row.previous_sha256, row.sha256)


def _unpacked(packed: bytes | None) -> bytes:
    """The contents; what is not compressed was not written by us, and is returned as it is for its digest to be found wrong."""
    try:
        return zlib.decompress(packed) if packed else b""
    except zlib.error:
        return bytes(packed or b"")
