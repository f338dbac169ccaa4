"""Who calls: each clinical route names the scope that it needs. The OpenAPI document says which."""

from asyncio import to_thread
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer, SecurityScopes
from limits import RateLimitItemPerMinute

from service.access.caller import Caller, Scope
from service.access.gate import Gate
from service.access.loopback import is_loopback_name
from service.api.problems import RETRY_AFTER_SECONDS, Problem

_BEARER = HTTPBearer(auto_error=False, description="A token of the OIDC issuer, or an API key.")


def needs(*scopes: Scope) -> Any:
    """A dependency: the caller, who has these scopes; without any, whoever is let in."""
    return Security(_caller_with, scopes=scopes)


async def _caller_with(request: Request, scopes: SecurityScopes, _: Annotated[object, Depends(_BEARER)]) -> Caller:
    """The caller. Raises 401, 403 and 429 problems."""
    refused = request.app.state.metrics.refused
    caller = await _caller(request)
    if caller is None:
        refused.labels("unauthenticated").inc()
        raise Problem(401, "unauthorized", "Unauthorized", "", {"WWW-Authenticate": "Bearer"})
    if not caller.scopes.issuperset(scopes.scopes):
        refused.labels("forbidden").inc()
        raise Problem(403, "forbidden", "Forbidden", "")
    limit = RateLimitItemPerMinute(request.app.state.settings.requests_per_minute)
    if not request.app.state.rates.hit(limit, caller.name):
        refused.labels("rate").inc()
        detail = "This caller asks too often; wait before asking again."
        raise Problem(429, "too-many-requests", "Too many requests", detail, {"Retry-After": RETRY_AFTER_SECONDS})
    return caller


async def _caller(request: Request) -> Caller | None:
    gate: Gate = request.app.state.gate
    if gate.is_open:  # to names of the loopback only: another name may have been pointed here by a web page
        return gate.caller(None) if is_loopback_name(request.headers.get("host", "")) else None
    authorization = ", ".join(request.headers.getlist("authorization"))
    return await to_thread(gate.caller, authorization)  # it may have to fetch the issuer's keys
