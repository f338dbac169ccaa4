"""The gate: which credentials are looked at, and who a request comes from."""

import re
from dataclasses import dataclass
from pathlib import Path

from service.access.api_keys import PREFIX, ApiKeys
from service.access.caller import SCOPES, Caller
from service.access.issuer_keys import IssuerKeys, KeysAtAddress, KeysInFile
from service.access.loopback import is_loopback_name
from service.access.tokens import Tokens

LOOPBACK = Caller("loopback", frozenset(SCOPES))
# RFC 6750: one token of these characters. A second credential, after a comma or a space, does not fit.
_BEARER = re.compile(r"bearer +(?P<credential>[A-Za-z0-9._~+/-]+=*)", re.IGNORECASE | re.ASCII)
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?(/[!-~]*)?", re.IGNORECASE | re.ASCII
)


class AccessConfigurationError(ValueError):
    """Settings that cannot be right. The message names the setting and may be shown."""


@dataclass(frozen=True, slots=True, repr=False)
class Gate:
    """Lets a caller in, or nobody. Safe to ask from many threads."""

    api_keys: ApiKeys | None
    tokens: Tokens | None
    open_on_loopback: bool

    @classmethod
    def of(
        cls,
        *,
        api_keys_file: Path | None,
        oidc_issuer: str | None,
        oidc_audience: str,
        oidc_jwks: str | None,
        oidc_allowed_hosts: frozenset[str],
        open_on_loopback: bool,
    ) -> "Gate":
        """The gate of these settings. Files are read once here, addresses are not. Raises AccessConfigurationError."""
        api_keys = None if api_keys_file is None else _usable(ApiKeys(api_keys_file))
        tokens = None
        if oidc_issuer is not None and oidc_jwks is not None:
            _refuse_empty(PRRT_OIDC_ISSUER=oidc_issuer, PRRT_OIDC_AUDIENCE=oidc_audience, PRRT_OIDC_JWKS=oidc_jwks)
            tokens = Tokens(_issuer_keys(oidc_jwks, oidc_allowed_hosts), oidc_issuer, oidc_audience)
        elif oidc_issuer is not None:
            raise AccessConfigurationError("PRRT_OIDC_ISSUER: set PRRT_OIDC_JWKS too, where the keys of the issuer are")
        elif oidc_jwks is not None:
            raise AccessConfigurationError("PRRT_OIDC_JWKS: set PRRT_OIDC_ISSUER too, whose keys they are")
        return cls(api_keys, tokens, open_on_loopback)

    @property
    def is_configured(self) -> bool:
        """Whether there is anything to check a credential against."""
        return self.api_keys is not None or self.tokens is not None

    @property
    def is_open(self) -> bool:
        """Whether everybody is let in. The HTTP layer then answers loopback names only."""
        return self.open_on_loopback and not self.is_configured

    def caller(self, authorization: str | None) -> Caller | None:
        """Who the request comes from; None is a 401. May block on the issuer: call it in a thread.

        A request with two `Authorization` headers must come here as one value, joined by a comma, or not at all.
        """
        if self.is_open:
            return LOOPBACK
        bearer = _BEARER.fullmatch(authorization or "")
        if bearer is None:
            return None
        credential = bearer["credential"]
        source: ApiKeys | Tokens | None = self.api_keys if credential.startswith(PREFIX) else self.tokens
        return None if source is None else source.caller(credential)

    def problem(self) -> str | None:
        """Why nobody can be let in at the moment; None while one configured source of callers can be used. Does not block.

        An issuer that is away does not shut out who calls with a key.
        """
        problems = [source.problem() for source in (self.api_keys, self.tokens) if source is not None]
        return "; ".join(filter(None, problems)) if all(problems) and problems else None


def _refuse_empty(**settings: str) -> None:
    for name, value in settings.items():
        if not value.strip():
            raise AccessConfigurationError(f"{name}: is set, but empty")


def _usable(api_keys: ApiKeys) -> ApiKeys:
    if problem := api_keys.problem():
        raise AccessConfigurationError(problem)
    return api_keys


def _issuer_keys(jwks: str, allowed_hosts: frozenset[str]) -> IssuerKeys:
    if "://" in jwks:
        _refuse_address(jwks, allowed_hosts)
        return KeysAtAddress(jwks)
    keys = KeysInFile(Path(jwks))
    if problem := keys.problem():
        raise AccessConfigurationError(problem)
    return keys


def _refuse_address(url: str, allowed_hosts: frozenset[str]) -> None:
    address = _ADDRESS.fullmatch(url)
    if address is None:
        raise AccessConfigurationError("PRRT_OIDC_JWKS: is neither a file nor an https address without a user")
    host = address["host"].lower()
    if host.strip("[]") not in {name.strip("[]").lower() for name in allowed_hosts}:
        raise AccessConfigurationError("PRRT_OIDC_JWKS: its host is not among PRRT_OIDC_ALLOWED_HOSTS")
    if address["scheme"].lower() != "https" and not is_loopback_name(host):
        raise AccessConfigurationError("PRRT_OIDC_JWKS: must be an https address")
