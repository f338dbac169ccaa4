"""Settings of signing in at the issuer that cannot be right are refused at the start, by the name of the setting and no more."""

import pytest

from service.access import AccessConfigurationError
from service.access.code_flow import AUTHORIZE, ID, PUBLIC_URL, SCOPES, SECRET, TOKEN, CodeFlow
from service.access.code_flow import ISSUER as ISSUER_SETTING
from service.access.sign_in import SignIn
from service.settings import Settings
from tests.access.issuer import ISSUER, gate, jwk, key_set, rsa_key

HOST = "login.hospital.example"
GOOD = {
    ID: "prrt",
    SECRET: None,
    AUTHORIZE: f"https://{HOST}/authorize",
    TOKEN: f"https://{HOST}/token",
    PUBLIC_URL: "https://prrt.hospital.example/",
    SCOPES: "openid read",
}


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    path = tmp_path_factory.mktemp("issuer") / "jwks.json"
    path.write_bytes(key_set(jwk(rsa_key())))
    return gate(path).tokens


def flow(tokens, hosts=(HOST,), **other):
    return CodeFlow.of(tokens, GOOD | other, frozenset(hosts))


def test_settings_that_are_right_are_taken(tokens):
    made = flow(tokens, **{SECRET: "s"})
    assert (made.client_id, made.client_secret, made.redirect_uri) == (
        "prrt",
        "s",
        "https://prrt.hospital.example/sign-in/answer",
    )
    assert (made.tokens.issuer, made.scopes) == (ISSUER, "openid read")
    assert "'s'" not in repr(made)


def test_on_the_loopback_it_may_be_plain_http(tokens):
    told = {AUTHORIZE: "http://127.0.0.1:9/a", TOKEN: "http://[::1]:9/t", PUBLIC_URL: "http://localhost:8000"}
    assert flow(tokens, ("::1",), **told) is not None


def test_with_nothing_told_nobody_signs_in_at_an_issuer(tokens):
    nothing = {ID: None, SECRET: None, AUTHORIZE: None, TOKEN: None}
    assert flow(tokens, **nothing) is None
    assert flow(None, **nothing) is None


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({ID: None}, f"{AUTHORIZE}: set {ID} too"),
        ({AUTHORIZE: None}, f"{ID}: set {AUTHORIZE} too"),
        ({TOKEN: None}, f"{ID}: set {TOKEN} too"),
        ({ID: None, AUTHORIZE: None, TOKEN: None, SECRET: "zebra"}, f"{SECRET}: set {ID} too"),
        ({ID: ""}, f"{ID}: is set, but empty"),
        ({SECRET: ""}, f"{SECRET}: is set, but empty"),
        ({SCOPES: "read zebra"}, f"{SCOPES}: must name openid"),
        ({SCOPES: None}, f"{SCOPES}: must name openid"),
        ({PUBLIC_URL: None}, f"{PUBLIC_URL}: must be an https address without a user"),
        ({PUBLIC_URL: "http://zebra.example"}, f"{PUBLIC_URL}: must be an https address"),
        ({AUTHORIZE: "zebra"}, f"{AUTHORIZE}: must be an https address without a user"),
        ({AUTHORIZE: "http://zebra.example"}, f"{AUTHORIZE}: must be an https address"),
        ({TOKEN: "https://u:zebra@login.example/"}, f"{TOKEN}: must be an https address without a user"),
        ({TOKEN: "https://zebra.example/token"}, f"{TOKEN}: its host is not among PRRT_OIDC_ALLOWED_HOSTS"),
        ({TOKEN: f"http://{HOST}/token"}, f"{TOKEN}: must be an https address"),
    ],
    ids=range(15),
)
def test_settings_that_cannot_be_right_are_refused_by_their_name(tokens, told, message):
    with pytest.raises(AccessConfigurationError) as refusal:
        flow(tokens, **told)
    assert str(refusal.value) == message


def test_an_issuer_whose_tokens_are_not_accepted_signs_nobody_in():
    with pytest.raises(AccessConfigurationError, match=f"^{ID}: set {ISSUER_SETTING} too, whose tokens are accepted$"):
        flow(None)


def test_the_settings_of_the_service_are_these(tokens):
    with pytest.raises(AccessConfigurationError, match=f"^{SECRET}: set {ID} too$"):
        SignIn.of(Settings(oidc_client_secret="zebra"), gate(open_on_loopback=True))  # noqa: S106
    assert SignIn.of(Settings(), gate(open_on_loopback=True)).code_flow is None
