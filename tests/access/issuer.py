"""An issuer of our own: real keys, real tokens, and a real server of its keys on the loopback."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from service.access import Gate

ISSUER, AUDIENCE = "https://login.hospital.example/realms/nuclear", "prrt-cds"
PUBLISHED_AS = {rsa.RSAPrivateKey: "RS256", ec.EllipticCurvePrivateKey: "ES256", ed25519.Ed25519PrivateKey: "EdDSA"}


class Clock:
    """A clock that moves when it is told to. Unit: seconds."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


@cache
def rsa_key(number: int = 1, bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(curve: str = "P-256") -> ec.EllipticCurvePrivateKey:
    curves = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1(), "secp256k1": ec.SECP256K1()}
    return ec.generate_private_key(curves[curve])


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def key_for(algorithm: str) -> Any:
    return {"ES256": ec_key, "ES384": lambda: ec_key("P-384"), "EdDSA": ed_key}.get(algorithm, rsa_key)()


def jwk(key: Any, kid: str | None = "one", **more: Any) -> dict[str, Any]:
    """The public half of a key, as an issuer publishes it."""
    algorithm = next(name for family, name in PUBLISHED_AS.items() if isinstance(key, family))
    told = get_default_algorithms()[algorithm].to_jwk(key.public_key(), as_dict=True)
    told.pop("key_ops", None)
    return {**told, **({} if kid is None else {"kid": kid}), **more}


def key_set(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


def encoded(part: Any) -> str:
    """Bytes, or what JSON makes of anything else, as a part of a token."""
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def claims(**other: Any) -> dict[str, Any]:
    """The claims of a good token, with some of them other or, where None, missing."""
    now = int(time.time())
    told = {"iss": ISSUER, "aud": AUDIENCE, "sub": "f3c1", "iat": now, "exp": now + 300, "scope": "assess read openid"}
    return {name: value for name, value in {**told, **other}.items() if value is not None}


def token(key: Any = None, algorithm: str = "RS256", kid: str | None = "one", header: Any = None, **other: Any) -> str:
    """A signed token."""
    told = {**({} if kid is None else {"kid": kid}), **(header or {})}
    return jwt.encode(claims(**other), rsa_key() if key is None else key, algorithm, headers=told)


def gate(path: Path | None = None, **other: Any) -> Gate:
    """A gate that knows the issuer's keys from a file (or from what `other` says)."""
    told = {
        "api_keys_file": None,
        "oidc_issuer": ISSUER if path else None,
        "oidc_audience": AUDIENCE,
        "oidc_jwks": str(path) if path else None,
        "oidc_allowed_hosts": frozenset(),
        "open_on_loopback": False,
    }
    return Gate.of(**{**told, **other})


class Served:
    """What the server answers, which a test may change, and how often it was asked."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.answer, self.url, self.asked = answer, "", []


def answering(body: bytes, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        told = {"Content_Length": str(len(body)), **headers}
        for name, value in told.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


@contextmanager
def serving_keys(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[Served]:
    """A server on the loopback that answers every GET with what `served.answer` says."""
    served = Served(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            served.asked.append((self.path, dict(self.headers)))
            try:
                served.answer(self)
            except OSError:
                self.close_connection = True  # whoever asked has gone

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}/keys"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
