"""No key, token, claim or digest stands in a repr, a message or a log line."""

import traceback
from hashlib import sha256

import pytest

from service.access import AccessConfigurationError, Caller
from service.access.api_keys import ApiKeys, new_key
from service.access.caller import known_scopes
from tests.access.issuer import ISSUER, Clock, gate, jwk, key_set, rsa_key, token

SUBJECT = "zebra-subject"


@pytest.fixture
def said(tmp_path):
    """A gate with a key and a token, and whatever of them must not be said."""
    key, told = new_key("zebra-name", ["read"]), token(sub=SUBJECT, scope="read zebra-scope", email="zebra@example")
    keys, jwks = tmp_path / "keys.yaml", tmp_path / "jwks.json"
    keys.write_text(f"keys:\n{key.entry}", "utf-8")
    jwks.write_bytes(key_set(jwk(rsa_key(), "zebra-kid")))
    digest = sha256(key.secret.encode()).hexdigest()
    secrets = [key.secret, key.secret[5:], digest, told, *told.split("."), SUBJECT, "zebra"]
    return gate(jwks, api_keys_file=keys), keys, key, told, secrets


def test_no_repr_says_one(said):
    door, _, key, _, secrets = said
    caller, holder = door.caller(f"Bearer {token(kid='zebra-kid', sub=SUBJECT)}"), door.caller(f"Bearer {key.secret}")
    assert caller.name == f"oidc:{SUBJECT}"
    assert holder.name == "api-key:zebra-name"
    things = [door, door.api_keys, door.tokens, door.tokens._keys, key, caller, holder, *door.tokens._keys.of_kid("zebra-kid")]
    things += [door.api_keys._file, door.tokens._keys._file]
    printed = "".join(f"{thing!r}{thing}{[thing]}" for thing in things)
    assert [secret for secret in secrets if secret in printed] == []
    entries = repr(door.api_keys._file.content()).replace("zebra-name", "")
    assert [secret for secret in secrets if secret in entries] == []


def test_no_log_line_says_one(said, log):
    door, keys, key, told, secrets = said
    for credential in (key.secret, told, told[:-4], key.secret[:-1] + "A", "zebra"):
        door.caller(f"Bearer {credential}")
    keys.write_text(f"keys: [{key.secret}: {secrets[2]}]", "utf-8")
    door.api_keys._file._next_look = 0
    assert door.caller(f"Bearer {key.secret}") is None
    printed = log.getvalue()
    assert "access is refused" in printed
    assert [secret for secret in secrets if secret in printed] == []


@pytest.mark.parametrize(
    "text",
    [
        "keys: [{{name: {0}, sha256: {1}, scopes: [{2}]}}]",
        "{0}: {1}",
        "keys: [ {0} {1}: {2}",
        "keys: !{0} {1}",
        "{0}",
        "keys: *{1}",
    ],
)
def test_no_error_and_nothing_that_it_follows_from_says_one(said, tmp_path, text):
    _, keys, key, told, secrets = said
    keys.write_text(text.format(key.secret, secrets[2], told), "utf-8")
    with pytest.raises(AccessConfigurationError) as refused:
        gate(api_keys_file=keys)
    printed = "".join(traceback.TracebackException.from_exception(refused.value).format())
    printed += f"{refused.value!r}{refused.value.__context__!r}{refused.value.__cause__!r}"
    assert [secret for secret in secrets if secret in printed] == []
    problem = ApiKeys(keys, Clock()).problem()
    assert [secret for secret in secrets if secret in problem] == []


@pytest.mark.parametrize("other", ["https://u:zebra@login.example/keys", "https://zebra.example/keys", "/zebra/jwks", "zebra://"])
def test_an_address_or_path_of_the_settings_is_not_repeated(other):
    with pytest.raises(AccessConfigurationError) as refused:
        gate(oidc_issuer=ISSUER, oidc_jwks=other)
    assert "zebra" not in str(refused.value)
    assert refused.value.__context__ is None


def test_a_caller_is_equal_to_another_by_name_and_scopes():
    assert Caller("oidc:a", known_scopes(["read"])) == Caller("oidc:a", frozenset({"read"}))
    assert Caller("oidc:a", known_scopes([])) != Caller("oidc:b", known_scopes([]))
