"""The gate: closed unless a credential opens it, or nothing is configured and only the loopback is listened to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access import SCOPES, AccessConfigurationError, Caller
from service.access import gate as gate_module
from service.access.api_keys import new_key
from tests.access.issuer import ISSUER, gate, jwk, key_set, rsa_key, token

KEY = new_key("pacs", ["assess"])
EVERYBODY = Caller("loopback", frozenset(SCOPES))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A keys file and a key set."""
    folder = tmp_path_factory.mktemp("access")
    keys, jwks = folder / "keys.yaml", folder / "jwks.json"
    keys.write_text(f"keys:\n{KEY.entry}", "utf-8")
    jwks.write_bytes(key_set(jwk(rsa_key())))
    return keys, jwks


@pytest.fixture(scope="module")
def both(files):
    return gate(files[1], api_keys_file=files[0])


def settings(**other):
    return {"oidc_issuer": ISSUER, "oidc_jwks": "https://login.example/keys", **other}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  "])
def test_a_key_and_a_token_open_after_the_word_bearer(both, scheme):
    assert both.caller(f"{scheme} {KEY.secret}") == Caller("api-key:pacs", frozenset({"assess"}))
    assert both.caller(f"{scheme} {token()}").name == "oidc:f3c1"


def test_only_a_token_may_have_to_wait_for_its_issuer(both):
    assert both.may_take_long(f"Bearer {token()}")
    assert not both.may_take_long(f"Bearer {KEY.secret}")
    assert not both.may_take_long("Bearer")
    assert not gate(open_on_loopback=True).may_take_long(f"Bearer {token()}")


def test_without_a_credential_there_is_nobody(both):
    assert both.caller(None) is None
    assert both.caller("") is None


@pytest.mark.parametrize(
    "told",
    [
        "{}",
        "Bearer{}",
        "Bearer\t{}",
        " Bearer {}",
        "Bearer {} ",
        "Bearer {}\n",
        "Bearer {}\r\nX: y",
        "Bearer \x00{}",
        "Bearer {}\x7f",
        "Bearer {}é",
        "Bearer {},",
        "Bearer {0} {0}",
        "Bearer {0},{0}",
        "Bearer {0}, Bearer {0}",
        "Bearer Bearer {}",
        "Basic {}",
        "Token {}",
        "Bearer token={}",
        "Bearer token {}",
        'Bearer "{}"',
        "Bearer PRRT_{}",
        "\u0412earer {}",
    ],
)
@pytest.mark.parametrize("credential", [KEY.secret, "token"], ids=["key", "token"])
def test_a_credential_that_is_not_written_as_one_is_nobodys(both, told, credential):
    assert both.caller(told.format(token() if credential == "token" else credential)) is None


def test_a_credential_is_only_looked_at_by_what_is_configured(files):
    keys_only, tokens_only = gate(api_keys_file=files[0]), gate(files[1])
    assert keys_only.caller(f"Bearer {KEY.secret}") is not None
    assert keys_only.caller(f"Bearer {token()}") is None
    assert tokens_only.caller(f"Bearer {token()}") is not None
    assert tokens_only.caller(f"Bearer {KEY.secret}") is None


@pytest.mark.parametrize("authorization", [None, "", f"Bearer {KEY.secret}", "Bearer x", "anything"], ids=range(5))
def test_with_nothing_configured_everybody_on_the_loopback_may_do_everything(authorization):
    door = gate(open_on_loopback=True)
    assert door.caller(authorization) == EVERYBODY
    assert (door.is_open, door.is_configured, door.problem()) == (True, False, None)


def test_with_nothing_configured_and_another_address_nobody_may_do_anything():
    door = gate(open_on_loopback=False)
    assert door.caller(None) is None
    assert door.caller(f"Bearer {token()}") is None
    assert (door.is_open, door.is_configured, door.problem()) == (False, False, None)


def test_what_is_configured_holds_on_the_loopback_too(files):
    for door in (gate(files[1], open_on_loopback=True), gate(api_keys_file=files[0], open_on_loopback=True)):
        assert door.caller(None) is None
        assert (door.is_open, door.is_configured, door.problem()) == (False, True, None)


def test_what_is_configured_and_breaks_does_not_open_the_loopback(tmp_path):
    keys, jwks = tmp_path / "keys.yaml", tmp_path / "jwks.json"
    keys.write_text("keys: []", "utf-8")
    jwks.write_bytes(key_set(jwk(rsa_key())))
    door = gate(jwks, api_keys_file=keys, open_on_loopback=True)
    keys.unlink()
    jwks.unlink()
    door.api_keys._file._next_look = door.tokens._keys._file._next_look = 0
    assert door.caller(None) is None
    assert not door.is_open
    reason = "the file cannot be read (FileNotFoundError)"
    assert door.problem() == f"PRRT_API_KEYS_FILE: {reason}; PRRT_OIDC_JWKS: {reason}"


