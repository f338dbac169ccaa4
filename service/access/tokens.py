"""Bearer tokens of the OIDC issuer: signed JSON Web Tokens (RFC 7519, RFC 8725, RFC 9068)."""

import re
from typing import Any

import jwt

from service.access.caller import Caller, Scope, known_scopes
from service.access.issuer_keys import IssuerKeys
from service.access.jwks import IssuerKey

MOST_BYTES = 16_384
LEEWAY_SECONDS = 60
REQUIRED_CLAIMS = ("iss", "aud", "exp", "iat", "sub")
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# Other kinds of token that an issuer signs with the same keys, such as logout tokens, are no pass.
_KINDS = frozenset({"jwt", "at+jwt", "application/at+jwt"})
# A name is written into the record: what OpenID Connect allows, less what is not printed.
_SUBJECT = re.compile(r"[\x20-\x7e]{1,255}")


class Tokens:
    """Turns a token into a caller, or into nobody. The reason is for nobody either."""

    def __init__(self, keys: IssuerKeys, issuer: str, audience: str) -> None:
        self._keys, self._issuer, self._audience = keys, issuer, audience
        self._jwt = jwt.PyJWT()

    def caller(self, token: str) -> Caller | None:
        """Who the issuer says it is, and what for. Blocks while the keys of the issuer are asked for."""
        if len(token) > MOST_BYTES or not _COMPACT.fullmatch(token):
            return None
        try:
            key = self._key(jwt.get_unverified_header(token))
            claims = self._claims(token, key) if key else {}
        except (jwt.PyJWTError, RecursionError):
            return None
        subject = claims.get("sub")
        if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
            return None
        return Caller(f"oidc:{subject}", _scopes(claims))

    def problem(self) -> str | None:
        """Why no token can be checked at the moment; None if they can."""
        return self._keys.problem()

    def _key(self, header: dict[str, Any]) -> IssuerKey | None:
        """The key that the header names, if it may be used with the algorithm that the header names."""
        algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
        if not isinstance(algorithm, str) or not isinstance(kid, str):
            return None
        if not isinstance(kind, str) or kind.lower() not in _KINDS or "crit" in header:
            return None
        return next((key for key in self._keys.of_kid(kid) if algorithm in key.algorithms), None)

    def _claims(self, token: str, key: IssuerKey) -> dict[str, Any]:
        """The claims of a token that is signed, meant for us and in its time. Raises jwt.PyJWTError."""
        return self._jwt.decode(
            token,
            key.public,
            algorithms=sorted(key.algorithms),
            audience=self._audience,
            issuer=self._issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": list(REQUIRED_CLAIMS)},
        )


def _scopes(claims: dict[str, Any]) -> frozenset[Scope]:
    """The scopes in `scope`, a string, or without it in `scp`, a string or a list."""
    told = claims.get("scope", claims.get("scp"))
    if isinstance(told, list) and "scope" not in claims:
        return known_scopes(told)
    return known_scopes(told.split(" ")) if isinstance(told, str) else frozenset()
