"""A token opens if the issuer signed it, for this service, for now; and in no other case."""

import hashlib
import hmac
import json
from types import SimpleNamespace

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from service.access import Caller, signed_token
from service.access.tokens import Tokens
from tests.access.issuer import ISSUER, decoded, ec_key, ed_key, encoded, gate, jwk, key_for, key_set, rsa_key, token

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
SOMEBODY = Caller("oidc:f3c1", frozenset({"assess", "read"}))
NOW = 2_000_000_000


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    """Asks a gate that knows a key `one` of each type, and of RSA a key `two`."""
    path = tmp_path_factory.mktemp("issuer") / "jwks.json"
    keys = [jwk(rsa_key()), jwk(ec_key()), jwk(ec_key("P-384")), jwk(ed_key()), jwk(rsa_key(2), "two")]
    path.write_bytes(key_set(*keys))
    door = gate(path)
    return lambda told: door.caller(f"Bearer {told}")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signed_token_opens_with_the_scopes_that_are_known_here(doors, algorithm):
    assert doors(token(key_for(algorithm), algorithm)) == SOMEBODY


@pytest.mark.parametrize("algorithm", ["PS384", "PS512", "ES512", "ES256K"])
def test_a_signature_of_an_algorithm_that_is_not_listed_is_nobodys(doors, algorithm):
    curve = {"ES512": "P-521", "ES256K": "secp256k1"}.get(algorithm)
    assert doors(token(ec_key(curve) if curve else rsa_key(), algorithm)) is None


@pytest.mark.parametrize("name", ["none", "None", "NONE", ""])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_a_token_without_a_signature_is_nobodys(doors, name, signature):
    _, payload, _ = token().split(".")
    assert doors(f"{encoded({'alg': name, 'kid': 'one', 'typ': 'JWT'})}.{payload}.{signature}") is None


@pytest.mark.parametrize("name", ["HS256", "HS384", "HS512"])
def test_a_token_that_is_signed_with_the_public_key_as_secret_is_nobodys(doors, name):
    _, payload, _ = token().split(".")
    public = rsa_key().public_key()
    forms = [(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), (Encoding.PEM, PublicFormat.PKCS1)]
    forms.append((Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    for secret in (public.public_bytes(*form) for form in forms):
        signed = f"{encoded({'alg': name, 'kid': 'one', 'typ': 'JWT'})}.{payload}"
        signature = hmac.new(secret, signed.encode(), getattr(hashlib, "sha" + name[2:])).digest()
        assert doors(f"{signed}.{encoded(signature)}") is None


@pytest.mark.parametrize("header", [{"alg": "RS384"}, {"alg": "ES256"}, {"alg": ["RS256"]}, {"alg": {}}, {"alg": None}, {}])
def test_a_token_that_tells_another_algorithm_than_it_was_signed_with_is_nobodys(doors, header):
    _, payload, signature = token().split(".")
    assert doors(f"{encoded({'kid': 'one', **header})}.{payload}.{signature}") is None


@pytest.mark.parametrize("kid", ["three", "two", "", "One", "one ", None])
def test_a_token_of_an_unknown_or_swapped_or_missing_kid_is_nobodys(doors, kid):
    assert doors(token(kid=kid)) is None


@pytest.mark.parametrize("kid", [5, ["one"], {"one": 1}, True])
def test_a_kid_that_is_no_text_is_nobodys(doors, kid):
    _, payload, signature = token().split(".")
    assert doors(f"{encoded({'alg': 'RS256', 'kid': kid})}.{payload}.{signature}") is None


def test_a_token_without_a_kid_is_not_worth_asking_the_issuer():
    asked = []
    told = Tokens(SimpleNamespace(of_kid=lambda kid: asked.append(kid) or ()), ISSUER, "prrt-cds")
    assert told.caller(token(kid=None)) is None
    assert asked == []
    assert told.caller(token(kid="one")) is None
    assert asked == ["one"]


def test_a_key_of_another_with_the_same_kid_is_nobodys(doors):
    assert doors(token(rsa_key(3))) is None


@pytest.mark.parametrize("header", [{"jwk": jwk(rsa_key(3))}, {"jku": "https://evil.example"}, {"x5u": "https://evil.example"}])
def test_a_key_that_a_token_brings_along_is_not_used(doors, header):
    assert doors(token(rsa_key(3), header=header)) is None


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
def test_an_access_token_by_its_kind(doors, kind):
    assert doors(token(header={"typ": kind})) == SOMEBODY


def test_a_token_need_not_tell_its_kind(doors):
    told = {"alg": "RS256", "kid": "one"}
    signed = f"{encoded(told)}.{token().split('.')[1]}".encode()
    signature = jwt.get_algorithm_by_name("RS256").sign(signed, rsa_key())
    assert doors(f"{signed.decode()}.{encoded(signature)}") == SOMEBODY


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "secevent+jwt", "jwt "])
def test_another_kind_of_token_is_no_pass(doors, kind):
    assert doors(token(header={"typ": kind})) is None


