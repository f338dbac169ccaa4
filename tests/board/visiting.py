"""A visitor of the page without a browser: keeps cookies, finds the token in the form, posts."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.conftest import InProcess

_TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')


class Visitor:
    """One visitor, the cookies that were set, and the page that was seen last."""

    def __init__(self, service: InProcess, headers: dict[str, str] | None = None) -> None:
        self.service, self.headers, self.cookies = service, headers or {}, {}
        self.page = ""

    def get(self, path: str) -> httpx.Response:
        return self._seen(self.service.request("GET", path, headers=self._headers()))

    def post(self, path: str, fields: dict[str, str], file: bytes | None = None) -> httpx.Response:
        """Post a form with the token of the page that was seen last; with a file, as multipart."""
        told = {"csrf_token": self.token, **fields}
        if file is not None:
            how: dict[str, Any] = {"data": told, "files": {"file": ("patient.json", file, "application/json")}}
            return self._seen(self.service.request("POST", path, headers=self._headers(), **how))
        headers = self._headers() | {"content-type": "application/x-www-form-urlencoded"}
        return self._seen(self.service.request("POST", path, headers=headers, content=urlencode(told)))

    @property
    def token(self) -> str:
        found = _TOKEN.search(self.page)
        return unescape(found[1]) if found else ""

    @property
    def text(self) -> str:
        """What the page says, without markup."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.page)).split())

    def follow(self, response: httpx.Response) -> httpx.Response:
        return self.get(response.headers["location"])

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return self.headers | ({"cookie": cookies} if cookies else {})

    def _seen(self, response: httpx.Response) -> httpx.Response:
        for line in response.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if response.headers.get("content-type", "").startswith("text/html"):
            self.page = response.text
        return response
