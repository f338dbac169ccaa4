"""HTML answers of the page."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from service.api.board.cookies import VISIT, keep
from service.api.board.visitor import Visit
from service.presentation.page.rendering import render


def page(request: Request, visit: Visit | None, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """The page of a template, as a visitor sees it; `visit` is None for whoever is not known yet."""
    html = render(
        template,
        root=request.scope.get("root_path", ""),
        visitor=visit.caller.name if visit and visit.is_signed_in else None,
        csrf_token=visit.csrf_token if visit else None,
        **values,
    )
    response = HTMLResponse(html, status)
    if visit and visit.new_cookie:
        keep(response, VISIT, visit.new_cookie)
    return response


def go_to(request: Request, path: str) -> RedirectResponse:
    """The answer that lets the browser go on at a path of ours, with a GET (303)."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", 303)
