"""The application: `create_app(settings)`."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

import structlog
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from service.api import assessments, health, knowledge, model_cards, openapi, problems
from service.api.request_log import RequestLog
from service.engine import Engine, build
from service.logs import configure_logs
from service.risk.artefacts import ModelRefusedError
from service.settings import Settings


def create_app(settings: Settings | None = None, build_engine: Callable[[Settings], Engine] = build) -> FastAPI:
    """The HTTP service. It always starts; until the engine is built, clinical routes answer 503."""
    configure_logs()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            app.state.engine = build_engine(settings or Settings())
        except ModelRefusedError as refused:
            app.state.not_ready_because = str(refused)
            structlog.get_logger("service.app").error("not ready", error=str(refused))
        except Exception as error:  # noqa: BLE001  # the process must live to say why it is not ready
            app.state.not_ready_because = f"The engine could not be built ({type(error).__name__}); see the log."
            structlog.get_logger("service.app").error("not ready", error=f"{type(error).__name__}: {error}")
        yield

    app = FastAPIOffline(
        title="prrt-cds",
        version=version("prrt-cds"),
        description=openapi.DESCRIPTION,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        # It would record what exceptions say, and they may hold a patient value.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        separate_input_output_schemas=False,
    )
    app.state.engine = None
    app.state.not_ready_because = "The service is starting."
    for router in (assessments.router, knowledge.router, model_cards.router, health.router):
        app.include_router(router)
    openapi.install(app)
    problems.install(app)
    app.add_middleware(RequestLog)
    return app
