"""Members of a JSON object that may be anything: each is what it should be, or as if it were not there."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

NOTHING: Mapping[str, Any] = {}
_SHOWN = (int, Decimal, str)
_MOST_SHOWN = 40  # characters of a number as it was told


def object_at(node: object, *steps: str) -> Mapping[str, Any]:
    """The object at the end of these steps; an empty one if there is none."""
    for step in steps:
        node = node.get(step) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else NOTHING


def text_at(node: object, *steps: str) -> str | None:
    """The text at the end of these steps, or None."""
    for step in steps:
        node = node.get(step) if isinstance(node, dict) else None
    return node if isinstance(node, str) else None


def entries_at(node: object, *steps: str) -> list[Mapping[str, Any]]:
    """The objects in the list at the end of these steps; what is no object there is left out."""
    for step in steps:
        node = node.get(step) if isinstance(node, dict) else None
    return [entry for entry in node if isinstance(entry, dict)] if isinstance(node, list) else []


def objects_at(node: object, *steps: str) -> list[Mapping[str, Any]]:
    """The object at the end of these steps, or the objects in the list there."""
    for step in steps:
        node = node.get(step) if isinstance(node, dict) else None
    return [node] if isinstance(node, dict) else entries_at(node)


def shown(value: object) -> str | None:
    """A number or a text as it was told, if it is short enough to be shown."""
    if isinstance(value, bool) or not isinstance(value, _SHOWN):
        return None
    if isinstance(value, int) and value.bit_length() > _MOST_SHOWN * 3:  # its digits would be many
        return None
    text = str(value)
    return text if len(text) <= _MOST_SHOWN else None
