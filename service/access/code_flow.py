"""Signing in at the issuer with the OIDC authorization code flow: PKCE, state and nonce (RFC 9700)."""

import json
from asyncio import timeout, to_thread
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx

from service.access.caller import Credential
from service.access.configuration import AccessConfigurationError, refuse_address
from service.access.tokens import Tokens

ID, SECRET, AUTHORIZE, TOKEN = "PRRT_OIDC_CLIENT_ID", "PRRT_OIDC_CLIENT_SECRET", "PRRT_OIDC_AUTHORIZE_URL", "PRRT_OIDC_TOKEN_URL"
ISSUER, PUBLIC_URL, SCOPES = "PRRT_OIDC_ISSUER", "PRRT_PUBLIC_URL", "PRRT_OIDC_SCOPES"
ANSWER_PATH = "/sign-in/answer"
SECONDS, MOST_BYTES = 5.0, 65_536
_RANDOM_BYTES = 32
_OK = 200


class NotSignedInError(Exception):
    """The issuer did not say who it is. The message may be shown: it holds nothing that the issuer said."""


class IssuerAwayError(NotSignedInError):
    """The issuer could not be asked."""


@dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """One try to sign in, which the browser keeps until the issuer sends it back: used once."""

    state: str
    nonce: str
    verifier: str
    to: str

    @classmethod
    def new(cls, to: str) -> "Attempt":
        """A try that ends on the page of that path."""
        return cls(token_urlsafe(_RANDOM_BYTES), token_urlsafe(_RANDOM_BYTES), token_urlsafe(_RANDOM_BYTES), to)

    def answers(self, state: str) -> bool:
        """Whether the issuer answers this try."""
        return compare_digest(self.state.encode(), state.encode("utf-8", "replace"))

    def as_claims(self) -> dict[str, str]:
        """What the browser keeps."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class CodeFlow:
    """The issuer as this service's page signs people in there."""

    tokens: Tokens = field(repr=False)
    client_id: str
    client_secret: str | None = field(repr=False)
    authorize_url: str
    token_url: str
    redirect_uri: str
    scopes: str

    @classmethod
    def of(
        cls,
        tokens: Tokens | None,
        settings: Mapping[str, str | None],
        allowed_hosts: frozenset[str],
    ) -> "CodeFlow | None":
        """The flow of these settings, by their names; None if none of them is told. Raises AccessConfigurationError."""
        told = [name for name in (ID, SECRET, AUTHORIZE, TOKEN) if settings[name] is not None]
        if not told:
            return None
        for name in (ID, AUTHORIZE, TOKEN):
            if settings[name] is None:
                raise AccessConfigurationError(f"{told[0]}: set {name} too")
        client_id, secret, authorize, token = (settings[name] for name in (ID, SECRET, AUTHORIZE, TOKEN))
        public_url, scopes = settings[PUBLIC_URL], settings[SCOPES] or ""
        if tokens is None:
            raise AccessConfigurationError(f"{told[0]}: set {ISSUER} too, whose tokens are accepted")
        if not client_id or secret == "":
            raise AccessConfigurationError(f"{SECRET if client_id else ID}: is set, but empty")
        if "openid" not in scopes.split():
            raise AccessConfigurationError(f"{SCOPES}: must name openid")
        refuse_address(PUBLIC_URL, public_url)
        refuse_address(AUTHORIZE, authorize)
        refuse_address(TOKEN, token, allowed_hosts)
        redirect_uri = f"{public_url}".rstrip("/") + ANSWER_PATH
        return cls(tokens, client_id, secret, f"{authorize}", f"{token}", redirect_uri, scopes)

    def address(self, attempt: Attempt) -> str:
        """Where the browser is sent to sign in."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scopes,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": _unpadded(sha256(attempt.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        return f"{self.authorize_url}{'&' if '?' in self.authorize_url else '?'}{urlencode(asked)}"

    async def credential(self, client: httpx.AsyncClient, attempt: Attempt, code: str) -> Credential:
        """The access token that the code stands for, if a bearer of it would be let in. Raises NotSignedInError."""
        try:
            async with timeout(SECONDS):
                answer = await self._exchanged(client, attempt, code)
        except TimeoutError:
            raise IssuerAwayError("the issuer answers too slowly") from None
        access_token, id_token = answer.get("access_token"), answer.get("id_token")
        if not isinstance(access_token, str) or not isinstance(id_token, str):
            raise NotSignedInError("the issuer gave no access token or no ID token")
        identity = await to_thread(self.tokens.identity, id_token, self.client_id)
        if identity is None or not compare_digest(f"{identity.get('nonce')}".encode("utf-8", "replace"), attempt.nonce.encode()):
            raise NotSignedInError("the ID token is not one for this try")
        credential = await to_thread(self.tokens.credential, access_token)
        if credential is None or credential.caller.name != f"oidc:{identity['sub']}":
            raise NotSignedInError("the access token would not be accepted as a bearer token")
        return credential

    async def _exchanged(self, client: httpx.AsyncClient, attempt: Attempt, code: str) -> Mapping[str, Any]:
        """What the issuer gives for the code; as it is sent, not compressed: what is packed may be any size when it is opened."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        try:
            async with client.stream(
                "POST", self.token_url, data=form | self._named(), headers=headers, auth=self._proved(), timeout=SECONDS
            ) as answer:
                if answer.status_code != _OK:
                    raise NotSignedInError(f"the issuer answered {answer.status_code}")
                body = bytearray()
                async for chunk in answer.aiter_raw():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise NotSignedInError(f"the issuer answered more than {MOST_BYTES} bytes")
            told = json.loads(body)
        except httpx.HTTPError as error:
            raise IssuerAwayError(f"the issuer could not be reached ({type(error).__name__})") from None
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise NotSignedInError("the issuer did not answer with JSON")
        return told

    def _named(self) -> dict[str, str]:
        """A client without a secret says who it is in the form; one with a secret in the header."""
        return {} if self.client_secret else {"client_id": self.client_id}

    def _proved(self) -> httpx.BasicAuth | None:
        """RFC 6749, 2.3.1: both are form-encoded first."""
        return httpx.BasicAuth(quote_plus(self.client_id), quote_plus(self.client_secret)) if self.client_secret else None


def _unpadded(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
