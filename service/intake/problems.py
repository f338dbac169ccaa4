"""A neoplasm of the marrow, for which the state has no field of its own: it becomes an event of that name."""

from collections.abc import Mapping, Sequence
from datetime import date

from service.intake.gathering import Claim, Entry, Gathered
from service.patient.findings import Event


def with_marrow_neoplasms(
    lists: Mapping[str, Sequence[Entry]], gathered: Gathered, born: date | None, as_of: date, *, is_today: bool
) -> list[Entry]:
    """The events, and those that conditions tell.

    Without a day that can be right they count as of the day of the question: that they are active says that they last.
    """
    told = [Entry(_event(claim, born, as_of, is_today=is_today), (claim.origin,)) for claim in gathered.marrow_neoplasms]
    return [*lists.get("events", ()), *told]


def _event(claim: Claim, born: date | None, as_of: date, *, is_today: bool) -> Event:
    on = date.fromisoformat(claim.on) if claim.on else None
    if on is None:
        return _of(f"{claim.value} (undated)", as_of)
    if (born is not None and on < born) or (is_today and on > as_of):
        return _of(f"{claim.value} (dated {on})", as_of)
    return _of(str(claim.value), on)


def _of(detail: str, on: date) -> Event:
    return Event(occurred_on=on, kind="adverse_event", detail=detail)