@pytest.mark.parametrize(
    "header",
    [{"typ": 5}, {"typ": None}, {"crit": ["exp"]}, {"crit": []}, {"crit": ["b64"], "b64": True}, {"crit": ["b64"], "b64": False}],
)
def test_a_header_that_asks_for_what_is_not_understood_is_nobodys(doors, header):
    _, payload, _ = token().split(".")
    signed = f"{encoded({'alg': 'RS256', 'kid': 'one', **header})}.{payload}".encode()
    signature = jwt.get_algorithm_by_name("RS256").sign(signed, rsa_key())
    assert doors(f"{signed.decode()}.{encoded(signature)}") is None


def test_a_token_is_accepted_up_to_a_minute_after_it_expired(doors, at):
    told = token(iat=NOW - 300, exp=NOW)
    at(NOW + 59)
    assert doors(told) == SOMEBODY
    at(NOW + 60)
    assert doors(told) is None


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_a_token_is_accepted_from_a_minute_before_its_time(doors, at, claim):
    told = token(**{"iat": NOW - 300, claim: NOW, "exp": NOW + 300})
    at(NOW - 61)
    assert doors(told) is None
    at(NOW - 60)
    assert doors(told) == SOMEBODY


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "iat", "sub"])
def test_a_token_without_a_claim_that_is_needed_is_nobodys(doors, claim):
    assert doors(token(**{claim: None})) is None


@pytest.mark.parametrize("audience", ["prrt", "prrt-cds ", "PRRT-CDS", ["other"], [], "", 5, {"prrt-cds": 1}, [["prrt-cds"]]])
def test_a_token_for_another_service_is_nobodys(doors, audience):
    assert doors(token(aud=audience)) is None


def test_a_token_for_several_services_opens_if_this_one_is_among_them(doors):
    assert doors(token(aud=["other", "prrt-cds"])) == SOMEBODY


@pytest.mark.parametrize("issuer", [ISSUER + "/", ISSUER.upper(), ISSUER[:-1], "", "https://evil.example"])
def test_a_token_of_another_issuer_is_nobodys(doors, issuer):
    assert doors(token(iss=issuer)) is None


def test_a_token_of_a_list_of_issuers_is_nobodys(doors):
    assert doors(signed_as_it_is({"iss": [ISSUER]})) is None


def signed_as_it_is(other):
    """A signed token whose claims no library looked at."""
    header, payload, _ = token().split(".")
    signed = f"{header}.{encoded({**json.loads(decoded(payload)), **other})}".encode()
    return f"{signed.decode()}.{encoded(jwt.get_algorithm_by_name('RS256').sign(signed, rsa_key()))}"


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", ["soon", [], float("nan"), float("inf"), {}])
def test_a_time_that_is_no_number_is_nobodys(doors, claim, value):
    assert doors(signed_as_it_is({claim: value})) is None


@pytest.mark.parametrize("subject", ["", "a" * 256, "two\nlines", "é", "a\x7f", "\ud800", 5, ["f3c1"]])
def test_a_subject_that_cannot_be_written_into_a_record_is_nobodys(doors, subject):
    assert doors(signed_as_it_is({"sub": subject})) is None


@pytest.mark.parametrize("subject", ["a", "a" * 255, "CN=Jo Doe, O=x|~"])
def test_a_subject_is_the_name_of_the_caller(doors, subject):
    assert doors(token(sub=subject)).name == f"oidc:{subject}"


