"""Signing in to the page: its sessions, the issuer's part in them, and the token that every form carries."""

from hashlib import sha256
from hmac import new
from secrets import token_bytes
from time import time

import structlog
from pydantic import SecretStr

from service.access.code_flow import AUTHORIZE, ID, PUBLIC_URL, SCOPES, SECRET, TOKEN, Attempt, CodeFlow
from service.access.gate import Gate
from service.access.own_tokens import OwnTokens, derived
from service.access.sessions import Sessions
from service.settings import LEAST_SECRET_BYTES, Settings

ATTEMPT_SECONDS = 600
NOT_KEPT = (
    "PRRT_SESSION_SECRET is not set: sessions of the page end when this process does, and several replicas cannot share them."
)


class SignIn:
    """What the page knows about signing in."""

    def __init__(self, secret: bytes, code_flow: CodeFlow | None = None) -> None:
        self.sessions, self.code_flow = Sessions(secret), code_flow
        self._attempts, self._form_key = OwnTokens(secret, "attempt"), derived(secret, "form")

    @classmethod
    def closed(cls) -> "SignIn":
        """Before the settings are read: no session and no form is good."""
        return cls(token_bytes(LEAST_SECRET_BYTES))

    @classmethod
    def of(cls, settings: Settings, gate: Gate) -> "SignIn":
        """Signing in as these settings want it. Raises AccessConfigurationError."""
        told = {
            ID: settings.oidc_client_id,
            SECRET: _revealed(settings.oidc_client_secret),
            AUTHORIZE: settings.oidc_authorize_url,
            TOKEN: settings.oidc_token_url,
            PUBLIC_URL: settings.public_url,
            SCOPES: settings.oidc_scopes,
        }
        flow = CodeFlow.of(gate.tokens, told, settings.listed("oidc_allowed_hosts"))
        secret = _revealed(settings.session_secret)
        if secret is None and (gate.api_keys or gate.tokens):
            structlog.get_logger("service.access").warning(NOT_KEPT)
        return cls(secret.encode() if secret else token_bytes(LEAST_SECRET_BYTES), flow)

    def form_token(self, visit_cookie: str, caller_name: str) -> str:
        """What a form must carry that a browser with this cookie was given for this caller."""
        return new(self._form_key, f"{visit_cookie}\0{caller_name}".encode(), sha256).hexdigest()

    def kept(self, attempt: Attempt) -> str:
        """The cookie of a try to sign in at the issuer."""
        return self._attempts.signed(attempt.as_claims(), int(time()) + ATTEMPT_SECONDS)

    def attempt(self, cookie: str, state: str) -> Attempt | None:
        """The try of a cookie; None, if it is not ours, is over, or the issuer answers another one."""
        claims = self._attempts.claims(cookie)
        found = Attempt(*(claims[name] for name in ("state", "nonce", "verifier", "to"))) if claims else None
        return found if found and found.answers(state) else None


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
