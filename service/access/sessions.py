"""Sessions of the page: who signed in, for how long, and nothing that could be used elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_urlsafe
from time import time

from service.access.caller import Caller, Credential, known_scopes
from service.access.own_tokens import OwnTokens

LONGEST_SECONDS = 8 * 3600
_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its cookie says it: whether it goes on is for the gate, and for whoever knows that it was signed out of."""

    id: str = field(repr=False)
    caller: Caller
    mark: str = field(repr=False)
    expires_at: datetime


class Sessions:
    """Begins sessions, and reads them from their cookies."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time) -> None:
        self._tokens, self._clock = OwnTokens(secret, "session"), clock

    def begun(self, credential: Credential) -> str:
        """The cookie of a new session. It ends after 8 hours, or with the credential."""
        claims = {
            "jti": token_urlsafe(_ID_BYTES),
            "sub": credential.caller.name,
            "scopes": sorted(credential.caller.scopes),
            "mark": credential.mark,
        }
        return self._tokens.signed(claims, int(min(self._clock() + LONGEST_SECONDS, credential.expires_at)))

    def session(self, cookie: str) -> Session | None:
        """The session of a cookie; None, if we did not sign it or it is over."""
        claims = self._tokens.claims(cookie)
        if claims is None:
            return None
        caller = Caller(claims["sub"], known_scopes(claims["scopes"]))
        return Session(claims["jti"], caller, claims["mark"], datetime.fromtimestamp(claims["exp"], UTC))
