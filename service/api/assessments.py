"""`POST /v1/assessments`: one patient in, one assessment out."""

import re
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from service.access.caller import Caller
from service.api.callers import needs
from service.api.dependencies import json_body, recorded_engine_of
from service.api.openapi import patient_body
from service.api.problems import Problem, documented
from service.presentation.wire import AssessmentOut

router = APIRouter(tags=["assessments"])
KEY_MEANS = "A name of your own for this request: sent again with it, the stored answer comes back."
_A_KEY = re.compile(r"[!-~]{1,200}")
REPLAYED = {"Idempotency-Replayed": "true"}
IdempotencyKey = Annotated[str | None, Header(description=KEY_MEANS, examples=["order-4711"])]


def checked_key(idempotency_key: str | None) -> str | None:
    """The key, if it is one. Raises a 422 problem."""
    if idempotency_key is not None and not _A_KEY.fullmatch(idempotency_key):
        raise Problem(422, "refused-request", "The request was refused", "Idempotency-Key must be 1 to 200 visible characters.")
    return idempotency_key


@router.post(
    "/v1/assessments",
    summary="Assess one patient",
    response_model=AssessmentOut,
    responses=documented(401, 403, 408, 413, 415, 422, 429, 500, 503),
    openapi_extra=patient_body(),
)
async def assess(
    request: Request,
    caller: Annotated[Caller, needs("assess")],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Apply every rule to one patient. The answer is recorded before it is given.

    Missing clinical values are never an error: a rule that needs one answers `unknown` and asks for it.
    An absent list means "not told"; a list that is present, even empty, is complete.
    """
    key = checked_key(idempotency_key)
    recorded = recorded_engine_of(request)
    body = await json_body(request, recorded.engine.settings.max_body_bytes)
    entry, replayed = await recorded.assess(body, caller.name, key)
    return Response(entry.draft.answer, headers=REPLAYED if replayed else None, media_type="application/json")