@pytest.mark.parametrize("broken", ["keys.yaml", "jwks.json"])
def test_while_one_source_of_callers_can_be_used_there_is_no_problem(tmp_path, broken):
    keys, jwks = tmp_path / "keys.yaml", tmp_path / "jwks.json"
    keys.write_text("keys: []", "utf-8")
    jwks.write_bytes(key_set(jwk(rsa_key())))
    door = gate(jwks, api_keys_file=keys)
    (tmp_path / broken).unlink()
    door.api_keys._file._next_look = door.tokens._keys._file._next_look = 0
    assert door.caller(None) is None
    assert door.problem() is None


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"oidc_issuer": ISSUER}, "PRRT_OIDC_ISSUER: set PRRT_OIDC_JWKS too"),
        ({"oidc_issuer": ""}, "PRRT_OIDC_ISSUER: set PRRT_OIDC_JWKS too"),
        ({"oidc_jwks": "https://login.example/keys"}, "PRRT_OIDC_JWKS: set PRRT_OIDC_ISSUER too"),
        (settings(oidc_issuer=""), "PRRT_OIDC_ISSUER: is set, but empty"),
        (settings(oidc_audience=" "), "PRRT_OIDC_AUDIENCE: is set, but empty"),
        (settings(oidc_jwks=""), "PRRT_OIDC_JWKS: is set, but empty"),
        (settings(), "PRRT_OIDC_JWKS: its host is not among PRRT_OIDC_ALLOWED_HOSTS"),
        (settings(oidc_jwks="https://login.example.evil.example/keys"), "PRRT_OIDC_JWKS: its host is not among"),
        (settings(oidc_jwks="https://evil.example/login.example"), "PRRT_OIDC_JWKS: its host is not among"),
        (settings(oidc_jwks="https://evil.example\\@login.example/"), "PRRT_OIDC_JWKS: is neither a file nor an https address"),
        (settings(oidc_jwks="https://u:zebra@login.example/"), "PRRT_OIDC_JWKS: is neither a file nor an https address"),
        (settings(oidc_jwks="https://login.example /keys"), "PRRT_OIDC_JWKS: is neither a file nor an https address"),
        (settings(oidc_jwks="https://"), "PRRT_OIDC_JWKS: is neither a file nor an https address"),
        (settings(oidc_jwks="ftp://login.example/keys"), "PRRT_OIDC_JWKS: is neither a file nor an https address"),
        (settings(oidc_jwks="file:///etc/passwd"), "PRRT_OIDC_JWKS: is neither a file nor an https address"),
        (
            settings(oidc_jwks="http://login.example/keys", oidc_allowed_hosts={"login.example"}),
            "PRRT_OIDC_JWKS: must be an https",
        ),
        (settings(oidc_jwks="http://127.0.0.1/keys"), "PRRT_OIDC_JWKS: its host is not among PRRT_OIDC_ALLOWED_HOSTS"),
        (settings(oidc_jwks="/zebra/jwks.json"), "PRRT_OIDC_JWKS: the file cannot be read (FileNotFoundError)"),
        (settings(oidc_jwks="/dev/null"), "PRRT_OIDC_JWKS: the path does not name a file"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_by_their_name(told, message):
    with pytest.raises(AccessConfigurationError) as refused:
        gate(**told)
    assert str(refused.value).startswith(message)
    assert "zebra" not in str(refused.value)


def test_a_keys_file_that_cannot_be_used_at_the_start_is_refused(tmp_path):
    with pytest.raises(AccessConfigurationError, match=r"^PRRT_API_KEYS_FILE: the file cannot be read"):
        gate(api_keys_file=tmp_path / "none.yaml")
    (tmp_path / "keys.yaml").write_text("keys: [{}]", "utf-8")
    with pytest.raises(AccessConfigurationError, match=r"^PRRT_API_KEYS_FILE: keys\[0\].name: Field required"):
        gate(api_keys_file=tmp_path / "keys.yaml")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://login.example/keys", "login.example"),
        ("HTTPS://Login.Example:8443", "LOGIN.example"),
        ("https://[2001:db8::1]/keys?kind=a", "2001:db8::1"),
        ("http://127.0.0.1:8000/keys", "127.0.0.1"),
        ("http://localhost/keys", "localhost"),
        ("http://[::1]:8000/keys", "[::1]"),
    ],
)
def test_an_address_of_a_host_that_is_allowed_is_not_asked_at_the_start(address, host, monkeypatch):
    monkeypatch.setattr(gate_module.KeysAtAddress, "_ask_if_due", lambda _: pytest.fail("was asked"))
    door = gate(**settings(oidc_jwks=address, oidc_allowed_hosts=frozenset({host})))
    assert door.is_configured


@given(st.text() | st.builds("{}earer {}".format, st.sampled_from("bB"), st.text() | st.text(st.characters(max_codepoint=127))))
def test_any_header_is_somebodys_or_nobodys(both, authorization):
    assert both.caller(authorization) is None
