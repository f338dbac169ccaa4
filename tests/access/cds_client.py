"""A CDS client of our own: what it signs, and a service that knows it."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt

from service.access import Caller, CdsClients, CdsToken
from tests.access.issuer import claims, encoded, key_for, token

CLIENT, OTHER = "https://ehr.hospital.example/fhir", "https://ehr.clinic.example"
PUBLIC_URL = "https://prrt.hospital.example/cds"
ENDPOINT = f"{PUBLIC_URL}/cds-services/prrt-patient-view"
HEADER = {"alg": "ES384", "kid": "one", "typ": "JWT"}


def told(**other: Any) -> dict[str, Any]:
    """The claims of a good token, with some of them other or, where None, missing."""
    return {"iss": CLIENT, "aud": ENDPOINT, "jti": str(uuid4()), "sub": None, "scope": None, **other}


def cds_token(algorithm: str = "ES384", key: Any = None, kid: str | None = "one", header: Any = None, **other: Any) -> str:
    """A token that the client signed."""
    return token(key_for(algorithm) if key is None else key, algorithm, kid, header, **told(**other))


def forged(header: Any, algorithm: str = "ES384", **other: Any) -> str:
    """A signed token whose header, and claims that are None or strange, no library looked at."""
    signed = f"{encoded(header)}.{encoded({**claims(**told()), **other})}"
    return f"{signed}.{encoded(jwt.get_algorithm_by_name(algorithm).sign(signed.encode(), key_for(algorithm)))}"


def clients(path: Path | None = None, *jkus: str, issuers: Any = (CLIENT,)) -> CdsClients:
    """A service that knows the keys of its clients from a file or from addresses."""
    found = CdsClients.of(frozenset(issuers), frozenset(jkus), path, PUBLIC_URL)
    assert found is not None
    return found


def caller(known: CdsClients, text: str, endpoint: str = ENDPOINT) -> CdsToken | None:
    """Whose token it is."""
    return known.caller(f"Bearer {text}", endpoint)


def is_let_in(known: CdsClients, text: str, endpoint: str = ENDPOINT) -> bool:
    """Whether it is the token of the client."""
    found = caller(known, text, endpoint)
    assert found is None or found.caller == Caller(f"cds:{CLIENT}", frozenset())
    return found is not None
