"""Bearer tokens of the OIDC issuer: signed JSON Web Tokens (RFC 9068)."""

import re
from typing import Any

from service.access.caller import Caller, Credential, Scope, known_scopes
from service.access.issuer_keys import IssuerKeys
from service.access.signed_token import SignedToken, Wanted

REQUIRED_CLAIMS = ("iss", "aud", "exp", "iat", "sub")
# Other kinds of token that an issuer signs with the same keys, such as logout tokens, are no pass.
_KINDS = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_ID_TOKEN_KINDS = frozenset({"jwt"})
# A name is written into the record: what OpenID Connect allows, less what is not printed.
_SUBJECT = re.compile(r"[\x20-\x7e]{1,255}")


class Tokens:
    """Turns a token into a caller, or into nobody. The reason is for nobody either."""

    def __init__(self, keys: IssuerKeys, issuer: str, audience: str) -> None:
        self._keys, self.issuer = keys, issuer
        self._wanted = Wanted(frozenset({issuer}), audience, REQUIRED_CLAIMS, _KINDS)

    def caller(self, token: str) -> Caller | None:
        """Who the issuer says it is, and what for. Blocks while the keys of the issuer are asked for."""
        credential = self.credential(token)
        return credential.caller if credential else None

    def credential(self, token: str) -> Credential | None:
        """The caller of a token, and until when it is good; None if anything is wrong with it. Blocks as `caller` does."""
        signed = SignedToken.of(token)
        claims = signed.claims(self._keys, self._wanted) if signed else None
        subject = claims.get("sub") if claims else None
        if claims is None or not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
            return None
        return Credential(Caller(f"oidc:{subject}", _scopes(claims)), int(claims["exp"]))

    def identity(self, id_token: str, client_id: str) -> dict[str, Any] | None:
        """The claims of an ID token that this issuer made for a client; None if it made no such. Blocks as `caller` does."""
        signed = SignedToken.of(id_token)
        wanted = Wanted(frozenset({self.issuer}), client_id, REQUIRED_CLAIMS, _ID_TOKEN_KINDS)
        claims = signed.claims(self._keys, wanted) if signed else None
        return claims if claims and claims.get("azp", client_id) == client_id else None

    def problem(self) -> str | None:
        """Why no token can be checked at the moment; None if they can."""
        return self._keys.problem()


def _scopes(claims: dict[str, Any]) -> frozenset[Scope]:
    """The scopes in `scope`, a string, or without it in `scp`, a string or a list."""
    told = claims.get("scope", claims.get("scp"))
    if isinstance(told, list) and "scope" not in claims:
        return known_scopes(told)
    return known_scopes(told.split(" ")) if isinstance(told, str) else frozenset()
