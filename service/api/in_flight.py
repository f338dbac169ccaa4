"""At most so many requests at once: more are refused at the door, so that those inside are answered."""

from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.problems import RETRY_AFTER_SECONDS, problem_response
from service.metrics import Metrics

ALWAYS_LET_IN = frozenset({"/livez", "/readyz", "/metrics"})


class InFlight:
    """Pure ASGI middleware: counts what is being answered."""

    def __init__(self, app: ASGIApp, most: int, metrics: Metrics) -> None:
        self.app, self._most, self._metrics = app, most, metrics
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in ALWAYS_LET_IN:
            await self.app(scope, receive, send)
            return
        if self._now >= self._most:
            self._metrics.refused.labels("overloaded").inc()
            headers = {"Retry-After": RETRY_AFTER_SECONDS}
            detail = "Too many requests at once; try again."
            refusal = problem_response(scope, 503, "overloaded", "Overloaded", detail, headers=headers)
            await refusal(scope, receive, send)
            return
        self._now += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._now -= 1
