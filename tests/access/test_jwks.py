"""Which keys of a key set may sign a token, and with what."""

import json
from base64 import urlsafe_b64encode
from contextlib import suppress

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.jwks import parse_jwks, parse_jwks_with_a_key
from service.access.watched_file import UnusableFileError
from tests.access.issuer import ec_key, ed_key, gate, jwk, key_set, rsa_key, token

RSA_ALGORITHMS = {"RS256", "RS384", "RS512", "PS256"}


def without(told, *names):
    return {name: value for name, value in told.items() if name not in names}


@pytest.mark.parametrize(
    ("told", "algorithms"),
    [
        (jwk(rsa_key()), RSA_ALGORITHMS),
        (jwk(rsa_key(), alg="PS256"), {"PS256"}),
        (jwk(rsa_key(), alg=None), RSA_ALGORITHMS),
        (jwk(rsa_key(), use="sig"), RSA_ALGORITHMS),
        (jwk(rsa_key(), key_ops=["verify"]), RSA_ALGORITHMS),
        (jwk(rsa_key(), x5c=["..."], x5t="..."), RSA_ALGORITHMS),
        (jwk(ec_key()), {"ES256"}),
        (jwk(ec_key("P-384")), {"ES384"}),
        (jwk(ed_key()), {"EdDSA"}),
    ],
)
def test_a_key_may_be_used_with_the_algorithms_of_its_type(told, algorithms):
    (key,) = parse_jwks(key_set(told))
    assert (key.kid, key.algorithms) == ("one", algorithms)


@pytest.mark.parametrize(
    "told",
    [
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "one", "alg": "HS256"},
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "one", "alg": "RS256"},
        jwk(rsa_key(), alg="HS256"),
        jwk(rsa_key(), alg="none"),
        jwk(rsa_key(), alg="PS512"),
        jwk(rsa_key(), alg="ES256"),
        jwk(rsa_key(), alg=["RS256"]),
        jwk(rsa_key(), use="enc"),
        jwk(rsa_key(), use=None),
        jwk(rsa_key(), key_ops=["encrypt"]),
        jwk(rsa_key(), key_ops="verify"),
        jwk(rsa_key(), kid=None),
        jwk(rsa_key(), kid=""),
        jwk(rsa_key(), kid=5),
        jwk(rsa_key(), crv="P-256"),
        jwk(rsa_key(), d="AQAB"),
        jwk(rsa_key(), kty="EC"),
        jwk(rsa_key(), kty=["RSA"]),
        jwk(rsa_key(), n=5),
        jwk(rsa_key(), n="A"),
        jwk(rsa_key(), e="AA"),
        without(jwk(rsa_key()), "n"),
        without(jwk(rsa_key()), "kty"),
        jwk(rsa_key(1, 1024)),
        jwk(ec_key("P-521")),
        jwk(ec_key("secp256k1")),
        jwk(ec_key(), crv="P-384"),
        jwk(ec_key(), x="AAAA"),
        jwk(ec_key(), x="A" * 43),
        jwk(ec_key(), alg="ES384"),
        jwk(ed_key(), crv="Ed448"),
        jwk(ed_key(), crv="X25519"),
        jwk(ed_key(), x="AAAA"),
        5,
        None,
        [],
        {},
    ],
)
def test_any_other_key_is_left_out_and_its_neighbours_are_not(told):
    assert parse_jwks(key_set(told)) == ()
    assert len(parse_jwks(key_set(told, jwk(rsa_key())))) == 1


@pytest.mark.parametrize(("bits", "keys"), [(2047, 0), (2048, 1), (8192, 1), (8193, 0)])
def test_an_rsa_key_has_2048_to_8192_bits(bits, keys):
    """A number of so many bits is as good as a modulus for this: nobody signs with it."""
    number = (1 << (bits - 1)) + 1
    octets = number.to_bytes((bits + 7) // 8, "big")
    assert len(parse_jwks(key_set(jwk(rsa_key(), n=_url_safe(octets))))) == keys


def test_a_private_key_that_is_published_is_not_even_loaded(monkeypatch):
    monkeypatch.setattr(jwt, "PyJWK", lambda *_: pytest.fail("was loaded"))
    assert parse_jwks(key_set(jwk(rsa_key(), d="AQAB"))) == ()


def _url_safe(octets):
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "text", [b"", b"5", b"[]", b"{}", b'{"keys": {}}', b'{"keys": null}', b"{", b"\xff", b"[" * 200_000, b"9" * 5000]
)
def test_what_is_no_key_set_is_refused(text):
    with pytest.raises(UnusableFileError, match=r"^is not a JSON Web Key Set$") as refused:
        parse_jwks(text)
    assert refused.value.__context__ is None


def test_a_set_without_a_key_that_may_sign_is_empty_or_refused_as_it_is_asked():
    assert parse_jwks(key_set()) == ()
    with pytest.raises(UnusableFileError, match=r"^holds no key that may sign a token$"):
        parse_jwks_with_a_key(key_set(jwk(rsa_key(), use="enc")))


def test_a_symmetric_key_of_the_issuer_signs_nothing(tmp_path):
    path, secret = tmp_path / "jwks.json", "secret-secret-secret-secret-secret"
    symmetric = {"kty": "oct", "k": _url_safe(secret.encode()), "kid": "two"}
    path.write_bytes(key_set(symmetric, jwk(rsa_key())))
    assert gate(path).caller(f"Bearer {token(secret, 'HS256', 'two')}") is None
    assert gate(path).caller(f"Bearer {token()}") is not None


def test_a_key_that_names_its_algorithm_is_used_with_no_other(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_bytes(key_set(jwk(rsa_key(), alg="PS256")))
    assert gate(path).caller(f"Bearer {token(rsa_key(), 'PS256')}") is not None
    assert gate(path).caller(f"Bearer {token(rsa_key(), 'RS256')}") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
MEMBERS = ["kty", "kid", "crv", "alg", "use", "key_ops", "n", "e", "x", "y", "d", "k", "keys"]


@given(
    st.sampled_from([rsa_key(), ec_key(), ed_key()]), st.dictionaries(st.sampled_from(MEMBERS), JSON | st.sampled_from(MEMBERS))
)
def test_any_key_is_used_or_left_out(key, other):
    assert len(parse_jwks(json.dumps({"keys": [{**jwk(key), **other}]}).encode())) in (0, 1)


@given(
    st.binary() | JSON.map(lambda told: json.dumps(told).encode()) | JSON.map(lambda told: json.dumps({"keys": told}).encode())
)
def test_any_bytes_are_a_key_set_or_refused(text):
    with suppress(UnusableFileError):
        parse_jwks(text)
