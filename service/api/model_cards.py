"""The risk models that answer: manifest and card."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from service.api.dependencies import engine_of
from service.api.problems import Problem, documented
from service.risk.artefacts import Manifest, ServedModel

router = APIRouter(tags=["knowledge"])
MARKDOWN = "text/markdown"


class ModelCardOut(BaseModel):
    """One served model."""

    manifest: Annotated[Manifest, Field(description="What the model folder says of itself.", examples=[{}])]
    questions: Annotated[list[str], Field(description="The questions it answers.", examples=[["overall_survival_from_start"]])]
    card: Annotated[str, Field(description="The model card, in Markdown.", examples=["# Overall survival"])]


class ModelsOut(BaseModel):
    """Every served model."""

    models: Annotated[list[ModelCardOut], Field(description="The served models.", examples=[[]])]


def _described(model: ServedModel) -> ModelCardOut:
    return ModelCardOut(manifest=model.manifest, questions=list(model.predictors), card=model.card)


@router.get("/v1/models", summary="Every served risk model", responses=documented(503))
async def models(request: Request) -> ModelsOut:
    """The served models with their cards."""
    return ModelsOut(models=[_described(model) for model in engine_of(request).models])


@router.get(
    "/v1/models/{name}",
    summary="One risk model: its card",
    response_model=ModelCardOut,
    responses={**documented(404, 422, 503), 200: {"content": {MARKDOWN: {"schema": {"type": "string"}}}}},
)
async def one_model(request: Request, name: str) -> Response | ModelCardOut:
    """The card as JSON, or as Markdown for `Accept: text/markdown`."""
    for model in engine_of(request).models:
        if model.manifest.name == name:
            if MARKDOWN in request.headers.get("accept", ""):
                return Response(model.card, media_type=MARKDOWN)
            return _described(model)
    raise Problem(404, "not-found", "No such model", "GET /v1/models names every model.")
