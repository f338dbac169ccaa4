"""A CDS client is who it says if it signed a token of an hour or less for exactly this endpoint; and in no other case."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from service.access import Caller, CdsClients
from service.access.cds_keys import CdsKeys, KeySource
from tests.access.cds_client import CLIENT, ENDPOINT, HEADER, PUBLIC_URL, caller, cds_token, clients, forged, is_let_in
from tests.access.issuer import decoded, ec_key, encoded, jwk, key_for, key_set, rsa_key

NOW = 2_000_000_000
BOTH = pytest.mark.parametrize("algorithm", ["ES384", "RS384"])


@BOTH
def test_a_signed_token_says_who_calls_which_one_it_is_and_until_when(known, algorithm, at):
    at(NOW)
    found = caller(known, cds_token(algorithm, iat=NOW, exp=NOW + 300, jti="b3f0"))
    assert found.caller == Caller(f"cds:{CLIENT}", frozenset())
    assert (found.jti, found.expires_at) == ("b3f0", datetime.fromtimestamp(NOW + 300, UTC))


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256", "PS384", "ES256", "EdDSA"])
def test_a_signature_of_another_algorithm_is_nobodys(known, algorithm):
    assert not is_let_in(known, cds_token(algorithm))


@pytest.mark.parametrize("name", ["none", "None", "NONE", ""])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_a_token_without_a_signature_is_nobodys(known, name, signature):
    _, payload, _ = cds_token().split(".")
    assert not is_let_in(known, f"{encoded({**HEADER, 'alg': name})}.{payload}.{signature}")


@pytest.mark.parametrize("name", ["HS256", "HS384", "HS512"])
@BOTH
def test_a_token_that_is_signed_with_the_public_key_as_secret_is_nobodys(known, algorithm, name):
    public, payload = key_for(algorithm).public_key(), cds_token().split(".")[1]
    for form in [(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)]:
        signed = f"{encoded({**HEADER, 'alg': name})}.{payload}"
        signature = hmac.new(public.public_bytes(*form), signed.encode(), getattr(hashlib, "sha" + name[2:])).digest()
        assert not is_let_in(known, f"{signed}.{encoded(signature)}")


@pytest.mark.parametrize(("signed", "says"), [("ES384", "RS384"), ("RS384", "ES384"), ("RS384", "PS384"), ("ES384", "es384")])
def test_a_key_is_not_used_with_an_algorithm_of_another_type(known, signed, says):
    assert is_let_in(known, forged({**HEADER, "alg": signed}, signed))
    assert not is_let_in(known, forged({**HEADER, "alg": says}, signed))


@BOTH
def test_a_key_of_only_another_type_is_not_used(tmp_path, algorithm):
    path = tmp_path / "jwks.json"
    path.write_bytes(key_set(jwk(rsa_key() if algorithm == "ES384" else ec_key("P-384"))))
    assert not is_let_in(clients(path), cds_token(algorithm))


def test_a_key_that_is_published_for_one_algorithm_is_used_with_no_other(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_bytes(key_set(jwk(rsa_key(), alg="RS256")))
    assert not is_let_in(clients(path), cds_token("RS384"))


@pytest.mark.parametrize("kid", ["two", "three", "", "One", None])
def test_a_token_of_an_unknown_or_swapped_or_missing_kid_is_nobodys(known, kid):
    assert not is_let_in(known, cds_token("RS384", kid=kid))


def test_a_key_of_another_with_the_same_kid_is_nobodys(known):
    assert not is_let_in(known, cds_token("RS384", key=rsa_key(3)))


@pytest.mark.parametrize("header", [{"typ": "at+jwt"}, {"typ": "logout+jwt"}, {"typ": None}, {"crit": ["exp"]}, {"crit": []}])
def test_a_header_of_another_kind_or_that_asks_for_more_is_nobodys(known, header):
    assert is_let_in(known, forged(HEADER))
    assert not is_let_in(known, forged({**HEADER, **header}))


@pytest.mark.parametrize(
    "header", [{"alg": "RS256"}, {"alg": "none"}, {"alg": ["ES384"]}, {"typ": "at+jwt"}, {"crit": []}, {"kid": 5}]
)
def test_a_header_that_cannot_be_right_is_not_worth_asking_for_keys(header):
    asked = []
    keys = SimpleNamespace(of_kid=lambda kid: asked.append(kid) or ())
    strangers = CdsClients(CdsKeys(KeySource(keys, frozenset({CLIENT})), {}))
    assert caller(strangers, forged({**HEADER, **header})) is None
    assert asked == []
    assert caller(strangers, forged(HEADER)) is None
    assert asked == ["one"]


def test_a_token_as_epic_and_as_the_sandbox_make_it_is_let_in(known, at):
    at(NOW + 0.4)
    assert is_let_in(known, cds_token("RS384", iat=NOW, nbf=NOW - 300, exp=NOW + 300, sub="b9a0c1"))
    assert is_let_in(known, cds_token(iat=NOW + 1, exp=NOW + 301, tenant="ward 7"))


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "iat", "jti"])
def test_a_token_without_a_claim_that_is_needed_is_nobodys(known, claim):
    assert not is_let_in(known, cds_token(**{claim: None}))
    assert not is_let_in(known, forged(HEADER, **{claim: None}))


@pytest.mark.parametrize(
    "audience",
    [
        f"{ENDPOINT}/",
        f"{ENDPOINT}?a=b",
        ENDPOINT[:-1],
        ENDPOINT.upper(),
        ENDPOINT.replace("https", "http"),
        f"{PUBLIC_URL}/cds-services",
        f"{PUBLIC_URL}/cds-services/another",
        PUBLIC_URL,
        [],
        [f"{ENDPOINT}/"],
        [ENDPOINT, 5],
        [[ENDPOINT]],
        {ENDPOINT: 1},
        "",
        5,
    ],
    ids=range(15),
)
def test_a_token_for_another_endpoint_is_nobodys(known, audience):
    assert not is_let_in(known, forged(HEADER, aud=audience))


def test_a_token_for_several_endpoints_is_let_in_where_this_one_is_among_them(known):
    assert is_let_in(known, cds_token(aud=["https://other.example", ENDPOINT]))
    assert is_let_in(known, cds_token(aud=[ENDPOINT]))
    assert not is_let_in(known, cds_token(), f"{ENDPOINT}/")
    assert is_let_in(known, cds_token(aud=f"{ENDPOINT}/"), f"{ENDPOINT}/")


@pytest.mark.parametrize("issuer", [f"{CLIENT}/", CLIENT.upper(), CLIENT[:-1], "", "https://evil.example", [CLIENT], 5])
def test_a_token_of_an_issuer_that_is_not_listed_is_nobodys(known, issuer):
    assert not is_let_in(known, forged(HEADER, iss=issuer))


@pytest.mark.parametrize("jti", ["", "a" * 256, 5, ["a"], {"a": 1}, False])
def test_a_jti_that_is_no_text_or_too_long_is_nobodys(known, jti):
    assert not is_let_in(known, forged(HEADER, jti=jti))


@pytest.mark.parametrize("jti", ["a", "a" * 255, "two\nlines", "é\U0001f993", "\x00", "\ud800"], ids=range(6))
def test_a_jti_is_any_text_of_255_characters_at_most(known, jti):
    assert caller(known, forged(HEADER, jti=jti)).jti == jti


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Basic {}", "Bearer {0}, Bearer {0}", "{}", "Bearer {}\n", "Bearer a.b"]
)
def test_a_token_that_is_not_told_as_one_is_nobodys(known, authorization):
    text = None if authorization is None else authorization.format(cds_token())
    assert known.caller(text, ENDPOINT) is None


def test_a_token_that_is_too_long_is_nobodys(known):
    assert is_let_in(known, cds_token(more="x" * 11_000))
    assert not is_let_in(known, cds_token(more="x" * 13_000))


@settings(deadline=None)
@given(st.integers(0, 2), st.integers(0, 10_000), st.integers(1, 255))
def test_no_change_of_a_byte_behind_the_base64_is_accepted(known, part, where, change):
    parts = cds_token().split(".")
    changed = bytearray(decoded(parts[part]))
    changed[where % len(changed)] ^= change
    parts[part] = encoded(bytes(changed))
    assert not is_let_in(known, ".".join(parts))


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "jti", "sub"]),
        st.from_type(type(None)) | st.booleans() | st.integers() | st.floats() | st.text(),
    )
)
def test_any_claims_are_somebodys_or_nobodys(known, other):
    text = forged(HEADER, **json.loads(json.dumps(other)))
    assert is_let_in(known, text) in (True, False)
