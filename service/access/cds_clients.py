"""CDS clients: EHRs that call a CDS service with a JSON Web Token of their own (CDS Hooks 2.0.1, "Trusting CDS Clients")."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.access.bearer import bearer_credential
from service.access.caller import Caller
from service.access.cds_keys import ISSUERS, JKUS, JWKS_FILE, CdsKeys
from service.access.configuration import AccessConfigurationError, Address
from service.access.signed_token import SignedToken, Wanted

PUBLIC_URL = "PRRT_PUBLIC_URL"
ALGORITHMS = frozenset({"ES384", "RS384"})
REQUIRED_CLAIMS = ("iss", "aud", "exp", "iat", "jti")
LONGEST_LIFE_SECONDS = 3600
LONGEST_JTI = 255
NEVER = datetime.max.replace(tzinfo=UTC)
# "Fixed value: JWT". Access tokens (at+jwt) of the same issuer are for somebody else.
_KINDS = frozenset({"jwt"})
# An issuer is the name of a caller, which is written into the record.
_ISSUER = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class CdsToken:
    """A token that is good, unless it was used before: who calls, its `jti` and when it expires.

    The caller is `cds:<iss>`, without scopes. `jti` is None for a caller of the loopback, who needs no token.
    `expires_at` is in UTC; the token is let in for a minute longer.
    """

    caller: Caller
    jti: str | None = field(repr=False)
    expires_at: datetime


class CdsClients:
    """Turns the token of a CDS client into who calls, or into nobody. Safe to ask from many threads.

    An issuer signs only with the keys of the file, which is put there by hand, or of an address (`jku`) that is its own:
    of its host, or whatever address is configured if there is only one issuer.
    """

    def __init__(self, keys: CdsKeys) -> None:
        self._keys = keys

    @classmethod
    def of(
        cls, issuers: frozenset[str], jkus: frozenset[str], jwks_file: Path | None, audience_base: str | None
    ) -> "CdsClients | None":
        """The CDS clients of these settings; None if there are none. Raises AccessConfigurationError.

        `audience_base` is the public address of this service, without which no token can be meant for it.
        """
        if not issuers and jkus:
            raise AccessConfigurationError(f"{JKUS}: set {ISSUERS} too, whose keys they are")
        if not issuers and jwks_file is not None:
            raise AccessConfigurationError(f"{JWKS_FILE}: set {ISSUERS} too, whose keys they are")
        if not issuers:
            return None
        if not all(_ISSUER.fullmatch(issuer) for issuer in issuers):
            raise AccessConfigurationError(f"{ISSUERS}: each must be 1 to 255 printed ASCII characters without a space")
        if not jkus and jwks_file is None:
            raise AccessConfigurationError(f"{ISSUERS}: set {JKUS} or {JWKS_FILE} too, where the keys of the issuers are")
        if audience_base is None or Address.of(audience_base) is None:
            raise AccessConfigurationError(f"{PUBLIC_URL}: must be an http address, which tokens of CDS clients are meant for")
        return cls(CdsKeys.of(issuers, jkus, jwks_file))

    def caller(self, authorization: str | None, audience: str) -> CdsToken | None:
        """Whose token it is; None if anything is wrong with it. Blocks while the keys at an address are asked for.

        `audience` is the address of the endpoint that is called, as clients spell it: compared letter by letter.
        A `nbf` is honoured, a `sub` and whatever else stands in the token says nothing here.
        """
        credential = bearer_credential(authorization)
        token = SignedToken.of(credential) if credential else None
        source = self._keys.named_by(token.header) if token else None
        if token is None or source is None:
            return None
        claims = token.claims(source.keys, Wanted(source.issuers, audience, REQUIRED_CLAIMS, _KINDS, ALGORITHMS))
        if claims is None or not 1 <= len(claims["jti"]) <= LONGEST_JTI or not _is_short_lived(claims):
            return None
        return CdsToken(Caller(f"cds:{claims['iss']}", frozenset()), claims["jti"], datetime.fromtimestamp(claims["exp"], UTC))

    def problem(self) -> str | None:
        """Why no token can be checked at the moment; None while those of one source of keys can."""
        return self._keys.problem()


def _is_short_lived(claims: dict[str, Any]) -> bool:
    """Whether it was issued before it expires, by an hour at most. Compared, not subtracted: what is told may be huge."""
    issued, expires = claims["iat"], claims["exp"]
    # Numbers, as RFC 7519 wants: the library would read a text too.
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        return False
    return issued < expires <= issued + LONGEST_LIFE_SECONDS
