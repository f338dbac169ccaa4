"""The application: `create_app(settings)`."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

import structlog
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from pydantic import ValidationError
from starlette.middleware.cors import CORSMiddleware

from service.access.cds_clients import CdsClients
from service.access.gate import AccessConfigurationError, Gate
from service.access.sign_in import SignIn
from service.api import assessments, batch, cds_hooks, fhir, health, knowledge, model_cards, openapi, problems, record
from service.api.board import form, pages, sign_in
from service.api.callers import needs
from service.api.in_flight import InFlight
from service.api.rates import Rates
from service.api.request_log import Crashes, RequestLog
from service.api.security_headers import SecurityHeaders
from service.audit.database import Database
from service.audit.recorder import Recorder
from service.audit.store import Store
from service.cds_hooks.fhir_server import http_client
from service.drawing import Drawing
from service.engine import Engine, build
from service.logs import configure_logs
from service.metrics import Metrics
from service.risk.artefacts import ModelRefusedError
from service.settings import Settings
from service.tracing import Tracing

OPEN = "No credentials are configured: everybody on this machine may call, because only the loopback address is listened on."
CLOSED = (
    "No credentials are configured: every clinical request gets 401. "
    "Set PRRT_API_KEYS_FILE, PRRT_OIDC_ISSUER or PRRT_CDS_ISSUERS."
)
DOCS_PATH = "/docs"
# What web clients of EHRs send along, besides what we read: Medplum's own header, and a trace.
ALLOWED_HEADERS = ("authorization", "content-type", "idempotency-key", "x-medplum", "traceparent")
_log = structlog.get_logger("service.app")


def create_app(
    settings: Settings | None = None,
    build_engine: Callable[[Settings], Engine] = build,
    *,
    open_on_loopback: bool = False,
    draws: bool = True,
) -> FastAPI:
    """The HTTP service. It always starts; until engine and record are there, clinical routes answer 503.

    `open_on_loopback`: it is listened on a loopback address only, and may be open if no credentials are configured.
    `draws`: the figures of the page are drawn, by a process of their own.
    """
    configure_logs()
    settings, unusable = (settings, None) if settings else _settings()
    metrics, tracing = Metrics(), Tracing()
    recorder = Recorder(Store(Database.of(settings)), metrics)
    client, drawing = http_client(), Drawing()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if unusable:
            app.state.not_ready_because = unusable
            yield
            return
        recorder.start()
        if draws:
            drawing.start()
        try:
            app.state.gate = _gate(settings, open_on_loopback=open_on_loopback)
            app.state.sign_in = SignIn.of(settings, app.state.gate)
            app.state.engine = engine = build_engine(settings)
            metrics.knows(engine.knowledge.service, engine.knowledge.rules, engine.artefacts)
        except (AccessConfigurationError, ModelRefusedError) as refused:
            app.state.not_ready_because = str(refused)
            _log.error("not ready", error=str(refused))
        except Exception as error:  # noqa: BLE001  # the process must live to say why it is not ready
            app.state.not_ready_because = f"The engine could not be built ({type(error).__name__}); see the log."
            _log.error("not ready", error=f"{type(error).__name__}: {error}")
        await to_thread(recorder.wait_for_the_first_try)
        yield
        await to_thread(recorder.close)
        await to_thread(drawing.close)
        await to_thread(tracing.close)
        await client.aclose()

    app = FastAPIOffline(
        title="prrt-cds",
        version=version("prrt-cds"),
        description=openapi.DESCRIPTION,
        docs_url=DOCS_PATH,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        # It would record what exceptions say, and they may hold a patient value.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        separate_input_output_schemas=False,
    )
    app.state.settings = settings
    app.state.metrics = metrics
    app.state.tracing = tracing
    app.state.recorder = recorder
    app.state.http_client = client
    app.state.drawing = drawing
    app.state.rates = Rates()
    app.state.engine = None
    app.state.gate = Gate(None, None, open_on_loopback=False)
    app.state.is_stopping = False
    app.state.not_ready_because = "The service is starting."
    metrics.ready.set_function(lambda: float(health.why_not_ready(app.state) is None))
    _open_routes(app)
    _put_doors(app, settings, metrics, tracing)
    return app


def _open_routes(app: FastAPI) -> None:
    """Every route, its document and its errors."""
    for router in (
        assessments.router,
        batch.router,
        record.router,
        health.router,
        cds_hooks.router,
        fhir.router,
        pages.router,
        form.router,
    ):
        app.include_router(router)
    for router in (knowledge.router, model_cards.router):
        app.include_router(router, dependencies=[needs()], responses=problems.documented(401, 429, 503))
    sign_in.install(app)
    openapi.install(app)
    problems.install(app)


def _put_doors(app: FastAPI, settings: Settings, metrics: Metrics, tracing: Tracing) -> None:
    """What every request passes, the innermost first."""
    app.add_middleware(Crashes)
    app.add_middleware(InFlight, most=settings.max_in_flight, metrics=metrics)
    app.add_middleware(SecurityHeaders, docs_path=DOCS_PATH)
    if origins := settings.listed("cors_origins"):
        app.add_middleware(
            CORSMiddleware, allow_origins=sorted(origins), allow_methods=["GET", "POST"], allow_headers=ALLOWED_HEADERS
        )
    app.add_middleware(RequestLog, metrics=metrics, tracing=tracing, is_stopping=lambda: bool(app.state.is_stopping))


def _settings() -> tuple[Settings, str | None]:
    """The settings of the environment; the defaults, and which are at fault, if they cannot be used."""
    try:
        return Settings(), None
    except ValidationError as error:
        names = ", ".join(f"PRRT_{'_'.join(map(str, each['loc'])).upper()}" for each in error.errors(include_input=False))
        _log.error("not ready", error=f"unusable settings: {names}")
        return Settings.model_construct(), f"A setting cannot be used: {names}."


def _gate(settings: Settings, *, open_on_loopback: bool) -> Gate:
    """The gate of the settings. Raises AccessConfigurationError."""
    gate = Gate.of(
        api_keys_file=settings.api_keys_file,
        oidc_issuer=settings.oidc_issuer,
        oidc_audience=settings.oidc_audience,
        oidc_jwks=settings.oidc_jwks,
        oidc_allowed_hosts=settings.listed("oidc_allowed_hosts"),
        open_on_loopback=open_on_loopback,
        cds_clients=CdsClients.of(
            settings.listed("cds_issuers"), settings.listed("cds_jkus"), settings.cds_jwks_file, settings.public_url
        ),
    )
    if not gate.is_configured:
        _log.warning(OPEN if gate.is_open else CLOSED)
    return gate
