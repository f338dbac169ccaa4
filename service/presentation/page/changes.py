"""What is different between two assessments of one patient."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.presentation.numbers import amount, percent
from service.presentation.page.verdicts import answer_in_words
from service.presentation.wire import AssessmentOut, VerdictOut
from service.presentation.wire_risks import RiskOut
from service.presentation.words import words


@dataclass(frozen=True, slots=True)
class Change:
    """One thing, before and now, in words."""

    what: str
    before: str
    now: str


def changes(before: AssessmentOut, now: AssessmentOut) -> list[Change]:
    """Everything that a board would ask about, decision first; only what differs."""
    pairs = [*_decision(before, now), *_verdicts(before, now), *_risks(before, now), *_knowledge(before, now)]
    return [change for change in pairs if change.before != change.now]


def _decision(before: AssessmentOut, now: AssessmentOut) -> Iterator[Change]:
    told = words("assessment")
    for name in ("decision", "cycle", "due_on", "earliest_on", "activity"):
        yield Change(told["decision_parts"][name], _part(before, name), _part(now, name))


def _part(answer: AssessmentOut, name: str) -> str:
    told = words("assessment")
    part = answer["next_cycle"][name] if "next_cycle" in answer else None  # type: ignore[literal-required]
    if part is None:
        return str(told["none"])
    if name == "decision":
        return str(told["decisions"][part])
    return str(amount(answer["next_cycle"])) if name == "activity" else str(part)


def _verdicts(before: AssessmentOut, now: AssessmentOut) -> Iterator[Change]:
    then = {verdict["rule"]: verdict for verdict in before["verdicts"]}
    today = {verdict["rule"]: verdict for verdict in now["verdicts"]}
    for rule in sorted({*then, *today}):
        title = (today.get(rule) or then[rule])["title"]
        yield Change(title, _answer(then.get(rule)), _answer(today.get(rule)))


def _answer(verdict: VerdictOut | None) -> str:
    told = words("assessment")
    if verdict is None:
        return str(told["none"])
    answer = answer_in_words(verdict)
    return f"{answer}: {verdict['advice']}" if verdict["advice"] else answer


def _risks(before: AssessmentOut, now: AssessmentOut) -> Iterator[Change]:
    then = {risk["question_id"]: risk for risk in before["risks"]}
    for risk in now["risks"]:
        yield Change(risk["question"], _estimate(then.get(risk["question_id"])), _estimate(risk))


def _estimate(risk: RiskOut | None) -> str:
    told = words("assessment")
    if risk is None:
        return str(told["none"])
    if risk["status"] != "estimated":
        return str(told["estimates"][risk["status"]])
    return "; ".join(
        f"{horizon['months']} {told['months']} {percent(horizon)}" if horizon["months"] else percent(horizon)
        for horizon in risk["horizons"][:2]
    )


def _knowledge(before: AssessmentOut, now: AssessmentOut) -> Iterator[Change]:
    told = words("assessment")
    yield Change(told["rules_version"], before["knowledge"]["rules"][:19], now["knowledge"]["rules"][:19])
    models = (", ".join(f"{name} {version}" for name, version in each["knowledge"]["models"].items()) for each in (before, now))
    yield Change(told["models"], *models)
