"""When something was: a full date as it was written there, with the time if a zone goes with it."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from service.intake.members import object_at, text_at
from service.patient.fields import EARLIEST_YEAR, LATEST_YEAR

_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T[0-9:.]{5,32}(Z|[+-][0-9]{2}:[0-9]{2})?)?")


class When(NamedTuple):
    """The local date as written, a day of the calendar, and the whole text if it tells a time with its zone."""

    on: str
    at: str | None


def read_when(text: str | None) -> When | None:
    """A date or a time with its date. A year or a month alone is no date."""
    match = _DAY.fullmatch(text) if text else None
    if match is None:
        return None
    try:
        date.fromisoformat(match[1])
    except ValueError:
        return None
    return When(match[1], match[0] if match[3] else None)


def moment_of(resource: Mapping[str, Any], name: str) -> When | None:
    """The moment of `<name>DateTime`, `<name>Instant` or a `<name>Period` within one day; None if none is told."""
    told = text_at(resource, f"{name}DateTime") or text_at(resource, f"{name}Instant")
    if told is not None:
        return read_when(told)
    start, end = (read_when(text_at(object_at(resource, f"{name}Period"), side)) for side in ("start", "end"))
    return When(start.on, None) if start and end and start.on == end.on else None


def start_of(resource: Mapping[str, Any], name: str) -> When | None:
    """The moment of `<name>DateTime`, or the start of `<name>Period`."""
    return read_when(text_at(resource, f"{name}DateTime") or text_at(resource, f"{name}Period", "start"))


def calendar_day(when: When | None) -> str | None:
    """The day as ISO text; None if it is not told, or is of a year that is a typing error."""
    return when.on if when and EARLIEST_YEAR <= date.fromisoformat(when.on).year <= LATEST_YEAR else None


def time_of(when: When | None) -> datetime | None:
    """The time with its zone; None if none is told, or it is none of the clock."""
    try:
        return datetime.fromisoformat(when.at) if when and when.at else None
    except ValueError:
        return None
