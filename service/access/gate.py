"""The gate: which credentials are looked at, and who a request comes from."""

from dataclasses import dataclass
from pathlib import Path

from service.access.api_keys import PREFIX, ApiKeys
from service.access.bearer import bearer_credential
from service.access.caller import SCOPES, Caller
from service.access.cds_clients import NEVER, CdsClients, CdsToken
from service.access.configuration import AccessConfigurationError, Address, refuse_address
from service.access.issuer_keys import IssuerKeys, KeysAtAddress, KeysInFile
from service.access.tokens import Tokens

__all__ = ["LOOPBACK", "AccessConfigurationError", "Gate"]

LOOPBACK = Caller("loopback", frozenset(SCOPES))


@dataclass(frozen=True, slots=True, repr=False)
class Gate:
    """Lets a caller in, or nobody. Safe to ask from many threads."""

    api_keys: ApiKeys | None
    tokens: Tokens | None
    open_on_loopback: bool
    cds_clients: CdsClients | None = None

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
        cds_clients: CdsClients | None = None,
    ) -> "Gate":
        """The gate of these settings. Files are read once here, addresses are not. Raises AccessConfigurationError.

        `cds_clients` is what `CdsClients.of` made of the settings of CDS Hooks.
        """
        api_keys = None if api_keys_file is None else _usable(ApiKeys(api_keys_file))
        tokens = None
        if oidc_issuer is not None and oidc_jwks is not None:
            _refuse_empty(PRRT_OIDC_ISSUER=oidc_issuer, PRRT_OIDC_AUDIENCE=oidc_audience, PRRT_OIDC_JWKS=oidc_jwks)
            tokens = Tokens(_issuer_keys(oidc_jwks, oidc_allowed_hosts), oidc_issuer, oidc_audience)
        elif oidc_issuer is not None:
            raise AccessConfigurationError("PRRT_OIDC_ISSUER: set PRRT_OIDC_JWKS too, where the keys of the issuer are")
        elif oidc_jwks is not None:
            raise AccessConfigurationError("PRRT_OIDC_JWKS: set PRRT_OIDC_ISSUER too, whose keys they are")
        return cls(api_keys, tokens, open_on_loopback, cds_clients)

    @property
    def is_configured(self) -> bool:
        """Whether there is anything to check a credential against."""
        return bool(self._sources)

    @property
    def _sources(self) -> list[ApiKeys | Tokens | CdsClients]:
        return [source for source in (self.api_keys, self.tokens, self.cds_clients) if source is not None]

    @property
    def is_open(self) -> bool:
        """Whether everybody is let in. The HTTP layer then answers loopback names only."""
        return self.open_on_loopback and not self.is_configured

    def caller(self, authorization: str | None) -> Caller | None:
        """Who the request comes from; None is a 401. May block on the issuer: call it in a thread if `may_take_long`.

        A request with two `Authorization` headers must come here as one value, joined by a comma, or not at all.
        """
        if self.is_open:
            return LOOPBACK
        credential = bearer_credential(authorization)
        if credential is None:
            return None
        source: ApiKeys | Tokens | None = self.api_keys if credential.startswith(PREFIX) else self.tokens
        return None if source is None else source.caller(credential)

    def resumed(self, caller: Caller, mark: str) -> Caller | None:
        """Who a session speaks for now that began with a credential of that caller and mark; None ends the session.

        A key must still be in its file, and has the scopes that stand there. A token cannot be asked about: its scopes stay.
        """
        if not mark:
            return caller if self.tokens else None
        credential = self.api_keys.marked(caller.name, mark) if self.api_keys else None
        return credential.caller if credential else None

    def may_take_long(self, authorization: str | None) -> bool:
        """Whether `caller` may have to wait: for the keys of a token's issuer."""
        credential = bearer_credential(authorization)
        return not (self.is_open or credential is None or credential.startswith(PREFIX))

    def cds_caller(self, authorization: str | None, audience: str) -> CdsToken | None:
        """Which CDS client calls the endpoint with the address `audience`; None is a 401. May block, as `caller` does.

        No other credential than a token of a CDS client is looked at, and `caller` looks at none of those. A token with a
        `jti` must not have been used before, which the gate does not know.
        """
        if self.is_open:
            return CdsToken(LOOPBACK, None, NEVER)
        return None if self.cds_clients is None else self.cds_clients.caller(authorization, audience)

    def problem(self) -> str | None:
        """Why nobody can be let in at the moment; None while one configured source of callers can be used. Does not block.

        An issuer that is away does not shut out who calls with a key.
        """
        problems = [source.problem() for source in self._sources]
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
        if Address.of(jwks) is None:
            raise AccessConfigurationError("PRRT_OIDC_JWKS: is neither a file nor an https address without a user")
        refuse_address("PRRT_OIDC_JWKS", jwks, allowed_hosts)
        return KeysAtAddress(jwks)
    keys = KeysInFile(Path(jwks))
    if problem := keys.problem():
        raise AccessConfigurationError(problem)
    return keys
