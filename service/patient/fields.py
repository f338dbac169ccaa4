"""How a field of the request is declared: strict, exact, documented.

Numbers arrive as `int` or `Decimal` (the reader keeps every digit of the JSON text) and
nothing else counts as a number; dates are ISO 8601 text and nothing else counts as a date.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

REFUSED = "refused"
MOST_ENTRIES = 5000
# Days beyond these years are typing errors, and would leave the calendar in computing with them.
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200
# 17 digits are what a double can carry. A bound keeps every later product exact in Decimal's 28 digits.
MOST_DIGITS = 17
_NUMBERS = (int, Decimal)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})")


class RequestPart(BaseModel):
    """A part of the request: frozen, strict, and nothing in it that the contract does not name."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


def refused(message: str, context: dict[str, Any] | None = None) -> PydanticCustomError:
    """A refusal in our own words, which never hold the value."""
    return PydanticCustomError(REFUSED, message, context)


def _exact_number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        raise refused("must be a number, not text and not true or false")
    number = Decimal(value)
    if not number.is_finite():
        raise refused("must be a finite number")
    may_be_long = len(str(number)) > MOST_DIGITS  # its digits are counted, which is slow, only then
    if (may_be_long and len(number.as_tuple().digits) > MOST_DIGITS) or abs(number.adjusted()) > MOST_DIGITS:
        raise refused("has more digits than any measurement; round it")
    return number


def _iso_date(value: Any) -> date:
    if type(value) is date:
        return value
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = date.min
        if EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            return day
    raise refused("must be a date of the calendar, written YYYY-MM-DD")


def _iso_datetime(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and _ISO_DATETIME.fullmatch(value)):
        return value
    raise refused("must be a time with its zone, written YYYY-MM-DDThh:mm:ssZ")


def _tuple_of(value: Any) -> Any:
    """A list as a tuple. A list beyond any bound is refused before its entries are looked at."""
    if isinstance(value, list) and len(value) > MOST_ENTRIES:
        raise refused("must have at most {most} entries", {"most": MOST_ENTRIES})
    return tuple(value) if isinstance(value, list) else value


Number = Annotated[Decimal, BeforeValidator(_exact_number), WithJsonSchema({"type": "number"})]
Percent = Annotated[Number, Field(ge=0, le=100)]
Day = Annotated[date, BeforeValidator(_iso_date), WithJsonSchema({"type": "string", "format": "date"})]
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_iso_datetime)]
# No control characters, and none that hide or turn what is printed: a name is read by people.
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]*$"
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=_PRINTABLE)]
Sequence = BeforeValidator(_tuple_of)


def field(meaning: str, example: Any, *, unit: str | None = None, default: Any = None, **bounds: Any) -> Any:
    """A field with its meaning, an example and, for numbers, its unit. Optional unless `default` is `...`."""
    described = f"{meaning} Unit: {unit}." if unit else meaning
    return Field(default, description=described, examples=[example], **bounds)
