"""The public keys of an issuer: a JSON Web Key Set (RFC 7517), reduced to what may sign a token.

Left out without a word: symmetric keys, private keys (whoever publishes one has lost it), keys for encryption, RSA keys
of fewer than 2048 or more than 8192 bits, other curves, keys without a `kid`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from service.access.watched_file import UnusableFileError

MOST_BYTES = 262_144
LEAST_RSA_BITS, MOST_RSA_BITS = 2048, 8192
_ALGORITHMS: dict[tuple[str, str], frozenset[str]] = {
    ("RSA", "None"): frozenset({"RS256", "RS384", "RS512", "PS256"}),
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
}
ALGORITHMS: frozenset[str] = frozenset().union(*_ALGORITHMS.values())

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A public key of the issuer, and the algorithms that a key of its type may be used with."""

    kid: str = field(repr=False)
    algorithms: frozenset[str]
    public: PublicKey = field(repr=False)


def parse_jwks(text: bytes) -> tuple[IssuerKey, ...]:
    """The keys that may sign a token; perhaps none. Raises UnusableFileError if it is no key set."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    listed = told.get("keys") if isinstance(told, dict) else None
    if not isinstance(listed, list):
        raise UnusableFileError("is not a JSON Web Key Set")
    return tuple(key for key in map(_issuer_key, listed) if key)


def parse_jwks_with_a_key(text: bytes) -> tuple[IssuerKey, ...]:
    """The keys that may sign a token. Raises UnusableFileError if there is none."""
    keys = parse_jwks(text)
    if not keys:
        raise UnusableFileError("holds no key that may sign a token")
    return keys


def of_kid(keys: Iterable[IssuerKey], kid: str) -> tuple[IssuerKey, ...]:
    """The keys of this name. An issuer may give one name to keys of different types."""
    return tuple(key for key in keys if key.kid == kid)


def _issuer_key(jwk: Any) -> IssuerKey | None:
    if not isinstance(jwk, dict) or "d" in jwk or not _is_for_signatures(jwk):
        return None
    algorithms = _ALGORITHMS.get((str(jwk.get("kty")), str(jwk.get("crv"))), frozenset())
    if jwk.get("alg") is not None:
        algorithms &= {str(jwk["alg"])}
    kid, public = jwk.get("kid"), _public_key(jwk, algorithms)
    return IssuerKey(kid, algorithms, public) if isinstance(kid, str) and kid and public else None


def _is_for_signatures(jwk: dict[str, Any]) -> bool:
    uses = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and isinstance(uses, list) and "verify" in uses


def _public_key(jwk: dict[str, Any], algorithms: frozenset[str]) -> PublicKey | None:
    try:
        key = jwt.PyJWK(jwk, min(algorithms)).key if algorithms else None
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if isinstance(key, RSAPublicKey) and not LEAST_RSA_BITS <= key.key_size <= MOST_RSA_BITS:
        return None
    return key if isinstance(key, PublicKey) else None
