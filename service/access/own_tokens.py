"""What a browser keeps for us: signed, for one purpose, so that nothing else is taken for it."""

from collections.abc import Mapping
from hashlib import sha256
from hmac import new
from typing import Any

import jwt

MOST_BYTES = 4096  # what a browser keeps in one cookie
_ALGORITHM = "HS256"
_JWT = jwt.PyJWT()


class OwnTokens:
    """Signs claims for one purpose, and reads what it signed. No issuer's token is one of these, and the other way round."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._key, self._audience = derived(secret, purpose), f"prrt-cds:{purpose}"

    def signed(self, claims: Mapping[str, Any], expires_at: int) -> str:
        """A token of these claims. `expires_at` is in seconds since 1970."""
        return _JWT.encode({**claims, "aud": self._audience, "exp": expires_at}, self._key, _ALGORITHM)

    def claims(self, text: str) -> dict[str, Any] | None:
        """What was signed; None, if we did not sign it for this purpose, or it has expired."""
        if len(text) > MOST_BYTES:
            return None
        try:
            return _JWT.decode(text, self._key, [_ALGORITHM], {"require": ["exp", "aud"]}, audience=self._audience)
        except (jwt.PyJWTError, ValueError, RecursionError):
            return None


def derived(secret: bytes, purpose: str) -> bytes:
    """A secret for one purpose: what it signs says nothing about the secret of another."""
    return new(secret, purpose.encode(), sha256).digest()
