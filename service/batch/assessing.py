"""One line, one outcome: an answer, or what is wrong with the line. Nothing that is wrong with one touches another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from traceback import extract_tb

from pydantic_core import to_json

from service.assessment import Assessment
from service.batch.lines import Line
from service.engine import Engine
from service.patient.reading import Refusal, RefusedRequest, read_patient
from service.presentation.as_json import as_json


@dataclass(frozen=True, slots=True)
class Answered:
    """A line that was assessed, with its answer as JSON, and what is counted of it: a metric and its labels."""

    line: int
    id: str
    patient_id: str
    request: bytes
    answer: bytes
    counted: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is not a patient, and why: never with a value."""

    line: int
    refusals: tuple[Refusal, ...]
    more: int


@dataclass(frozen=True, slots=True)
class TooLong:
    """A line that was not read."""

    line: int


@dataclass(frozen=True, slots=True)
class Crashed:
    """A line on which the service failed: the type of the error and where it arose; its message could hold a value."""

    line: int
    error: str
    where: tuple[str, ...]


Wrong = Refused | TooLong | Crashed
Outcome = Answered | Wrong


def assess_lines(engine: Engine, lines: Sequence[Line], today: date) -> list[Outcome]:
    """The outcome of each line, in their order."""
    return [assess_line(engine, line, today) for line in lines]


def assess_line(engine: Engine, line: Line, today: date) -> Outcome:
    """The outcome of one line; `today` stands for a missing `as_of`."""
    found = assessed(engine, line, today)
    if not isinstance(found, Assessment):
        return found
    answer, patient_id = to_json(as_json(found)), found.facts.state.patient.id
    return Answered(line.number, found.id, patient_id, line.content or b"", answer, tuple(counted(found)))


def assessed(engine: Engine, line: Line, today: date) -> Assessment | Wrong:
    """The assessment of the patient in one line, or what is wrong."""
    if line.content is None:
        return TooLong(line.number)
    try:
        return engine.assess(read_patient(line.content, today))
    except RefusedRequest as refused:
        return Refused(line.number, refused.refusals, refused.more)
    except Exception as error:  # noqa: BLE001  # whatever it is, the other lines are answered
        where = [f"{frame.name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
        return Crashed(line.number, type(error).__name__, tuple(where[-3:]))


def counted(assessment: Assessment) -> Iterator[tuple[str, ...]]:
    """What is counted of an assessment: the name of a metric and its labels."""
    for verdict in assessment.verdicts:
        yield "verdicts", verdict.rule, verdict.answer.status, verdict.answer.urgency or ""
    yield "next_cycle", assessment.next_cycle.decision if assessment.next_cycle else "none"
    for risk in assessment.risks:
        yield "risks", risk.question.id, risk.status
