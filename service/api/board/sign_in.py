"""Signing in to the page, with an API key or at the issuer, and signing out."""

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from structlog import get_logger

from service.access.caller import Credential
from service.access.code_flow import ANSWER_PATH, Attempt, CodeFlow, IssuerAwayError, NotSignedInError
from service.access.sessions import Session
from service.access.sign_in import SignIn
from service.api.board.answering import go_to, page
from service.api.board.cookies import ATTEMPT, SESSION, VISIT, forget, keep
from service.api.board.posted import posted_form, require_our_page
from service.api.board.visitor import (
    NOBODY,
    SESSIONS,
    ElsewhereError,
    Visit,
    known_visitor,
    page_path,
    require_own_cookies,
    session_of,
    sign_in_path,
    visit_of,
)
from service.api.callers import too_often
from service.api.problems import Problem
from service.audit.entry import RecordUnavailableError
from service.audit.used_tokens import use_token

MOST_BYTES, BODY_SECONDS = 4096, 3  # nobody knows yet who sends it
MOST_FAILURES = 10  # a minute from one address; a key cannot be guessed, but trying costs us too
KEYS, ANSWERS = "sign-in", "sign-in-answer"  # failures of one shut nobody out of the other
LONGEST_CODE = 4096
_log = get_logger("service.access")
router = APIRouter(include_in_schema=False)


def install(app: FastAPI) -> None:
    """Let people sign in to the page of the application."""
    app.state.sign_in = SignIn.closed()
    app.include_router(router)
    app.exception_handler(ElsewhereError)(_elsewhere)


async def _elsewhere(request: Request, error: ElsewhereError) -> Response:
    return _continued(request, error.path) if error.from_a_page else go_to(request, error.path)


def _continued(request: Request, path: str) -> Response:
    """A page that goes on by itself: then the browser comes from us, and sends our cookies."""
    return page(request, None, "continue.html", to=path)


@router.get("/sign-in")
async def show(request: Request) -> Response:
    """Where to sign in; who has done so goes on."""
    to = page_path(request.query_params.get("next", ""))
    require_own_cookies(request, sign_in_path(to))
    caller, is_signed_in = await known_visitor(request) or (NOBODY, False)
    if caller != NOBODY and (to or not is_signed_in):
        return go_to(request, to or "/")
    return _form(request, visit_of(request, caller, is_signed_in=is_signed_in), to)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Sign in with an API key: a good one always, however many from the same address were not."""
    visit = visit_of(request, NOBODY)
    posted = await posted_form(request, visit, MOST_BYTES, BODY_SECONDS)
    api_keys, to = request.app.state.gate.api_keys, page_path(posted.fields.get("next", ""))
    credential = api_keys.credential(posted.fields.get("api_key", "").strip()) if api_keys else None
    if credential is None:
        _count_failure(request, KEYS)
        return _form(request, visit, to, "unknown_key", 401)
    return _signed_in(request, go_to(request, to or "/"), credential)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, also for whoever copied its cookie."""
    require_our_page(request)
    session = session_of(request)
    response = go_to(request, "/sign-in")
    if session:
        await posted_form(request, visit_of(request, session.caller), MOST_BYTES, BODY_SECONDS)
        await _used_up(request, session)
    forget(request, response, SESSION, VISIT)
    return response


async def _used_up(request: Request, session: Session) -> None:
    """Let nobody use the session again. Raises a 503 problem that takes the cookie from this browser all the same."""
    recorder = request.app.state.recorder
    try:
        await recorder.look(use_token, recorder.store.database, SESSIONS, session.id, session.expires_at)
    except RecordUnavailableError:
        response = Response()
        forget(request, response, SESSION)
        detail = "The record cannot be written: a copy of the session, if there is one, is good until it ends by itself."
        raise Problem(
            503, "signed-out-here", "Signed out of this browser only", detail, {"Set-Cookie": response.headers["set-cookie"]}
        ) from None


@router.get("/sign-in/oidc")
async def go_to_issuer(request: Request) -> Response:
    """Send the browser to the issuer."""
    attempt = Attempt.new(page_path(request.query_params.get("next", "")) or "/")
    response = RedirectResponse(_code_flow(request).address(attempt), 303)
    keep(response, ATTEMPT, request.app.state.sign_in.kept(attempt), "lax")
    return response


@router.get(ANSWER_PATH)
async def come_from_issuer(request: Request) -> Response:
    """What the browser brings back from the issuer. Nothing of it is shown or logged.

    What answers no try of this browser is not counted: any page can cause it, and would shut others out.
    """
    flow = _code_flow(request)
    state = request.query_params.get("state", "")
    attempt: Attempt | None = request.app.state.sign_in.attempt(request.cookies.get(ATTEMPT, ""), state)
    if attempt:
        _require_patience(request, ANSWERS)
    try:
        credential = await _credential(request, flow, attempt)
    except NotSignedInError as error:
        _log.warning("not signed in", error=str(error))
        if attempt:
            _count_failure(request, ANSWERS)
        why, status = ("issuer_away", 503) if isinstance(error, IssuerAwayError) else ("not_signed_in", 401)
        response = _form(request, None, attempt.to if attempt else None, why, status)
    else:
        response = _signed_in(request, _continued(request, attempt.to if attempt else "/"), credential)
    forget(request, response, ATTEMPT)
    return response


async def _credential(request: Request, flow: CodeFlow, attempt: Attempt | None) -> Credential:
    """What the issuer says who it is. Raises NotSignedInError."""
    told = request.query_params
    if attempt is None:
        raise NotSignedInError("no try to sign in awaits this answer")
    if told.get("iss", flow.tokens.issuer) != flow.tokens.issuer or not 0 < len(told.get("code", "")) <= LONGEST_CODE:
        raise NotSignedInError("the issuer sent no code")
    return await flow.credential(request.app.state.http_client, attempt, told["code"])


def _form(request: Request, visit: Visit | None, to: str | None, failure: str | None = None, status: int = 200) -> Response:
    """The page to sign in. Without a visit only at the issuer: no form was given out for it."""
    has_keys, has_issuer = request.app.state.gate.api_keys is not None, request.app.state.sign_in.code_flow is not None
    return page(request, visit, "sign_in.html", status, has_keys=has_keys, has_issuer=has_issuer, to=to, failure=failure)


def _signed_in(request: Request, response: Response, credential: Credential) -> Response:
    keep(response, SESSION, request.app.state.sign_in.sessions.begun(credential))
    return response


def _code_flow(request: Request) -> CodeFlow:
    flow: CodeFlow | None = request.app.state.sign_in.code_flow
    if flow is None:
        raise Problem(404, "not-found", "Not found", "Signing in with the hospital's account is not set up.")
    return flow


def _require_patience(request: Request, what: str) -> None:
    """See that not too many tries failed from this address. Raises a 429 problem."""
    if not request.app.state.rates.has_room(_counted(request, what), MOST_FAILURES):
        raise too_often(request)


def _count_failure(request: Request, what: str) -> None:
    """Count a failed try. Raises a 429 problem for one too many."""
    if not request.app.state.rates.count(_counted(request, what), MOST_FAILURES):
        raise too_often(request)
    request.app.state.metrics.refused.labels("unauthenticated").inc()


def _counted(request: Request, what: str) -> str:
    return f"{what}:{request.client.host if request.client else ''}"
