"""From the bytes of a request to what the contract names, or to refusals that never repeat what came.

A refusal names the place (a JSON pointer) and what is wrong there. It never holds the
value, and not even an unknown field's name unless that is close to a field's name.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar

import jiter
from pydantic import BaseModel, ValidationError

from service.patient.fields import REFUSED
from service.patient.state import PatientState

Told = TypeVar("Told", bound=BaseModel)
MOST_REFUSALS = 20
MOST_FIELDS = 60_000  # bounds the work of refusing them; the longest lists of the contract fit
MOST_BYTES_TO_SEARCH = 65_536  # for the place of a key that stands twice
_LOOKS_LIKE_A_FIELD = re.compile(r"[a-z][a-z_]{0,39}")  # no digits: they could be a number or a date of a patient
_LEAST_LIKENESS = 0.75
_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not a field of the contract",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must not hold control characters",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "tuple_type": "must be a list",
}
_MESSAGES_WITH_BOUNDS = {
    "literal_error": "must be one of {expected}",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "string_too_long": "must have at most {max_length} characters",
    "too_long": "must have at most {max_length} entries",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong: where (JSON pointer) and what, without the value."""

    pointer: str
    message: str


class RefusedRequest(ValueError):  # noqa: N818  # what happened, in one word with its handler
    """The request cannot be understood. `refusals` says why, never what came."""

    def __init__(self, refusals: list[Refusal], more: int = 0) -> None:
        super().__init__("the request was refused")
        self.refusals = tuple(refusals)
        self.more = more


def _names(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from _names(part)


@cache
def field_names(model: type[BaseModel]) -> list[str]:
    """Every field name of a model and of its parts."""
    return sorted(set(_names(model.model_json_schema())))


def read_patient(body: bytes, today: date) -> PatientState:
    """Read one patient. `today` stands for a missing `as_of`. Raises RefusedRequest."""
    return read_strictly(body, PatientState, {"today": today})


def read_strictly(body: bytes, model: type[Told], context: dict[str, Any] | None = None) -> Told:
    """Read what a body tells, exactly and with nothing unknown in it. Raises RefusedRequest."""
    # NaN is let through here, so that the refusal can name the field in which it stands.
    told = read_json(body, MOST_FIELDS, lambda: field_names(model), allow_nan=True)
    try:
        return model.model_validate(told, context=context)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)[:MOST_REFUSALS]
        names = field_names(model)
        refusals = [
            refused_field(pointer(detail["loc"], names), detail["loc"], detail["type"], detail["msg"], detail.get("ctx", {}))
            for detail in details
        ]
        raise RefusedRequest(refusals, more=error.error_count() - len(refusals)) from None


def read_json(body: bytes, most_fields: int, names: Callable[[], list[str]] = list, *, allow_nan: bool = False) -> Any:
    """The JSON of a body: numbers with a point as Decimal, each key once, nested as deep as the parser goes.

    A refusal shows no names but those of `names` and what is close to one. Raises RefusedRequest.
    """
    if body.count(b":") > most_fields:
        raise RefusedRequest([Refusal("", "has more fields than any patient")])
    try:
        return jiter.from_json(body, allow_inf_nan=allow_nan, catch_duplicate_keys=True, float_mode="decimal")
    except ValueError as error:
        raise RefusedRequest([_refused_text(body, str(error), names())]) from None


def refused_field(where: str, location: tuple[int | str, ...], kind: str, message: str, context: dict[str, Any]) -> Refusal:
    """What pydantic found wrong, in words that never hold the value."""
    if kind in _MESSAGES_WITH_BOUNDS:
        message = _MESSAGES_WITH_BOUNDS[kind].format(**context)
    elif kind != REFUSED:  # pydantic's own words could hold the value
        message = _MESSAGES.get(kind, "is not valid")
    if kind == "extra_forbidden" and where.count("/") < len(location):
        message = "holds a field that the contract does not name"
    return Refusal(where, message)


def pointer(location: tuple[int | str, ...], names: list[str]) -> str:
    """The JSON pointer (RFC 6901) of a place; stops where a name is neither one of ours nor close to one."""
    steps: list[str] = []
    for step in location:
        if isinstance(step, str) and not _may_be_shown(step, names):
            break
        steps.append(f"/{step}")
    return "".join(steps)


def _may_be_shown(name: str, names: list[str]) -> bool:
    """Whether a name is of the contract, or a slip of the pen for one; anything else could be a patient's."""
    close = _LOOKS_LIKE_A_FIELD.fullmatch(name) and get_close_matches(name, names, n=1, cutoff=_LEAST_LIKENESS)
    return name in names or bool(close)


def _refused_text(body: bytes, reason: str, names: list[str]) -> Refusal:
    """What is wrong with a text that is not JSON, or that says one key twice."""
    if "duplicate key" in reason:
        where = _place_of_the_duplicate(body, names) if len(body) <= MOST_BYTES_TO_SEARCH else ""
        return Refusal(where, "stands twice; every key may stand once")
    if "recursion limit" in reason:
        return Refusal("", "is nested too deeply")
    if not body.strip():
        return Refusal("", "is empty; send one JSON object")
    place = re.search(r"line \d+ column \d+$", reason)
    return Refusal("", f"is not valid JSON, or holds a number out of range{f', at {place.group()}' if place else ''}")


class _Twice:
    def __init__(self, key: str) -> None:
        self.key = key


def _place_of_the_duplicate(body: bytes, names: list[str]) -> str:
    """The slow second reading, only for a body that is refused anyway."""

    def once(pairs: list[tuple[str, Any]]) -> Any:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                return _Twice(key)
            seen.add(key)
        return dict(pairs)

    def find(node: Any, location: tuple[int | str, ...]) -> tuple[int | str, ...] | None:
        if isinstance(node, _Twice):
            return (*location, node.key)
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for step, child in children:
            found = find(child, (*location, step))
            if found is not None:
                return found
        return None

    try:
        found = find(json.loads(body, object_pairs_hook=once, parse_float=str), ())
    except (ValueError, RecursionError):  # the text after the duplicate may be worse
        found = None
    return pointer(found or (), names)