@pytest.mark.parametrize(
    ("told", "scopes"),
    [
        ({"scope": "review admin"}, {"review", "admin"}),
        ({"scope": "  read  openid"}, {"read"}),
        ({"scope": "reads READ read,admin"}, set()),
        ({"scope": "read\tadmin"}, set()),
        ({"scope": ""}, set()),
        ({"scope": ["read"]}, set()),
        ({"scope": 5}, set()),
        ({"scope": None}, set()),
        ({"scope": None, "scp": "read admin"}, {"read", "admin"}),
        ({"scope": None, "scp": ["read", "openid", 5, ["admin"]]}, {"read"}),
        ({"scope": None, "scp": ["read admin"]}, set()),
        ({"scope": None, "scp": {"read": True}}, set()),
        ({"scope": "read", "scp": ["admin"]}, {"read"}),
    ],
)
def test_the_scopes_are_those_of_scope_or_else_of_scp(doors, told, scopes):
    assert doors(token(**told)).scopes == scopes


def test_a_token_of_exactly_the_largest_size_is_looked_at_and_a_larger_one_is_not(doors, monkeypatch):
    assert signed_token.MOST_BYTES == 16_384
    told = token(more="x" * 11_000)
    monkeypatch.setattr(signed_token, "MOST_BYTES", len(told))
    assert doors(told) == SOMEBODY
    monkeypatch.setattr(signed_token, "MOST_BYTES", len(told) - 1)
    assert doors(told) is None


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("cut", [1, 2, 4, 40, 10_000])
def test_a_token_with_a_truncated_signature_is_nobodys(doors, algorithm, cut):
    signed, _, signature = token(key_for(algorithm), algorithm).rpartition(".")
    assert doors(f"{signed}.{signature[:-cut]}") is None


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b", "a.b.c.d", "[" * 5000, "e30.e30.", ".e30.e30", "e30.e30.e30", "WzVd.e30.e30"]
)
def test_what_is_no_token_is_nobodys(doors, text):
    assert doors(text) is None


@pytest.mark.parametrize("deep", [b"[" * 9000, b'{"a":' * 2000, b"9" * 5000])
def test_a_token_that_is_nested_or_long_beyond_reading_is_nobodys(doors, deep):
    header, payload, signature = token().split(".")
    assert doors(f"{encoded(deep)}.{payload}.{signature}") is None
    signed = f"{header}.{encoded(deep)}".encode()
    assert doors(f"{signed.decode()}.{encoded(jwt.get_algorithm_by_name('RS256').sign(signed, rsa_key()))}") is None


@pytest.mark.parametrize("end", ["=", "==", "\n", " ", ".", "%"])
def test_nothing_stands_after_a_token(doors, end):
    assert doors(token() + end) is None


TEXTS = dict.fromkeys(("RS256", "ES256", "EdDSA"))


def text_of(algorithm):
    TEXTS[algorithm] = TEXTS[algorithm] or token(key_for(algorithm), algorithm)
    return TEXTS[algorithm]


@given(
    algorithm=st.sampled_from(sorted(TEXTS)),
    where=st.integers(0, 10_000),
    gone=st.integers(0, 3),
    new=st.text(st.sampled_from("ABab09-_.=+/ ,") | st.characters(max_codepoint=255), max_size=3),
)
def test_no_change_of_a_token_makes_it_anybody_elses(doors, algorithm, where, gone, new):
    """What base64 spells in two ways, in bits that no byte holds, would be the same token: then it is the same caller."""
    text = text_of(algorithm)
    where %= len(text) + 1
    changed = text[:where] + new + text[where + gone :]
    found = doors(changed)
    assert found in (None, SOMEBODY)
    if found:
        assert [decoded(part) for part in changed.split(".")] == [decoded(part) for part in text.split(".")]


@given(st.integers(0, 2), st.integers(0, 10_000), st.integers(1, 255))
def test_no_change_of_a_byte_behind_the_base64_is_accepted(doors, part, where, change):
    parts = text_of("RS256").split(".")
    told = bytearray(decoded(parts[part]))
    told[where % len(told)] ^= change
    parts[part] = encoded(bytes(told))
    assert doors(".".join(parts)) is None


@given(st.sampled_from(["RS256", "ES256", "EdDSA"]), st.sampled_from(["RS256", "ES256", "EdDSA"]), st.integers(0, 2))
def test_parts_of_two_tokens_do_not_make_a_third(doors, first, second, part):
    mine, others = text_of(first).split("."), token(key_for(second), second, sub="other").split(".")
    mine[part] = others[part]
    assert doors(".".join(mine)) in ((None, SOMEBODY) if part == 0 and first == second else (None,))
