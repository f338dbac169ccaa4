"""Retention and erasure: contents go, the chain stays, and an entry says which went and why."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, select, update

from service.audit.entry import Draft, new_id, now
from service.audit.store import Store, append_to
from service.audit.tables import ENTRY

_AT_ONCE = 5000


def erase_before(store: Store, day: str, caller: str) -> int:
    """Erase the contents of every entry before a day (ISO, UTC). How many went."""
    return _erase(store, ENTRY.c.created_at < day, f"retention: before {day}", caller)


def erase_patient(store: Store, patient_id: str, caller: str) -> int:
    """Erase the contents of every entry about one patient. How many went. The erasure does not name the patient."""
    return _erase(store, ENTRY.c.patient_id == patient_id, "erasure of one patient", caller)


def _erase(store: Store, which: ColumnElement[bool], why: str, caller: str) -> int:
    wanted = (
        select(ENTRY.c.position)
        .where(which, ENTRY.c.salt.is_not(None), ENTRY.c.kind != "erasure")
        .order_by(ENTRY.c.position)
        .limit(_AT_ONCE)
    )
    erased = 0
    while positions := _erase_some(store, wanted, why, caller):
        erased += len(positions)
    store.database.compact()  # also when nothing was erased now: it may not have been possible before
    return erased


def _erase_some(store: Store, wanted: Select[Any], why: str, caller: str) -> list[int]:
    """Erase the first of what is wanted, in a transaction that keeps nobody waiting for long."""
    gone: dict[str, Any] = dict.fromkeys(("patient_id", "request", "answer", "salt", "idempotency_key"))
    with store.database.appending() as connection:
        positions = list(connection.scalars(wanted))
        if positions:
            answer = json.dumps({"why": why, "erased": _ranges(positions)}).encode()
            append_to(connection, [Draft(new_id(), "erasure", now(), caller, answer=answer)])
            connection.execute(update(ENTRY).where(ENTRY.c.position.in_(positions)).values(**gone))
    return positions


def _ranges(positions: Iterable[int]) -> list[list[int]]:
    """First and last of each run of positions, which come in order."""
    ranges: list[list[int]] = []
    for position in positions:
        if ranges and ranges[-1][1] == position - 1:
            ranges[-1][1] = position
        else:
            ranges.append([position, position])
    return ranges
