"""One file, one rule; nothing else lives here. `RULES` finds them by folder."""

from importlib import import_module
from pkgutil import iter_modules

from service.verdict import Rule


def _find() -> tuple[Rule, ...]:
    names = sorted(module.name for module in iter_modules(__path__))
    return tuple(_only_rule(name) for name in names)


def _only_rule(name: str) -> Rule:
    module = import_module(f"{__name__}.{name}")
    found = [value for value in vars(module).values() if isinstance(value, Rule)]
    if len(found) != 1:
        raise ImportError(f"{module.__name__} must hold exactly one rule, and holds {len(found)}")
    return found[0]


RULES: tuple[Rule, ...] = _find()
