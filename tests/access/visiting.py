"""A visitor of the page: keeps cookies as a browser does, and fills in forms. And a page that says who visits it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from service.api.board.answering import page
from service.api.board.posted import posted_form
from service.api.board.visitor import Visit, visits
from service.api.rates import Rates
from service.risk.artefacts import ModelRefusedError
from service.settings import Settings
from tests.conftest import InProcess, root_logger_kept

MOST_BYTES = 2000
SESSION, VISIT, ATTEMPT = "__Host-prrt_session", "__Host-prrt_visit", "__Host-prrt_sign_in"


def without_models(_: Any) -> Any:
    """In the place of an engine: what is asked here needs none, and starts faster."""
    raise ModelRefusedError("none is loaded")


def with_probe(app: FastAPI) -> None:
    """Let the application have a page that says who visits it, and what was posted."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    @router.get("/form")
    @router.get("/assessments/{id}")
    @router.get("/probe")
    async def show(request: Request, visit: Annotated[Visit, visits("read")]) -> Response:
        response = page(request, visit, "continue.html", to="/")
        response.headers["x-caller"], response.headers["x-token"] = visit.caller.name, visit.csrf_token
        return response

    @router.post("/probe")
    async def take(request: Request, visit: Annotated[Visit, visits("read", "assess")]) -> Response:
        posted = await posted_form(request, visit, MOST_BYTES)
        files = {name: content.decode("latin-1") for name, content in posted.files.items()}
        return JSONResponse({"caller": visit.caller.name, "fields": dict(posted.fields), "files": files})

    app.include_router(router)


@contextmanager
def visited(settings: Settings) -> Iterator[InProcess]:
    """A service with the probe, for many tests: they clear what it counts with `forgiven`."""
    with root_logger_kept(), InProcess(settings, without_models) as service:
        with_probe(service.app)
        yield service


def forgiven(service: InProcess) -> InProcess:
    """The service, which has forgotten who asked how often."""
    service.app.state.rates = Rates()
    return service


class Visitor:
    """A browser without scripts and without a screen."""

    def __init__(self, service: InProcess, **headers: str) -> None:
        self.service, self.headers, self.cookies = service, headers, {}

    def get(self, url: str, **headers: str) -> httpx.Response:
        return self._asked("GET", url, headers)

    def post(self, url: str, fields: Any = None, headers: dict[str, str] | None = None, **how: Any) -> httpx.Response:
        return self._asked("POST", url, headers or {}, data=fields, **how)

    def token(self, url: str = "/probe") -> str:
        """The token of the forms of a page."""
        answer = self.get(url)
        found = re.search('name="csrf_token" value="([^"]*)"', answer.text)
        return answer.headers.get("x-token") or unescape(found[1])

    def signs_in(self, key: str, to: str = "/", **more: str) -> httpx.Response:
        return self.post("/sign-in", {"csrf_token": self.token("/sign-in"), "api_key": key, "next": to, **more})

    def signs_out(self) -> httpx.Response:
        return self.post("/sign-out", {"csrf_token": self.token()})

    def copied(self) -> "Visitor":
        """Somebody who took every cookie."""
        other = Visitor(self.service, **self.headers)
        other.cookies = dict(self.cookies)
        return other

    def _asked(self, method: str, url: str, headers: dict[str, str], **how: Any) -> httpx.Response:
        told = {name.replace("_", "-"): value for name, value in {**self.headers, **headers}.items()}
        if self.cookies:
            told["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.service.request(method, url, headers=told, **how)
        for line in answer.headers.get_list("set-cookie"):
            (name, value), flags = line.split(";")[0].split("=", 1), line.lower()
            if "max-age=0" in flags:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer
