"""Errors as RFC 9457 problems; of the same content an OperationOutcome on the routes of FHIR and CDS Hooks, HTML on the page.

No input value and no stack trace ever stands in one.

Problem            an error with an HTTP status
ModelRefusedError  -> 503 (a model is not what its manifest says)
RefusedRequest     -> 422 (from the reader of patients)
KeyReusedError     -> 422 (an idempotency key with another request)
RecordUnavailableError, RecordOverloadedError -> 503 (nothing is answered that is not recorded)
ErasedError        -> 410 (erased from the record)
HTTPException      -> its own status (unknown route, wrong method)
anything else      -> 500, named by its type in the log and by nothing in the answer
"""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from pydantic import Field
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.types import Scope

# pydantic needs this TypedDict, not typing's, below Python 3.12
from typing_extensions import TypedDict

from service.api.route_path import route_path
from service.audit.entry import KeyReusedError, RecordUnavailableError
from service.audit.recorder import RecordOverloadedError
from service.patient.reading import RefusedRequest
from service.presentation.fhir import Issue, issue_code, operation_outcome
from service.presentation.page.rendering import render
from service.recording import ErasedError
from service.risk.artefacts import ModelRefusedError

RETRY_AFTER_SECONDS = "5"
MEDIA_TYPE = "application/problem+json"
FHIR_TYPE = "application/fhir+json"
IN_FHIR = ("/fhir", "/cds-services")
ON_THE_PAGE = ("/assessments", "/form", "/sign-in", "/sign-out")
REFERENCE = "#/components/schemas/{model}"


class ProblemErrorOut(TypedDict):
    """One thing that is wrong in the request."""

    pointer: Annotated[str, Field(description="JSON pointer (RFC 6901) to the place.", examples=["/laboratory/0/unit"])]
    message: Annotated[str, Field(description="What is wrong there; never the value.", examples=["is required"])]


class ProblemOut(TypedDict):
    """RFC 9457 problem."""

    type: Annotated[str, Field(description="Kind of problem (URN).", examples=["urn:prrt-cds:problem:refused-request"])]
    title: Annotated[str, Field(description="The kind in words.", examples=["The request was refused"])]
    status: Annotated[int, Field(description="HTTP status code. Unit: status code.", examples=[422])]
    detail: Annotated[str, Field(description="What to do about it.", examples=["1 field was refused."])]
    errors: Annotated[list[ProblemErrorOut], Field(description="Each thing that is wrong.", examples=[[]])]


class Problem(Exception):  # noqa: N818  # RFC 9457's word
    """An error that the caller is told about."""

    def __init__(self, status: int, kind: str, title: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(title)
        self.status, self.kind, self.title, self.detail, self.headers = status, kind, title, detail, headers


def problem_response(
    scope: Scope,
    status: int,
    kind: str,
    title: str,
    detail: str,
    errors: list[ProblemErrorOut] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """The problem as an HTTP response to a request: as HTML on the page, in FHIR's words where FHIR is spoken."""
    path = route_path(scope)
    if path.startswith(IN_FHIR):
        return _outcome_response(status, title, detail, errors or [], headers)
    told: ProblemOut = {
        "type": f"urn:prrt-cds:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": errors or [],
    }
    if path == "/" or path.startswith(ON_THE_PAGE):
        html = render("problem.html", root=scope.get("root_path", ""), visitor=None, csrf_token=None, problem=told)
        return HTMLResponse(html, status, headers)
    return Response(to_json(told), status, headers, MEDIA_TYPE)


def _outcome_response(
    status: int, title: str, detail: str, errors: list[ProblemErrorOut], headers: dict[str, str] | None
) -> Response:
    code = issue_code(status)
    issues: list[Issue] = [("error", code, f"{error['pointer']} {error['message']}".strip(), None) for error in errors]
    outcome = operation_outcome([("error", code, detail or title, None), *issues])
    return Response(to_json(outcome), status, headers, FHIR_TYPE)


def documented_in_fhir(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OperationOutcomes of a route, for the OpenAPI document."""
    schema = {"type": "object", "title": "OperationOutcome", "description": "FHIR R4 OperationOutcome."}
    return {status: {"description": HTTPStatus(status).phrase, "content": {FHIR_TYPE: {"schema": schema}}} for status in statuses}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of a route, for the OpenAPI document."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="ProblemOut")}}},
        }
        for status in statuses
    }


def _answer(request: Request, *problem: Any, **more: Any) -> Response:
    return problem_response(request.scope, *problem, **more)


async def _problem(request: Request, error: Problem) -> Response:
    return _answer(request, error.status, error.kind, error.title, error.detail, headers=error.headers)


async def _not_ready(request: Request, error: ModelRefusedError) -> Response:
    return _answer(
        request,
        503,
        "not-ready",
        "The service is not ready",
        str(error),
        headers={"Retry-After": RETRY_AFTER_SECONDS},
    )


async def _refused(request: Request, error: RefusedRequest) -> Response:
    errors = [ProblemErrorOut(pointer=refusal.pointer, message=refusal.message) for refusal in error.refusals]
    more = f" {error.more} more are not listed." if error.more else ""
    detail = f"{len(errors)} refused; see errors.{more} Missing clinical values are never an error: leave them out."
    return _answer(request, 422, "refused-request", "The request was refused", detail, errors)


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    """FastAPI's own validation, without the input that its stock answer repeats."""
    errors = [ProblemErrorOut(pointer="", message="is not valid") for _ in error.errors()]
    return _answer(request, 422, "refused-request", "The request was refused", "See errors.", errors)


async def _unavailable(request: Request, error: RecordUnavailableError) -> Response:
    headers = {"Retry-After": RETRY_AFTER_SECONDS}
    return _answer(request, 503, "record-unavailable", "The record cannot be written", str(error), headers=headers)


async def _overloaded(request: Request, __: RecordOverloadedError) -> Response:
    headers = {"Retry-After": RETRY_AFTER_SECONDS}
    return _answer(request, 503, "overloaded", "Overloaded", "Too much waits to be recorded; try again.", headers=headers)


async def _key_reused(request: Request, __: KeyReusedError) -> Response:
    detail = "This Idempotency-Key came before with another request."
    return _answer(request, 422, "idempotency-key-reused", "The Idempotency-Key was used before", detail)


async def _erased(request: Request, __: ErasedError) -> Response:
    return _answer(request, 410, "erased", "Erased", "The assessment was erased from the record.")


async def _http(request: Request, error: HTTPException) -> Response:
    phrase = HTTPStatus(error.status_code).phrase
    kind = phrase.lower().replace(" ", "-")
    headers = dict(error.headers) if error.headers else None
    return _answer(request, error.status_code, kind, phrase, "See /docs for the routes.", headers=headers)


def install(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""
    app.exception_handler(Problem)(_problem)
    app.exception_handler(ModelRefusedError)(_not_ready)
    app.exception_handler(RefusedRequest)(_refused)
    app.exception_handler(KeyReusedError)(_key_reused)
    app.exception_handler(RecordUnavailableError)(_unavailable)
    app.exception_handler(RecordOverloadedError)(_overloaded)
    app.exception_handler(ErasedError)(_erased)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
