"""Who visits the page: by an `Authorization: Bearer` header, by a session of ours, or as everybody of an open loopback."""

import re
from asyncio import to_thread
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Security
from fastapi.security import SecurityScopes

from service.access.caller import Caller, Scope
from service.access.sessions import Session
from service.api.board.cookies import SESSION, new_visit_cookie, visit_cookie
from service.api.callers import admitted, authorization, known_caller, unauthorized
from service.api.route_path import route_path
from service.audit.used_tokens import was_used

SESSIONS = "prrt-cds:session"  # the issuer of sessions among the tokens that were used up
NOBODY = Caller("nobody", frozenset())
BAD_HEADER = "The Authorization header is not accepted. A proxy in front may have set it; sign in there again."
ENDED = (
    "Do not close this page: sign in again in another tab, then reload this page and let the browser send the form again. "
    "Nothing that you typed is lost."
)
_PAGE = re.compile(r"/|/form|/assessments/[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of the page: who it comes from, and the token that its forms must carry.

    `new_cookie` is what a browser without one must keep, so that the token holds.
    """

    caller: Caller
    csrf_token: str = field(repr=False)
    is_signed_in: bool  # by a session of ours, which can be signed out of
    new_cookie: str | None = field(default=None, repr=False)


class ElsewhereError(Exception):
    """The browser has to go on at a path of ours. `from_a_page`: by a page of ours, as if the user had come from there."""

    def __init__(self, path: str, *, from_a_page: bool = False) -> None:
        super().__init__("go on elsewhere")
        self.path, self.from_a_page = path, from_a_page


def visits(*scopes: Scope) -> Any:
    """A dependency: the visit, by somebody who has these scopes."""
    return Security(_visit, scopes=scopes)


async def _visit(request: Request, scopes: SecurityScopes) -> Visit:
    """The visit. Raises ElsewhereError, and 401, 403 and 429 problems."""
    path = page_path(route_path(request.scope))
    require_own_cookies(request, path or "/")
    known = await known_visitor(request)
    if known is None and bears_a_credential(request):
        raise unauthorized(request, BAD_HEADER)
    if known is None and request.method == "GET":
        raise ElsewhereError(sign_in_path(path))
    if known is None:
        raise unauthorized(request, ENDED, "Your session has ended")
    caller, is_signed_in = known
    admitted(request, caller, scopes, f"This needs the scope: {scopes.scope_str}.")
    return visit_of(request, caller, is_signed_in=is_signed_in)


def page_path(told: str) -> str | None:
    """The path, if it is that of a page that can be gone to; None for any other, and for what is no path of ours."""
    return told if _PAGE.fullmatch(told) else None


def sign_in_path(to: str | None) -> str:
    """Where to sign in to get there."""
    return f"/sign-in?next={to}" if to else "/sign-in"


def require_own_cookies(request: Request, path: str) -> None:
    """See that the browser sends our cookies. Raises ElsewhereError.

    It does not when it follows a link of another site, such as a card in an EHR: it has to come once more from a page of ours.
    Only what says that it comes from another site is sent on, so nobody goes round in circles.
    """
    is_foreign = request.headers.get("sec-fetch-site") == "cross-site"
    if request.method == "GET" and is_foreign and visit_cookie(request) is None:
        raise ElsewhereError(path, from_a_page=True)


def bears_a_credential(request: Request) -> bool:
    """Whether there is a bearer credential, good or not. Other schemes are for whoever stands in front of us."""
    return authorization(request).lower().startswith("bearer")


async def known_visitor(request: Request) -> tuple[Caller, bool] | None:
    """Who comes, and whether by a session of ours; None for nobody."""
    session = None if bears_a_credential(request) else session_of(request)
    resumed = await _resumed(request, session) if session else None
    if resumed:
        return resumed, True
    caller = await known_caller(request)
    return (caller, False) if caller else None


def session_of(request: Request) -> Session | None:
    """The session of the cookie, which may have been signed out of; None without one that is good."""
    found: Session | None = request.app.state.sign_in.sessions.session(request.cookies.get(SESSION, ""))
    return found


async def _resumed(request: Request, session: Session) -> Caller | None:
    state = request.app.state
    caller: Caller | None = await to_thread(state.gate.resumed, session.caller, session.mark)
    if caller is None:
        return None
    is_over = await state.recorder.look(was_used, state.recorder.store.database, SESSIONS, session.id)
    return None if is_over else caller


def visit_of(request: Request, caller: Caller, *, is_signed_in: bool = False) -> Visit:
    """The visit of a caller. The token of its forms outlives a session of the same caller, so that no form is lost with one."""
    told = visit_cookie(request)
    cookie = told or new_visit_cookie()
    token = request.app.state.sign_in.form_token(cookie, caller.name)
    return Visit(caller, token, is_signed_in, None if told else cookie)
