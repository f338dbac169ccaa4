"""Retention and erasure: contents go, the chain stays, and an entry says which went and why."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, select, update

from service.audit.entry import Draft, new_id, now
from service.audit.store import Store, append_to
from service.audit.tables import ENTRY

_AT_ONCE = 500


def erase_before(store: Store, day: str, caller: str) -> int:
    """Erase the contents of every entry before a day (ISO, UTC). How many went."""
    return _erase(store, ENTRY.c.created_at < day, f"retention: before {day}", caller)


def erase_patient(store: Store, patient_id: str, caller: str) -> int:
    """Erase the contents of every entry about one patient. How many went. The erasure does not name the patient."""
    return _erase(store, ENTRY.c.patient_id == patient_id, "erasure of one patient", caller)


def _erase(store: Store, which: ColumnElement[bool], why: str, caller: str) -> int:
    wanted = (
        select(ENTRY.c.position).where(which, ENTRY.c.salt.is_not(None), ENTRY.c.kind != "erasure").order_by(ENTRY.c.position)
    )
    gone: dict[str, Any] = dict.fromkeys(("patient_id", "request", "answer", "salt", "idempotency_key"))
    with store.database.appending() as connection:
        positions = list(connection.scalars(wanted))
        if positions:
            answer = json.dumps({"why": why, "erased": _ranges(positions)}).encode()
            append_to(connection, [Draft(new_id(), "erasure", now(), caller, answer=answer)])
        for start in range(0, len(positions), _AT_ONCE):
            connection.execute(update(ENTRY).where(ENTRY.c.position.in_(positions[start : start + _AT_ONCE])).values(**gone))
    store.database.compact()  # also when nothing was erased now: it may not have been possible before
    return len(positions)


def _ranges(positions: Iterable[int]) -> list[list[int]]:
    """First and last of each run of positions, which come in order."""
    ranges: list[list[int]] = []
    for position in positions:
        if ranges and ranges[-1][1] == position - 1:
            ranges[-1][1] = position
        else:
            ranges.append([position, position])
    return ranges
