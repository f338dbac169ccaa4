"""At most so many requests at once: more are refused at the door, so that those inside are answered."""

from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.problems import RETRY_AFTER_SECONDS, problem_response
from service.api.route_path import route_path
from service.metrics import Metrics

ALWAYS_LET_IN = frozenset({"/livez", "/readyz", "/metrics"})
# The one body that is awaited before anybody knows who sends it: it has places of its own, and takes none from others.
FROM_ANYBODY, MOST_FROM_ANYBODY = ("POST", "/sign-in"), 8


class InFlight:
    """Pure ASGI middleware: counts what is being answered."""

    def __init__(self, app: ASGIApp, most: int, metrics: Metrics) -> None:
        self.app, self._metrics = app, metrics
        self._free = {False: most, True: MOST_FROM_ANYBODY}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or route_path(scope) in ALWAYS_LET_IN:
            await self.app(scope, receive, send)
            return
        is_from_anybody = (scope["method"], route_path(scope)) == FROM_ANYBODY
        if not self._free[is_from_anybody]:
            self._metrics.refused.labels("overloaded").inc()
            headers = {"Retry-After": RETRY_AFTER_SECONDS}
            detail = "Too many requests at once; try again."
            refusal = problem_response(scope, 503, "overloaded", "Overloaded", detail, headers=headers)
            await refusal(scope, receive, send)
            return
        self._free[is_from_anybody] -= 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._free[is_from_anybody] += 1
