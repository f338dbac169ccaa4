"""The text of the page and its figures, all of it in one folder: a translation is a folder beside `en`."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from service.terminology.yaml_text import read_yaml

LANGUAGE = "en"


@cache
def words(part: str) -> Mapping[str, Any]:
    """The text of one part, read-only: `words("form")["submit"]`. Raises FileNotFoundError for a part that has none."""
    found: Mapping[str, Any] = _frozen(read_yaml(files(__name__).joinpath(LANGUAGE, f"{part}.yaml").read_text("utf-8")))
    return found


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({name: _frozen(each) for name, each in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
