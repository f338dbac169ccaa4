"""What was typed into a field, and the JSON value that it stands for. Numbers keep the digits that were typed."""

import re
from decimal import Decimal
from typing import Any

from service.form.field import FormField

NOT_A_NUMBER = "must be a number with a point, as 7.4: no comma, no space, no separator of thousands"
TOO_LONG = "has more digits than any measurement; round it"
# Longer ones are kept as text, which the reader of patients refuses.
_MOST_CHARACTERS = 40
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_TRUTHS = {"yes": True, "no": False}
_TRUTH_WORDS = {True: "yes", False: "no"}


def value_of(field: FormField, text: str) -> Any:
    """The JSON value of a text; the text itself if it cannot be one of this kind, to be refused where patients are read."""
    if field.kind in ("number", "whole") and _NUMBER.fullmatch(text) and len(text) <= _MOST_CHARACTERS:
        return Decimal(text)
    return _TRUTHS.get(text, text) if field.kind == "truth" else text


def wrong_with(field: FormField, text: str) -> str | None:
    """Why a text cannot be a number, for a field that asks for one."""
    if field.kind not in ("number", "whole"):
        return None
    if not _NUMBER.fullmatch(text):
        return NOT_A_NUMBER
    return TOO_LONG if len(text) > _MOST_CHARACTERS else None


def text_of(value: Any) -> str | None:
    """A JSON value as it would be typed; None for one that cannot be."""
    if isinstance(value, bool):
        return _TRUTH_WORDS[value]
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        return f"{number:f}" if number.is_finite() and abs(number.adjusted()) < _MOST_CHARACTERS else None
    return None
