"""The lines that a batch answers with, and how the OpenAPI document tells of them."""

from typing import Any

from pydantic_core import to_json

from service.api.problems import Problem
from service.batch.assessing import Answered, Outcome
from service.batch.wrong import line_problem, problem_of

MEDIA_TYPE = "application/x-ndjson"
_IN = "One patient (`PatientState`) on each line, as UTF-8. Blank lines are not answered."
_OUT = (
    "For each line that is not blank, in their order, one line: its assessment (`AssessmentOut`), or a problem (`ProblemOut`) "
    "with `line`, the number of the line from 1. A problem with status 408 or 503 comes last: from its `line` on nothing "
    "was answered."
)


def line_of(outcome: Outcome, request_id: str, most_bytes: int) -> bytes:
    """The line that answers a line."""
    if isinstance(outcome, Answered):
        return outcome.answer + b"\n"
    return to_json(problem_of(outcome, most_bytes, f"Quote the request id {request_id}.")) + b"\n"


def last_line(problem: Problem, line: int) -> bytes:
    """The line that says why from this line on nothing was answered."""
    return to_json(line_problem(line, problem.status, problem.kind, problem.title, problem.detail)) + b"\n"


def lines_body() -> dict[str, Any]:
    """The request body of a batch, for the OpenAPI document."""
    return {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string", "description": _IN}}}}}


def lines_response() -> dict[int | str, dict[str, Any]]:
    """The answer to a batch, for the OpenAPI document."""
    return {200: {"description": _OUT, "content": {MEDIA_TYPE: {"schema": {"type": "string", "description": _OUT}}}}}
