"""The record over HTTP: what was answered before, and what the board said about it."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic_core import from_json, to_json

from service.access.caller import Caller
from service.api.callers import needs
from service.api.dependencies import json_body, recorded_engine_of
from service.api.openapi import body_of
from service.api.problems import Problem, documented
from service.api.record_requests import Review, Search
from service.audit.entry import Entry, new_id, now
from service.patient.reading import read_strictly
from service.presentation.wire import AssessmentOut
from service.presentation.wire_record import FoundOut, ReviewOut, ReviewsOut, StoredOut

router = APIRouter(tags=["record"])
AssessmentId = Annotated[str, Path(description="Id of an assessment.", examples=["0193f4c2-7a1e-7c3b-9d61-0f6f5a1b2c3d"])]
PROBLEMS = (401, 403, 404, 410, 422, 429, 500, 503)


@router.get(
    "/v1/assessments/{id}", summary="What was answered before", response_model=AssessmentOut, responses=documented(*PROBLEMS)
)
async def stored(request: Request, id: AssessmentId, caller: Annotated[Caller, needs("read")]) -> Response:  # noqa: A002
    """The answer exactly as it was given. That it was read is recorded first."""
    entry = await recorded_engine_of(request).read(id, caller.name)
    if entry is None:
        raise not_found()
    return Response(entry.draft.answer, media_type="application/json")


@router.post(
    "/v1/assessments/search",
    summary="What was answered about a patient",
    response_model=FoundOut,
    responses=documented(401, 403, 408, 413, 415, 422, 429, 500, 503),
    openapi_extra=body_of("Search"),
)
async def search(request: Request, caller: Annotated[Caller, needs("read")]) -> Response:
    """The stored assessments of one patient, latest first. The search is recorded first."""
    recorded = recorded_engine_of(request)
    body = await json_body(request, recorded.engine.settings.max_body_bytes)
    asked = read_strictly(body, Search)
    # one more than is wanted, to see whether there are more
    found = await recorded.search(body, asked.patient_id, asked.limit + 1, asked.after, caller.name)
    shown = found[: asked.limit]
    answer: FoundOut = {
        "assessments": [in_short(entry) for entry in shown],
        "next": shown[-1].draft.id if len(found) > asked.limit else None,
    }
    return Response(to_json(answer), media_type="application/json")


@router.post(
    "/v1/assessments/{id}/reviews",
    status_code=201,
    summary="Sign or override an assessment",
    response_model=ReviewOut,
    responses=documented(*PROBLEMS, 408, 413, 415),
    openapi_extra=body_of("Review"),
)
async def review(request: Request, id: AssessmentId, caller: Annotated[Caller, needs("review")]) -> Response:  # noqa: A002
    """The board agrees, or decides otherwise and says why. Appended to the record; nothing that was said before changes."""
    recorded = recorded_engine_of(request)
    body = await json_body(request, recorded.engine.settings.max_body_bytes)
    entry = await recorded.review(signed(id, read_strictly(body, Review)), body, caller.name)
    if entry is None:
        raise not_found()
    return Response(entry.draft.answer, 201, media_type="application/json")


@router.get(
    "/v1/assessments/{id}/reviews",
    summary="What the board said about an assessment",
    response_model=ReviewsOut,
    responses=documented(*PROBLEMS),
)
async def reviews(request: Request, id: AssessmentId, caller: Annotated[Caller, needs("read")]) -> Response:  # noqa: A002
    """Every review, earliest first. That they were read is recorded first."""
    found = await recorded_engine_of(request).reviews(id, caller.name)
    if found is None:
        raise not_found()
    return Response(to_json({"reviews": found}), media_type="application/json")


def signed(assessment_id: str, told: Review) -> ReviewOut:
    """What the board said about an assessment, now."""
    return {
        "id": new_id(),
        "assessment_id": assessment_id,
        "created_at": now(),
        "decision": told.decision,
        "reason": told.reason,
        "reviewer": told.reviewer,
    }


def in_short(entry: Entry) -> StoredOut:
    """A stored assessment in a list."""
    answer = from_json(entry.draft.answer)
    next_cycle = answer.get("next_cycle")
    return {
        "id": entry.draft.id,
        "as_of": answer["as_of"],
        "created_at": answer["created_at"],
        "next_cycle": next_cycle["decision"] if next_cycle else None,
    }


def not_found() -> Problem:
    """The answer to an id that is nobody's."""
    return Problem(404, "not-found", "Not found", "No assessment has that id.")
