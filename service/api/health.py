"""Probes: is the process alive, and can it answer?"""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field
from starlette.datastructures import State

from service.api.dependencies import engine_of
from service.api.problems import RETRY_AFTER_SECONDS, Problem, documented

router = APIRouter(tags=["operations"])
FORWARDING = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Alive(BaseModel):
    """The process runs."""

    status: Annotated[Literal["alive"], Field(description="Always alive.", examples=["alive"])]


class Ready(BaseModel):
    """The service can answer."""

    status: Annotated[Literal["ready"], Field(description="Always ready; a 503 otherwise.", examples=["ready"])]


@router.get("/livez", summary="Is the process alive?")
async def livez() -> Alive:
    """Answers while the process runs, ready or not."""
    return Alive(status="alive")


@router.get("/readyz", summary="Can the service answer?", responses=documented(503))
async def readyz(request: Request) -> Ready:
    """503, with the reason, until the engine is built and its models give their known answers."""
    reason = why_not_ready(request.app.state)
    if reason:
        raise Problem(503, "not-ready", "The service is not ready", reason, {"Retry-After": RETRY_AFTER_SECONDS})
    engine_of(request).replay()
    return Ready(status="ready")


def why_not_ready(state: State) -> str | None:
    """The reason, in words that hold no value; None if the service can answer."""
    if state.is_stopping:
        return "The service is stopping."
    if state.engine is None:
        return str(state.not_ready_because)
    problem: str | None = state.recorder.problem or state.gate.problem()
    return problem


@router.get(
    "/metrics", summary="What the service counts about itself", response_class=PlainTextResponse, responses=documented(404)
)
async def metrics(request: Request) -> Response:
    """For Prometheus, inside the cluster: what came through a proxy from outside finds nothing here."""
    if any(name in request.headers for name in FORWARDING):
        raise Problem(404, "not-found", "Not Found", "See /docs for the routes.")
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)
