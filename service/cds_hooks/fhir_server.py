"""Asking the FHIR server of a call for what was not sent along: allowed hosts only, bounded in time and size.

The access token goes to that server and nowhere else. Redirects are not followed, pages only from the same origin.
"""

from asyncio import timeout, to_thread
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import create_default_context
from typing import Any, Literal

import httpx

from service.access.loopback import is_loopback_name
from service.intake.fhir_text import read_resource
from service.intake.members import entries_at, text_at
from service.patient.reading import RefusedRequest

MOST_PAGES = 20
_DEFAULT_PORTS = {"https": 443, "http": 80}
_OK = 200


Why = Literal["not-sent", "not-fetched", "too-slow", "too-large", "refused", "elsewhere"]


class NotFetchedError(Exception):
    """It could not be had."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def http_client() -> httpx.AsyncClient:
    """A client without cookies, proxies of the environment and redirects; it trusts whom the system trusts.

    Connections are not bounded here: one FHIR server that is slow must not keep others waiting.
    """
    return httpx.AsyncClient(
        verify=create_default_context(),
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
    )


@dataclass(slots=True)
class Budget:
    """How many bytes may still be fetched during one call."""

    bytes_left: int

    def spend(self, count: int) -> None:
        """Take so many. Raises NotFetchedError when there are not as many."""
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise NotFetchedError("too-large")


@dataclass(frozen=True, slots=True)
class FhirServer:
    """One FHIR server that may be asked during one call."""

    client: httpx.AsyncClient
    base: httpx.URL
    access_token: str = field(repr=False)
    seconds: float
    budget: Budget

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
        """The server, if it may be asked: its host and port are allowed and it is reached over https, or is on the loopback."""
        if address is None or access_token is None or not access_token.isascii() or not access_token.isprintable():
            return None
        try:
            base = httpx.URL(address.rstrip("/") + "/")
        except httpx.InvalidURL:
            return None
        is_loopback = is_loopback_name(base.netloc.decode("ascii"))
        is_private = base.scheme == "https" or (base.scheme == "http" and is_loopback)
        host = base.host.strip("[]").lower()
        allowed = {_host_and_port(entry.lower()) for entry in allowed_hosts}
        port = base.port or _DEFAULT_PORTS.get(base.scheme)
        # an entry without a port allows the port of the scheme; on the loopback every port
        is_allowed = (host, port) in allowed or ((host, None) in allowed and (base.port is None or is_loopback))
        if not is_allowed or not is_private or base.userinfo or base.query or base.fragment:
            return None
        return cls(client, base, access_token, seconds, Budget(most_bytes))

    async def fetch(self, query: str) -> Mapping[str, Any]:
        """One resource, or every page of a search as one Bundle. Raises NotFetchedError."""
        try:
            async with timeout(self.seconds):
                first = await self._page(self.base.join(query))
                return await self.whole(first) if first.get("resourceType") == "Bundle" else first
        except TimeoutError:
            raise NotFetchedError("too-slow") from None

    async def whole(self, first: Mapping[str, Any]) -> Mapping[str, Any]:
        """A Bundle with the entries of every page after it, and its total. Raises NotFetchedError."""
        entries, page, pages = [*entries_at(first, "entry")], first, 1
        while (following := _next(page)) is not None:
            if pages == MOST_PAGES:
                raise NotFetchedError("too-large")
            page = await self._page(self._of_this_origin(following))
            if page["resourceType"] != "Bundle":
                raise NotFetchedError("refused")
            entries += entries_at(page, "entry")
            pages += 1
        total = {"total": first["total"]} if "total" in first else {}
        return {"resourceType": "Bundle", "type": "searchset", **total, "entry": entries}

    def _of_this_origin(self, address: str) -> httpx.URL:
        try:
            url = self.base.join(address)
        except httpx.InvalidURL:
            raise NotFetchedError("elsewhere") from None
        if not address:
            raise NotFetchedError("elsewhere")
        if url.userinfo or (url.scheme, url.netloc) != (self.base.scheme, self.base.netloc):
            raise NotFetchedError("elsewhere")
        return url

    async def _page(self, url: httpx.URL) -> Mapping[str, Any]:
        """One resource as it is sent, not compressed: what is packed may be any size when it is opened."""
        headers = {
            "Authorization": f"Bearer {self.access_token}",
            "Accept": "application/fhir+json, application/json",
            "Accept-Encoding": "identity",
        }
        try:
            async with self.client.stream("GET", url, headers=headers, timeout=self.seconds) as answer:
                if answer.status_code != _OK or answer.headers.get("content-encoding", "identity") != "identity":
                    raise NotFetchedError("refused")
                body = bytearray()
                async for chunk in answer.aiter_raw():
                    self.budget.spend(len(chunk))
                    body += chunk
            resource = await to_thread(read_resource, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, RefusedRequest):
            raise NotFetchedError("not-fetched") from None
        if text_at(resource, "resourceType") is None:
            raise NotFetchedError("not-fetched")
        return resource


def _host_and_port(entry: str) -> tuple[str, int | None]:
    """An entry of the allowed hosts, `host` or `host:port`; an address of version 6 with a port needs its brackets."""
    host, _, port = entry.rpartition(":")
    has_port = port.isascii() and port.isdecimal() and (host.endswith("]") or (host and ":" not in host))
    return (host.strip("[]"), int(port)) if has_port else (entry.strip("[]"), None)


def _next(page: Mapping[str, Any]) -> str | None:
    """The address of the next page; empty if it is named and has none."""
    links = [link for link in entries_at(page, "link") if link.get("relation") == "next"]
    return (text_at(links[0], "url") or "") if links else None
