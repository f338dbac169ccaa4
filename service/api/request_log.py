"""One log line per request: id, route, method, status, duration. Never a path, a query or a body. Counted, too."""

from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from traceback import extract_tb

import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from service.api.problems import problem_response
from service.metrics import Metrics
from service.tracing import Tracing

REQUEST_ID = "prrt.request_id"  # in the scope
CLIENT_CLOSED_REQUEST = 499  # no answer was possible; the number that proxies log for it
_log = structlog.get_logger("service.api")


class Crashes:
    """Pure ASGI middleware: turns a crash into a bare 500, which then gets the headers that every answer gets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001  # nothing of it may reach the caller
            request_id = scope[REQUEST_ID]
            _log_crash(request_id, error)
            if not has_begun:
                detail = f"Quote the request id {request_id}."
                response = problem_response(scope, 500, "internal-error", "Internal error", detail)
                await response(scope, receive, send)


class RequestLog:
    """Pure ASGI middleware: gives each request an id and logs it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing, is_stopping: Callable[[], bool]) -> None:
        self.app, self._metrics, self._tracing, self._is_stopping = app, metrics, tracing, is_stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = _method(scope)
        with self._tracing.request(method, Headers(scope=scope)) as span:
            route, status = await self._serve(scope, receive, send, method)
            span.update_name(f"{method} {route}")
            span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})

    async def _serve(self, scope: Scope, receive: Receive, send: Send, method: str) -> tuple[str, int]:
        """Route and status of the answer."""
        request_id, started, status = str(uuid7()), perf_counter(), CLIENT_CLOSED_REQUEST
        scope[REQUEST_ID] = request_id

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
                if self._is_stopping():
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        with suppress(ClientDisconnect):
            await self.app(scope, receive, send_with_id)
        route = getattr(scope.get("route"), "path", "unmatched")
        seconds = perf_counter() - started
        self._metrics.requests.labels(route, method, status).inc()
        self._metrics.request_seconds.labels(route, method).observe(seconds)
        duration_ms = round(1000 * seconds, 2)
        _log.info("request", request_id=request_id, route=route, method=method, status=status, duration_ms=duration_ms)
        return route, status


def _method(scope: Scope) -> str:
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return scope["method"] if scope["method"] in known else "OTHER"


def _log_crash(request_id: str, error: Exception) -> None:
    """The type of the error and where it arose; its message could hold a patient value."""
    where = [f"{frame.name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)][-3:]
    _log.error("crash", request_id=request_id, error=type(error).__name__, where=where)
