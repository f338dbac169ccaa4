"""`POST /v1/assessments`: one patient in, one assessment out."""

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from service.api.dependencies import engine_of, json_body
from service.api.openapi import patient_body
from service.api.problems import documented
from service.presentation.as_json import as_json
from service.presentation.wire import AssessmentOut

router = APIRouter(tags=["assessments"])


@router.post(
    "/v1/assessments",
    summary="Assess one patient",
    response_model=AssessmentOut,
    responses=documented(408, 413, 415, 422, 500, 503),
    openapi_extra=patient_body(),
)
async def assess(request: Request) -> Response:
    """Apply every rule to one patient.

    Missing clinical values are never an error: a rule that needs one answers `unknown` and asks for it.
    An absent list means "not told"; a list that is present, even empty, is complete.
    """
    engine = engine_of(request)
    body = await json_body(request, engine.settings.max_body_bytes)
    assessment = engine.assess(engine.read(body))
    return Response(to_json(as_json(assessment)), media_type="application/json")
