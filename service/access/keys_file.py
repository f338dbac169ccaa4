"""The API keys file: YAML with the name, digest and scopes of each key, never a key."""

import re
from datetime import date
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from service.access.caller import Scope
from service.access.watched_file import UnusableFileError

MOST_BYTES = 65_536
_MOST_REASONS = 5


class _Part(BaseModel):
    """A part of the file: frozen, strict, nothing unknown, and no value in its errors."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


class KeyEntry(_Part):
    """One key: who holds it and what it may do."""

    # Too short to hold a key or a digest that somebody pasted into the wrong line.
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)
    """Who holds the key."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", repr=False)
    """SHA-256 of the whole key, in lower case hexadecimal digits."""
    scopes: list[Scope] = Field(min_length=1)
    """What the key may be used for."""
    expires_on: date | None = None
    """The first day on which the key is refused. Unit: calendar day, UTC."""


class KeysFile(_Part):
    """Every key. No two share a name or a digest."""

    keys: list[KeyEntry]
    """The keys; none is a way to refuse everybody."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for what in ("name", "sha256"):
            first: dict[str, int] = {}
            for index, key in enumerate(self.keys):
                before = first.setdefault(getattr(key, what), index)
                if before != index:
                    context = {"before": before, "index": index, "what": what}
                    raise PydanticCustomError("twice", "keys[{before}] and keys[{index}] have the same {what}", context)
        return self


class _OnceLoader(yaml.SafeLoader):
    """Safe YAML in which a key of a mapping stands once. Not libyaml's: that one overflows the stack of the process."""


def _mapping(loader: _OnceLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    names = [name.value for name, _ in node.value if isinstance(name, yaml.ScalarNode)]
    if len(names) != len(set(names)):
        raise yaml.MarkedYAMLError(problem_mark=node.start_mark)
    return loader.construct_mapping(node, deep=True)


_OnceLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def parse_keys(text: bytes) -> tuple[KeyEntry, ...]:
    """The keys in the file. Raises UnusableFileError, which names the place and never what stands there."""
    told = _read_yaml(text)
    try:
        return tuple(KeysFile.model_validate(told).keys)
    except ValidationError as error:
        reason = reason_of(error)
    # Raised here and not above: an exception that follows from another carries that one, and its input, along.
    raise UnusableFileError(reason)


def _read_yaml(text: bytes) -> Any:
    try:
        return yaml.load(text, Loader=_OnceLoader)  # noqa: S506  # a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        reason = "is not YAML in which each name stands once" + (f" (near line {mark.line + 1})" if mark else "")
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        reason = "is not YAML"
    raise UnusableFileError(f"the file {reason}")


def reason_of(error: ValidationError) -> str:
    """Where a keys file or entry is wrong, and how; never with what stands there."""
    errors = error.errors(include_input=False, include_url=False, include_context=False)
    reasons = [f"{_place(each['loc'])}{each['msg']}" for each in errors[:_MOST_REASONS]]
    return "; ".join([*reasons, "and more"] if len(errors) > _MOST_REASONS else reasons)


def _place(parts: tuple[int | str, ...]) -> str:
    """The place, up to the first name that is not one of ours: a key may have been pasted as a name."""
    ours = {*KeysFile.model_fields, *KeyEntry.model_fields}
    told = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" if part in ours else ".?" for part in parts)
    return re.sub(r"^\.", "", told) + (": " if told else "")
