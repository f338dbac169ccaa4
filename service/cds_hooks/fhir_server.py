"""Asking the FHIR server of a call for what was not sent along: allowed hosts only, bounded in time and size.

The access token goes to that server and nowhere else. Redirects are not followed, pages only from the same origin.
"""

from asyncio import timeout
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Literal

import httpx

from service.access.loopback import is_loopback_name
from service.intake.fhir_text import read_resource
from service.intake.members import entries_at, text_at
from service.patient.reading import RefusedRequest

MOST_PAGES = 20
_OK = 200


Why = Literal["not-sent", "not-fetched", "too-slow", "too-large", "refused", "elsewhere"]


class NotFetchedError(Exception):
    """It could not be had."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def http_client() -> httpx.AsyncClient:
    """A client without cookies, proxies of the environment and redirects."""
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(follow_redirects=False, trust_env=False, cookies=no_cookies)


@dataclass(frozen=True, slots=True)
class FhirServer:
    """One FHIR server that may be asked during one call."""

    client: httpx.AsyncClient
    base: httpx.URL
    access_token: str = field(repr=False)
    seconds: float
    most_bytes: int

    @classmethod
    def of(
        cls,
        client: httpx.AsyncClient,
        address: str | None,
        access_token: str | None,
        allowed_hosts: frozenset[str],
        seconds: float,
        most_bytes: int,
    ) -> "FhirServer | None":
        """The server, if it may be asked: its host is allowed and it is reached over https, or is on the loopback."""
        if address is None or access_token is None or not access_token.isascii() or not access_token.isprintable():
            return None
        try:
            base = httpx.URL(address.rstrip("/") + "/")
        except httpx.InvalidURL:
            return None
        is_private = base.scheme == "https" or (base.scheme == "http" and is_loopback_name(base.netloc.decode("ascii")))
        if not is_private or base.userinfo or base.query or base.fragment or base.host not in allowed_hosts:
            return None
        return cls(client, base, access_token, seconds, most_bytes)

    async def fetch(self, query: str) -> Mapping[str, Any]:
        """One resource, or every page of a search as one Bundle. Raises NotFetchedError."""
        try:
            async with timeout(self.seconds):
                first = await self._page(self.base.join(query))
                if first.get("resourceType") != "Bundle":
                    return first
                return await self.whole(first)
        except TimeoutError:
            raise NotFetchedError("too-slow") from None

    async def whole(self, first: Mapping[str, Any]) -> Mapping[str, Any]:
        """A Bundle with the entries of every page after it. Raises NotFetchedError."""
        entries, page, pages = [*entries_at(first, "entry")], first, 1
        while following := _next(page):
            if pages == MOST_PAGES:
                raise NotFetchedError("too-large")
            page = await self._page(self._of_this_origin(following))
            entries += entries_at(page, "entry")
            pages += 1
        return {"resourceType": "Bundle", "type": "searchset", "entry": entries}

    def _of_this_origin(self, address: str) -> httpx.URL:
        try:
            url = self.base.join(address)
        except httpx.InvalidURL:
            raise NotFetchedError("elsewhere") from None
        if (url.scheme, url.netloc) != (self.base.scheme, self.base.netloc):
            raise NotFetchedError("elsewhere")
        return url

    async def _page(self, url: httpx.URL) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {self.access_token}", "Accept": "application/fhir+json, application/json"}
        try:
            async with self.client.stream("GET", url, headers=headers, timeout=self.seconds) as answer:
                if answer.status_code != _OK:
                    raise NotFetchedError("refused")
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > self.most_bytes:
                        raise NotFetchedError("too-large")
            return read_resource(bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL):
            raise NotFetchedError("not-fetched") from None
        except RefusedRequest:
            raise NotFetchedError("not-fetched") from None


def _next(page: Mapping[str, Any]) -> str | None:
    links = [link for link in entries_at(page, "link") if link.get("relation") == "next"]
    return text_at(links[0], "url") if links else None
