"""Probes: is the process alive, and can it answer?"""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from service.api.dependencies import engine_of
from service.api.problems import documented

router = APIRouter(tags=["operations"])


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
    engine_of(request).replay()
    return Ready(status="ready")
