"""YAML in which a number keeps the digits that were written, and a key stands once."""

from decimal import Decimal
from typing import Any

import yaml


class _ExactLoader(yaml.CSafeLoader):
    """Safe YAML: floats become Decimal, and two values for one key are refused."""


def _decimal(loader: _ExactLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node))


def _mapping(loader: _ExactLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    twice = [key for key in keys if keys.count(key) > 1]
    if twice:
        raise yaml.constructor.ConstructorError(None, None, f"two values for {twice[0]!r}", node.start_mark)
    return loader.construct_mapping(node, deep=True)


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)
_ExactLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(text: str) -> Any:
    """The document in `text`. Raises yaml.YAMLError if it is not safe YAML."""
    return yaml.load(text, Loader=_ExactLoader)  # noqa: S506  # a subclass of the safe loader
