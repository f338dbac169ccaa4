"""Reads cases and vignettes, and judges them with the real rules."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from service.engine import Engine, build
from service.patient import PatientState
from service.patient.reading import read_patient
from service.presentation.as_json import as_json
from service.settings import Settings
from service.terminology.yaml_text import read_yaml

TESTS = Path(__file__).parent
TODAY = date(2026, 3, 10)


@cache
def engine() -> Engine:
    """The engine with every rule."""
    return build(Settings())


def merged(base: Any, over: Any) -> Any:
    """Objects are merged, lists and values replace."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {key: merged(base.get(key), over[key]) if key in over else base[key] for key in {**base, **over}}
    return over


@cache
def _patient() -> dict[str, Any]:
    return read_yaml((TESTS / "cases" / "_patient.yaml").read_text("utf-8"))


def patient(given: dict[str, Any]) -> PatientState:
    """The patient of a case, read as a request would be."""
    return read_patient(json.dumps(merged(_patient(), given), default=float).encode(), TODAY)


def assessed(given: dict[str, Any]) -> dict[str, Any]:
    """The whole answer about the patient of a case."""
    return dict(as_json(engine().assess(patient(given))))


def verdict(rule: str, given: dict[str, Any]) -> dict[str, Any]:
    """One rule's verdict, as JSON."""
    return next(each for each in assessed(given)["verdicts"] if each["rule"] == rule)


def cases(rule: str) -> list[dict[str, Any]]:
    """The cases of one rule."""
    return read_yaml((TESTS / "cases" / f"{rule}.yaml").read_text("utf-8"))


def matches(expected: Any, found: Any) -> bool:
    """Objects match by their expected keys; a list matches from its start, an empty one only an empty one."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(key in found and matches(value, found[key]) for key, value in expected.items())
    if isinstance(expected, list):
        if not expected:
            return found == []
        return len(found) >= len(expected) and all(matches(*pair) for pair in zip(expected, found, strict=False))
    return bool(float(expected) == found if isinstance(found, float) else expected == found)
