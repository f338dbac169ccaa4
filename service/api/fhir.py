"""FHIR R4 over HTTP: one operation, and what describes it."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic_core import from_json, to_json

from service.access.caller import Caller
from service.api.assessments import REPLAYED, IdempotencyKey, checked_key
from service.api.callers import needs, service_url
from service.api.dependencies import fhir_body, recorded_engine_of
from service.api.large_bodies import one_at_a_time, shared
from service.api.openapi import foreign_body
from service.api.problems import FHIR_TYPE, documented_in_fhir
from service.presentation.fhir import assessment_as_fhir, capability_statement, operation_definition
from service.presentation.wire import AssessmentOut

PUBLISHED_ON = "2026-11-21"


class FhirResponse(Response):
    """A FHIR resource."""

    media_type = FHIR_TYPE


def _answers(meaning: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": meaning, "content": {FHIR_TYPE: {"schema": {"type": "object", "description": meaning}}}}}


router = APIRouter(prefix="/fhir", tags=["FHIR R4"], default_response_class=FhirResponse, lifespan=shared)


@router.get("/metadata", summary="CapabilityStatement", responses=_answers("FHIR R4 CapabilityStatement."))
async def metadata(request: Request) -> Response:
    """What the service offers over FHIR."""
    return _fhir(capability_statement(request.app.version, service_url(request), PUBLISHED_ON))


@router.get(
    "/OperationDefinition/prrt-assess",
    summary="OperationDefinition of $prrt-assess",
    responses=_answers("FHIR R4 OperationDefinition."),
)
async def definition(request: Request) -> Response:
    """What the operation takes and gives."""
    return _fhir(operation_definition(service_url(request), request.app.version))


@router.post(
    "/$prrt-assess",
    summary="Assess one patient from FHIR resources",
    responses=_answers("FHIR R4 Bundle.") | documented_in_fhir(401, 403, 408, 413, 415, 422, 429, 500, 503),
    openapi_extra=foreign_body("A Bundle of what is known about one patient, or Parameters with it as `resource`.", "fhir"),
)
async def prrt_assess(
    request: Request, caller: Annotated[Caller, needs("assess")], idempotency_key: IdempotencyKey = None
) -> Response:
    """A Bundle: GuidanceResponse, RiskAssessments, DetectedIssues, Devices, Provenance. The answer is recorded first."""
    key = checked_key(idempotency_key)
    recorded = recorded_engine_of(request)
    body = await fhir_body(request, recorded.engine.settings.max_fhir_bytes)
    async with one_at_a_time(request, body):
        intake = await recorded.read_fhir(body)
    entry, replayed = await recorded.assess_intake(intake, body, caller.name, key)
    answer: AssessmentOut = from_json(entry.draft.answer)
    return _fhir(assessment_as_fhir(answer, service_url(request), key), REPLAYED if replayed else None)


def _fhir(resource: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return FhirResponse(to_json(resource), headers=headers)
