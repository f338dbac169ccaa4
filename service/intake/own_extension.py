"""What FHIR has no member for: one extension, nested as the wire contract is.

`urn:prrt-cds:fhir:<part>` holds one extension for each field, named by the contract: a number as valueDecimal or
valueInteger, a truth as valueBoolean, a date as valueDate, any text as valueString, an object as its own fields, a
list as one extension `entry` for each of its entries. An object or a list without anything in it is the valueCode
`empty-object` or `empty-list`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from service.intake.members import entries_at, text_at

SYSTEM = "urn:prrt-cds:fhir"
_DEEPEST = 8  # no part of the contract nests deeper
_EMPTY_OBJECT, _EMPTY_LIST = "empty-object", "empty-list"
_VALUES = ("valueDecimal", "valueInteger", "valueBoolean", "valueDate", "valueString")


def extension_of(part: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """The extension that holds these fields of a part (Python values, as `model_dump` gives them)."""
    return _written(f"{SYSTEM}:{part}", told)


def told_by_extension(resource: Mapping[str, Any], part: str) -> dict[str, Any] | None:
    """The fields that the extension of this part holds, not yet validated; None if there is no such extension."""
    url = f"{SYSTEM}:{part}"
    for extension in entries_at(resource, "extension"):
        if text_at(extension, "url") == url:
            told = _read(extension, _DEEPEST)
            return told if isinstance(told, dict) else {}
    return None


def _written(url: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"url": url, "valueBoolean": value}
    if isinstance(value, int):
        return {"url": url, "valueInteger": value}
    if isinstance(value, Decimal):
        return {"url": url, "valueDecimal": value}
    if isinstance(value, datetime):
        return {"url": url, "valueString": value.isoformat()}
    if isinstance(value, date):
        return {"url": url, "valueDate": value.isoformat()}
    if isinstance(value, str):
        return {"url": url, "valueString": value}
    if isinstance(value, Mapping):
        nested = [_written(name, each) for name, each in value.items()]
        return {"url": url, "extension": nested} if nested else {"url": url, "valueCode": _EMPTY_OBJECT}
    entries = [_written("entry", each) for each in value]
    return {"url": url, "extension": entries} if entries else {"url": url, "valueCode": _EMPTY_LIST}


def _read(extension: Mapping[str, Any], deepest: int) -> Any:
    for name in _VALUES:
        if name in extension:
            return extension[name]
    if extension.get("valueCode") == _EMPTY_OBJECT:
        return {}
    if extension.get("valueCode") == _EMPTY_LIST or deepest == 0:
        return []
    nested = entries_at(extension, "extension")
    if nested and all(each.get("url") == "entry" for each in nested):
        return [_read(each, deepest - 1) for each in nested]
    return {text_at(each, "url") or "": _read(each, deepest - 1) for each in nested}
