"""A signed JSON Web Token in its compact form (RFC 7519), and what it claims once it is proved (RFC 8725)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from service.access.issuer_keys import IssuerKeys
from service.access.jwks import ALGORITHMS

MOST_BYTES = 16_384
LEEWAY_SECONDS = 60
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_JWT = jwt.PyJWT()


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """What a token must be: by one of the issuers, for the audience, with the claims, of a kind, signed by an algorithm.

    A kind is a `typ` in lower case; a token without one is a `jwt`.
    """

    issuers: frozenset[str]
    audience: str
    claims: tuple[str, ...]
    kinds: frozenset[str]
    algorithms: frozenset[str] = ALGORITHMS


@dataclass(frozen=True, slots=True, repr=False)
class SignedToken:
    """A token of which nothing is proved: its header, which says where to look for the key, and the whole text."""

    header: Mapping[str, Any]
    text: str

    @classmethod
    def of(cls, text: str) -> "SignedToken | None":
        """The token that the text spells; None, if it spells none or is too long to be looked at."""
        if len(text) > MOST_BYTES or not _COMPACT.fullmatch(text):
            return None
        try:
            return cls(jwt.get_unverified_header(text), text)
        except (jwt.PyJWTError, RecursionError):
            return None

    def claims(self, keys: IssuerKeys, wanted: Wanted) -> dict[str, Any] | None:
        """The claims, if one of the keys signed them and they are what is wanted, now (give or take a minute); else None.

        Blocks while the keys are asked for. They are only asked for by a header that could be right.
        """
        algorithm, kid, kind = self.header.get("alg"), self.header.get("kid"), self.header.get("typ", "jwt")
        if not isinstance(algorithm, str) or algorithm not in wanted.algorithms or not isinstance(kid, str):
            return None
        if not isinstance(kind, str) or kind.lower() not in wanted.kinds or "crit" in self.header:
            return None
        key = next((key for key in keys.of_kid(kid) if algorithm in key.algorithms), None)
        if key is None:
            return None
        try:
            return _JWT.decode(
                self.text,
                key.public,
                algorithms=sorted(key.algorithms & wanted.algorithms),
                audience=wanted.audience,
                issuer=wanted.issuers,
                leeway=LEEWAY_SECONDS,
                options={"require": list(wanted.claims)},
            )
        except (jwt.PyJWTError, RecursionError):
            return None
