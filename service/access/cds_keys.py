"""Whose keys CDS clients sign with: those of a file, or of the addresses (`jku`) that a token may name.

Which issuer may sign with which keys is kept apart, so that one hospital cannot speak for another. The file is put there by
hand, serves every issuer and comes first. An address serves the issuers of its host; where there is only one issuer, every
address is its.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.access.configuration import AccessConfigurationError, Address
from service.access.issuer_keys import IssuerKeys, KeysAtAddress, KeysInFile

ISSUERS, JKUS, JWKS_FILE = "PRRT_CDS_ISSUERS", "PRRT_CDS_JKUS", "PRRT_CDS_JWKS_FILE"


@dataclass(frozen=True, slots=True, repr=False)
class KeySource:
    """Keys, and the issuers that may sign with them."""

    keys: IssuerKeys
    issuers: frozenset[str]


@dataclass(frozen=True, slots=True, repr=False)
class CdsKeys:
    """The keys of every CDS client. No address is asked before a token names it or somebody looks for a problem."""

    in_file: KeySource | None
    at_address: Mapping[str, KeySource]

    @classmethod
    def of(cls, issuers: frozenset[str], jkus: frozenset[str], jwks_file: Path | None) -> "CdsKeys":
        """The keys of these settings; the file is read once here. Raises AccessConfigurationError."""
        at_address = {jku: _at_address(jku, issuers) for jku in jkus}
        in_file = None if jwks_file is None else _in_file(jwks_file, issuers)
        have_keys = frozenset[str]().union(*(source.issuers for source in at_address.values()))
        if in_file is None and have_keys != issuers:
            raise AccessConfigurationError(
                f"{ISSUERS}: each issuer needs an address of its own host in {JKUS} while {JWKS_FILE} is not set"
            )
        return cls(in_file, at_address)

    def named_by(self, header: Mapping[str, Any]) -> KeySource | None:
        """The keys that a token must be signed with: those of the file if it has one of that name, else those at its `jku`.

        Where addresses are configured, a token that names another is refused; where none is, no address is looked at.
        """
        if "jku" not in header or not self.at_address:
            return self.in_file
        source = self.at_address.get(header["jku"]) if isinstance(header["jku"], str) else None
        return self.in_file if source and self._is_in_file(header) else source

    def _is_in_file(self, header: Mapping[str, Any]) -> bool:
        named = self.in_file.keys.of_kid(header["kid"]) if self.in_file and isinstance(header.get("kid"), str) else ()
        return any(header.get("alg") in key.algorithms for key in named)

    def problem(self) -> str | None:
        """Why no key can be used at the moment; None while those of one source can. Asks for old keys anew, without waiting."""
        sources = [*([self.in_file] if self.in_file else []), *self.at_address.values()]
        problems = [source.keys.problem() for source in sources]
        return "; ".join(dict.fromkeys(filter(None, problems))) if all(problems) else None


def _at_address(jku: str, issuers: frozenset[str]) -> KeySource:
    address = Address.of(jku)
    if address is None or not address.is_private:
        raise AccessConfigurationError(f"{JKUS}: each must be an https address without a user")
    served = issuers if len(issuers) == 1 else frozenset(issuer for issuer in issuers if _host(issuer) == address.host)
    if not served:
        raise AccessConfigurationError(f"{JKUS}: with several issuers, each address must be of the host of one of them")
    return KeySource(KeysAtAddress(jku, setting=JKUS), served)


def _host(issuer: str) -> str | None:
    address = Address.of(issuer)
    return None if address is None else address.host


def _in_file(path: Path, issuers: frozenset[str]) -> KeySource:
    keys = KeysInFile(path, setting=JWKS_FILE)
    if problem := keys.problem():
        raise AccessConfigurationError(problem)
    return KeySource(keys, issuers)
