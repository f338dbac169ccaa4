"""Who calls: each clinical route names the scope that it needs. The OpenAPI document says which."""

from asyncio import to_thread
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer, SecurityScopes

from service.access.caller import Caller, Scope
from service.access.gate import Gate
from service.access.loopback import is_loopback_name
from service.api.problems import RETRY_AFTER_SECONDS, Problem
from service.api.route_path import route_path
from service.audit.used_tokens import use_token

CDS_CLIENT = "CdsClient"
_CDS_TOKEN = HTTPBearer(
    auto_error=False, scheme_name=CDS_CLIENT, description="The token that a CDS Hooks client signs for each call."
)
_BEARER = HTTPBearer(auto_error=False, description="A token of the OIDC issuer, or an API key.")


def needs(*scopes: Scope) -> Any:
    """A dependency: the caller, who has these scopes; without any, whoever is let in."""
    return Security(_caller_with, scopes=scopes)


async def _caller_with(request: Request, scopes: SecurityScopes, _: Annotated[object, Depends(_BEARER)]) -> Caller:
    """The caller. Raises 401, 403 and 429 problems."""
    caller = await known_caller(request)
    if caller is None:
        raise unauthorized(request)
    return admitted(request, caller, scopes)


def unauthorized(request: Request, detail: str = "", title: str = "Unauthorized") -> Problem:
    """The 401 problem, counted."""
    request.app.state.metrics.refused.labels("unauthenticated").inc()
    return Problem(401, "unauthorized", title, detail, {"WWW-Authenticate": "Bearer"})


def admitted(request: Request, caller: Caller, scopes: SecurityScopes, detail: str = "") -> Caller:
    """The caller, who has these scopes and does not ask too often. Raises 403 (with the detail) and 429 problems."""
    if not caller.scopes.issuperset(scopes.scopes):
        request.app.state.metrics.refused.labels("forbidden").inc()
        raise Problem(403, "forbidden", "Forbidden", detail)
    return _within_the_rate(request, caller)


def _within_the_rate(request: Request, caller: Caller) -> Caller:
    if not request.app.state.rates.count(caller.name, request.app.state.settings.requests_per_minute):
        raise too_often(request)
    return caller


def too_often(request: Request) -> Problem:
    """The 429 problem, counted."""
    request.app.state.metrics.refused.labels("rate").inc()
    detail = "This caller asks too often; wait before asking again."
    return Problem(429, "too-many-requests", "Too many requests", detail, {"Retry-After": RETRY_AFTER_SECONDS})


async def known_caller(request: Request) -> Caller | None:
    """Who the `Authorization` header says calls, or everybody of an open loopback; None for nobody."""
    gate: Gate = request.app.state.gate
    if gate.is_open and not _asks_the_loopback(request):
        return None
    told = authorization(request)
    return await to_thread(gate.caller, told) if gate.may_take_long(told) else gate.caller(told)


def _asks_the_loopback(request: Request) -> bool:
    """An open service answers to names of the loopback only: another name may have been pointed here by a web page."""
    return is_loopback_name(request.headers.get("host", ""))


def authorization(request: Request) -> str:
    """Every `Authorization` header, as one."""
    return ", ".join(request.headers.getlist("authorization"))


async def cds_caller(request: Request, _: Annotated[object, Depends(_CDS_TOKEN)]) -> Caller:
    """The CDS client that calls, by a token of its own for this very address, used once. Raises 401 and 429 problems."""
    state = request.app.state
    gate: Gate = state.gate
    token = None
    if not gate.is_open or _asks_the_loopback(request):
        address = service_url(request) + route_path(request.scope)
        told = authorization(request)
        token = gate.cds_caller(told, address) if gate.is_open else await to_thread(gate.cds_caller, told, address)
    is_first_use = token is not None and (
        token.jti is None
        or await state.recorder.look(use_token, state.recorder.store.database, token.caller.name, token.jti, token.expires_at)
    )
    if token is None or not is_first_use:
        raise unauthorized(request)
    return _within_the_rate(request, token.caller)


def service_url(request: Request) -> str:
    """Where clients reach the service, without a slash at the end."""
    return str(request.app.state.settings.public_url or request.base_url).rstrip("/")
