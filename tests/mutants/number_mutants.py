"""Number mutants: each parameter and each step of a grade, moved by its smallest unit both ways.

The smallest unit is that of the last decimal place as written: 29.6 becomes 29.7 and 29.5,
8 becomes 9 and 7. Findings are cited and never compared, so they are left alone.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from typing import Any

import yaml

from tests.mutants import ROOT

EVIDENCE = "service/evidence"


@dataclass(frozen=True, slots=True)
class NumberMutant:
    """One number of one file, moved."""

    id: str
    file: str
    path: tuple[str | int, ...]
    value: str

    def install(self) -> Callable[[], bool]:
        """Make this process read the moved number. Call it before `service.evidence` is imported.

        The answer tells afterwards whether the file was read. A step that two terms share by a
        YAML anchor is moved in one of them only.
        """
        reader = import_module("service.terminology.yaml_text")
        read: Callable[[str], Any] = reader.read_yaml
        original = (ROOT / self.file).read_text("utf-8")
        was_read = False

        def read_moved(text: str) -> Any:
            nonlocal was_read
            told = read(text)
            if text != original:
                return told
            was_read = True
            return _with(told, self.path, self.value)

        reader.read_yaml = read_moved  # type: ignore[attr-defined]
        return lambda: was_read


def _with(document: Any, path: tuple[str | int, ...], value: str) -> Any:
    """A copy of the document with another number at that path, of the same type."""
    if not path:
        return type(document)(value)
    key, *rest = path
    changed: Any = dict(document) if isinstance(document, dict) else list(document)
    changed[key] = _with(deepcopy(document[key]), tuple(rest), value)
    return changed


def number_mutants() -> Iterator[NumberMutant]:
    """Every number mutant, in the order of the files."""
    for folder in (EVIDENCE, f"{EVIDENCE}/criteria", f"{EVIDENCE}/gradings"):
        for found in sorted((ROOT / folder).glob("*.yaml")):
            file = f"{folder}/{found.name}"
            document = yaml.load(found.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # text as written
            for place, path, written in _numbers(document):
                for moved in moved_both_ways(written):
                    yield NumberMutant(f"{file}:{place}: {written} -> {moved}", file, path, moved)


def moved_both_ways(written: str) -> tuple[str, str]:
    """A number, more and less by one unit of its last decimal place."""
    value = Decimal(written)
    unit = Decimal(1).scaleb(int(value.as_tuple().exponent))
    return f"{value + unit:f}", f"{value - unit:f}"


def _numbers(document: dict[str, Any]) -> Iterator[tuple[str, tuple[str | int, ...], str]]:
    """Where each number of a file stands: in words, as a path, and as written."""
    for name, parameter in document.get("parameters", {}).items():
        yield name, ("parameters", name, "value"), parameter["value"]
    for name, term in document.get("terms", {}).items():
        for index, step in enumerate(term["steps"]):
            yield f"{name}:step {index + 1} (grade {step['grade']})", ("terms", name, "steps", index, "value"), step["value"]
