"""The cookies of the page. No script reads one, no other host sets one, none is sent in the clear, none outlives the browser.

A session and a visit are kept from every request that begins on another site; a try to sign in must come back from one.
"""

import re
from secrets import token_urlsafe
from typing import Literal

from fastapi import Request, Response

SESSION, VISIT, ATTEMPT = "__Host-prrt_session", "__Host-prrt_visit", "__Host-prrt_sign_in"
_RANDOM_BYTES = 32
_VISIT = re.compile(r"[A-Za-z0-9_-]{43}")


def keep(response: Response, name: str, value: str, same_site: Literal["strict", "lax"] = "strict") -> None:
    """Let the browser keep a cookie until it is closed."""
    response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite=same_site)


def forget(request: Request, response: Response, *names: str) -> None:
    """Let the browser forget those of the cookies that it sent: a request that another site caused takes none away."""
    for name in request.cookies.keys() & set(names):
        response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="strict")


def visit_cookie(request: Request) -> str | None:
    """What tells this browser from others; None at its first visit."""
    told = request.cookies.get(VISIT, "")
    return told if _VISIT.fullmatch(told) else None


def new_visit_cookie() -> str:
    """What will tell a browser from others."""
    return token_urlsafe(_RANDOM_BYTES)
