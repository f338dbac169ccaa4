"""Who calls: each clinical route names the scope that it needs."""

from asyncio import to_thread
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from limits import RateLimitItemPerMinute

from service.access.caller import Caller, Scope
from service.access.gate import Gate
from service.access.loopback import is_loopback_name
from service.api.problems import RETRY_AFTER_SECONDS, Problem

ANY = "any"
_BEARER = HTTPBearer(auto_error=False, description="A token of the OIDC issuer, or an API key.")


def needs(scope: Scope | None) -> Any:
    """A dependency: the caller, who has that scope (or any, or none). Raises 401, 403 and 429 problems."""

    async def caller_with_scope(request: Request, _: Annotated[object, Depends(_BEARER)]) -> Caller:
        caller = await _caller(request)
        if caller is None:
            request.app.state.metrics.refused.labels("unauthenticated").inc()
            raise Problem(401, "unauthorized", "Unauthorized", "", {"WWW-Authenticate": "Bearer"})
        if scope and scope not in caller.scopes:
            request.app.state.metrics.refused.labels("forbidden").inc()
            raise Problem(403, "forbidden", "Forbidden", "")
        _within_the_rate(request, caller)
        return caller

    caller_with_scope.__dict__["scope"] = scope or ANY  # the table of routes and scopes is made from it
    return Depends(caller_with_scope)


def scope_of(dependency: Callable[..., Any] | None) -> str | None:
    """The scope that a dependency of a route asks for; None if it is none of ours."""
    return getattr(dependency, "scope", None)


async def _caller(request: Request) -> Caller | None:
    gate: Gate = request.app.state.gate
    if gate.is_open:  # to names of the loopback only: another name may have been pointed here by a web page
        return gate.caller(None) if is_loopback_name(request.headers.get("host", "")) else None
    authorization = ", ".join(request.headers.getlist("authorization"))
    return await to_thread(gate.caller, authorization)  # it may have to fetch the issuer's keys


def _within_the_rate(request: Request, caller: Caller) -> None:
    limit = RateLimitItemPerMinute(request.app.state.settings.requests_per_minute)
    if not request.app.state.rates.hit(limit, caller.name):
        request.app.state.metrics.refused.labels("rate").inc()
        detail = "This caller asks too often; wait before asking again."
        raise Problem(429, "too-many-requests", "Too many requests", detail, {"Retry-After": RETRY_AFTER_SECONDS})
