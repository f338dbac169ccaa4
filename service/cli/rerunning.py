"""Answering a stored request again, and saying whether and why today's answer differs."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import from_json, to_json

from service.audit.entry import Entry
from service.engine import Engine
from service.presentation.as_json import as_json
from service.rereading import read_again

_OF_THE_OCCASION = ("id", "created_at")


def differences(entry: Entry, engine: Engine) -> list[str]:
    """What is different today: first the ground the answer stands on, then the answer. Empty: the same answer."""
    then = from_json(entry.draft.answer)
    state, intake = read_again(entry)
    now = from_json(to_json(as_json(engine.assess(state), intake)))
    ground = _changes(json.loads(entry.draft.ground), json.loads(engine.ground), "")
    answer = _changes(_by_name(then), _by_name(now), "")
    found = list(answer)
    return [*(f"ground{each}" for each in ground), *found] if found else []


def _by_name(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer without what is of the occasion, its lists of named things as objects."""
    kept = {name: value for name, value in answer.items() if name not in (*_OF_THE_OCCASION, "knowledge", "recommendations")}
    kept["verdicts"] = {verdict["rule"]: verdict for verdict in answer["verdicts"]}
    kept["risks"] = {risk["question_id"]: risk for risk in answer["risks"]}
    return kept


def _changes(then: Any, now: Any, where: str) -> Iterator[str]:
    if isinstance(then, dict) and isinstance(now, dict):
        for name in sorted({*then, *now}):
            yield from _changes(then.get(name), now.get(name), f"{where}/{name}")
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for index, (one, other) in enumerate(zip(then, now, strict=True)):
            yield from _changes(one, other, f"{where}/{index}")
    elif then != now:
        yield f"{where}: {_short(then)} -> {_short(now)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    longest = 160
    return text if len(text) <= longest else f"{text[:longest]}..."
