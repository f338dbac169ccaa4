"""An exact quantity: a decimal amount, or the ratio of two, with its unit."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ONE = Decimal(1)
UNIT_WORDS = {"xULN": "x ULN", "d": "days", "wk": "weeks", "1": ""}


@dataclass(frozen=True, slots=True)
class Quantity:
    """`amount / per`, in `unit`. The division is only done to show the value, never to compare it."""

    amount: Decimal
    unit: str
    per: Decimal = ONE

    @property
    def value(self) -> Decimal:
        """The quotient, for people to read."""
        return self.amount / self.per

    @property
    def words(self) -> str:
        """The value with its unit in words."""
        return self.words_beside(None)

    def words_beside(self, threshold: Decimal | None) -> str:
        """The same, with the decimals it takes not to seem to equal a threshold."""
        return f"{readable(self.value, threshold)} {UNIT_WORDS.get(self.unit, self.unit)}".rstrip()

    def minus(self, threshold: Decimal) -> Decimal:
        """A number with the sign of `value - threshold`, computed without dividing."""
        return self.amount - threshold * self.per


def count(number: int) -> Quantity:
    """A number of things."""
    return Quantity(Decimal(number), "1")


def times(amount: Decimal, reference: Decimal, of: str) -> Quantity:
    """How many times `reference` the amount is; `of` names the reference (xULN, xBaseline)."""
    return Quantity(amount, of, reference)


def percent_change(amount: Decimal, reference: Decimal) -> Quantity:
    """The change from `reference` to `amount`, in per cent of the reference."""
    return Quantity(100 * (amount - reference), "%", reference)


def deviation(amount: Decimal, reference: Decimal) -> Quantity:
    """The distance from `reference` to `amount` in either direction, in per cent of the reference."""
    return Quantity(100 * abs(amount - reference), "%", reference)


def days(earlier: date, later: date) -> Quantity:
    """The days from `earlier` to `later`; negative when they stand the other way round."""
    return Quantity(Decimal((later - earlier).days), "d")


def weeks(earlier: date, later: date) -> Quantity:
    """The weeks from `earlier` to `later`, exact to the day."""
    return Quantity(Decimal((later - earlier).days), "wk", Decimal(7))


def months_after(day: date, months: int) -> date:
    """The same day of the month, that many calendar months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months(earlier: date, later: date) -> Quantity:
    """The completed calendar months from `earlier` to `later`; negative when they stand the other way round."""
    whole = (later.year - earlier.year) * 12 + later.month - earlier.month
    return Quantity(Decimal(whole - (months_after(earlier, whole) > later)), "mo")


def readable(value: Decimal, threshold: Decimal | None = None) -> str:
    """Two decimals, or as many more as it takes not to look equal to a threshold that it does not equal."""
    for places in range(2, 28):
        text = f"{value:.{places}f}"
        if threshold is None or value == threshold or Decimal(text) != threshold:
            break
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
