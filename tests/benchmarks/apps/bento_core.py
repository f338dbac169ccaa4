"""BentoML serving our own core, without a record: every rule and every model on one patient, on the event loop, one worker."""

from typing import Annotated, Any

import bentoml
from bentoml.validators import ContentType
from pydantic_core import to_json

from service.engine import build
from service.presentation.as_json import as_json
from service.settings import Settings


@bentoml.service(
    workers=1,
    traffic={"timeout": 60, "max_concurrency": None},
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)
class Core:
    def __init__(self) -> None:
        self.engine = build(Settings())

    @bentoml.api(route="/v1/assessments")
    async def assess(self, patient: dict[str, Any], /) -> Annotated[str, ContentType("application/json")]:
        state = self.engine.read(to_json(patient))
        return to_json(as_json(self.engine.assess(state))).decode()
