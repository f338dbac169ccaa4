"""Signing in with the hospital's account: an issuer of our own, over HTTP, that also answers what it must not."""

import base64
import json
import time
from dataclasses import replace
from urllib.parse import quote_plus, urlsplit

import pytest

from service.access import code_flow
from service.settings import Settings
from tests.access.code_issuer import CLIENT_ID, CLIENT_SECRET, signing_in, told_in
from tests.access.issuer import ISSUER, ec_key, jwk, key_set, rsa_key, token
from tests.access.visiting import ATTEMPT, SESSION, Visitor, forgiven, visited, without_models

PUBLIC_URL = "https://prrt.hospital.example"
ANSWER = f"{PUBLIC_URL}/sign-in/answer"


@pytest.fixture(scope="module")
def listening():
    with signing_in() as issuer:
        yield issuer


@pytest.fixture
def issuer(listening):
    """The issuer, with nothing wrong about it."""
    listening.__init__(listening.url)
    return listening


@pytest.fixture(scope="module")
def settings(listening, tmp_path_factory):
    folder = tmp_path_factory.mktemp("issuer")
    (folder / "jwks.json").write_bytes(key_set(jwk(rsa_key())))
    told = {"oidc_issuer": ISSUER, "oidc_jwks": str(folder / "jwks.json"), "public_url": PUBLIC_URL, "data_dir": folder}
    return lambda **other: Settings(**told, **listening.settings(**other))


@pytest.fixture(scope="module")
def asking(settings):
    with visited(settings()) as service:
        yield service


@pytest.fixture
def service(asking):
    """A service that signs people in at the issuer."""
    return forgiven(asking)


@pytest.fixture
def begun(start, settings):
    """Starts another service that does."""
    return lambda **other: start(settings(**other), without_models)


@pytest.fixture
def visitor(service):
    return Visitor(service)


def way_back(visitor, issuer, to="/form"):
    """The path by which the issuer sends somebody back who signed in there."""
    address = issuer.signed_in(visitor.get(f"/sign-in/oidc?next={to}").headers["location"])
    assert address.startswith(ANSWER)
    return address.removeprefix(PUBLIC_URL)


def test_who_signs_in_at_the_issuer_goes_on_from_a_page_of_ours(visitor, issuer):
    assert 'href="/sign-in/oidc?next=/form"' in visitor.get("/sign-in?next=/form").text
    answer = visitor.get(way_back(visitor, issuer), sec_fetch_site="cross-site")
    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/form">' in answer.text
    assert set(visitor.cookies) >= {SESSION}
    assert ATTEMPT not in visitor.cookies
    assert visitor.get("/probe").headers["x-caller"] == "oidc:f3c1"


def test_the_issuer_is_asked_with_state_nonce_and_a_challenge_and_nothing_that_is_kept(visitor, issuer):
    answer = visitor.get("/sign-in/oidc?next=/form")
    told = told_in(urlsplit(answer.headers["location"]).query)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{issuer.url}/authorize?")
    assert told | {"state": "", "nonce": "", "code_challenge": ""} == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": ANSWER,
        "scope": "openid assess read review",
        "state": "",
        "nonce": "",
        "code_challenge": "",
        "code_challenge_method": "S256",
    }
    assert len({told["state"], told["nonce"], told["code_challenge"]}) == 3
    assert min(len(told[name]) for name in ("state", "nonce", "code_challenge")) == 43
    (line,) = answer.headers.get_list("set-cookie")
    assert line.split("; ", 1)[1] == "HttpOnly; Path=/; SameSite=lax; Secure"
    again = told_in(urlsplit(visitor.get("/sign-in/oidc").headers["location"]).query)
    assert [name for name in ("state", "nonce", "code_challenge") if again[name] == told[name]] == []


def test_an_address_of_the_issuer_keeps_its_own_query(begun, issuer):
    service = begun(oidc_authorize_url=f"{issuer.url}/authorize?audience=prrt-cds")
    location = Visitor(service).get("/sign-in/oidc").headers["location"]
    assert location.startswith(f"{issuer.url}/authorize?audience=prrt-cds&response_type=code&")


def test_a_client_without_a_secret_says_its_name_and_one_with_a_secret_proves_it(begun, issuer, visitor):
    visitor.get(way_back(visitor, issuer))
    headers, form = issuer.asked.pop()
    assert (form["client_id"], form["grant_type"], "authorization" in {name.lower() for name in headers}) == (
        CLIENT_ID,
        "authorization_code",
        False,
    )
    proving = Visitor(begun(oidc_client_secret=CLIENT_SECRET))
    assert proving.get(way_back(proving, issuer)).status_code == 200
    headers, form = issuer.asked.pop()
    told = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    assert told == f"{quote_plus(CLIENT_ID)}:{quote_plus(CLIENT_SECRET)}"
    assert "client_id" not in form


def test_a_session_lasts_no_longer_than_the_token_and_has_its_scopes(visitor, issuer):
    issuer.access = {"scope": "read openid", "exp": int(time.time()) + 120}
    visitor.get(way_back(visitor, issuer))
    told = json.loads(base64.urlsafe_b64decode(visitor.cookies[SESSION].split(".")[1] + "=="))
    assert (told["exp"], told["scopes"], told["mark"]) == (issuer.access["exp"], ["read"], "")
    assert visitor.get("/probe").status_code == 200
    assert visitor.post("/probe", {"csrf_token": visitor.token()}).status_code == 403


def test_a_session_of_the_issuer_ends_when_its_tokens_are_accepted_no_longer(visitor, issuer, service, monkeypatch):
    visitor.get(way_back(visitor, issuer))
    gate = replace(service.app.state.gate, tokens=None, open_on_loopback=False)
    monkeypatch.setitem(service.app.state._state, "gate", gate)
    assert visitor.get("/probe").status_code == 303


def refused(visitor, answer, status=401):
    return (answer.status_code, SESSION in visitor.cookies, "zebra" in answer.text) == (status, False, False)


@pytest.mark.parametrize(
    "changed",
    [
        lambda path: path.replace("state=", "state=z"),
        lambda path: path.split("&")[0],
        lambda path: path.replace("code=", "nocode="),
        lambda path: path.replace("code=code", "code="),
        lambda path: path.replace("code=", "code=" + 4097 * "z"),
        lambda path: path + "&iss=https://zebra.example",
        lambda path: path.replace("code=", "error=access_denied&error_description=zebra&was="),
        lambda path: path.replace("code=code-0", "code=code-1"),
    ],
    ids=range(8),
)
def test_an_answer_that_is_not_to_this_try_signs_nobody_in(visitor, issuer, service, changed):
    assert refused(visitor, visitor.get(changed(way_back(visitor, issuer))))
    assert ATTEMPT not in visitor.cookies
    assert any(line["event"] == "not signed in" for line in service.logged())
    assert "code-" not in service.log.getvalue()


def test_an_answer_that_names_the_issuer_is_taken(visitor, issuer):
    assert visitor.get(f"{way_back(visitor, issuer)}&iss={ISSUER}").status_code == 200


def test_an_answer_is_taken_by_the_browser_that_asked_and_once(visitor, issuer, service):
    path = way_back(visitor, issuer)
    other = Visitor(service)
    assert refused(other, other.get(path))
    thief = visitor.copied()
    assert visitor.get(path).status_code == 200
    assert refused(thief, thief.get(path)), "the code was used"
    assert visitor.get(path).status_code == 401, "the try is over"


def test_a_try_is_over_after_ten_minutes_and_a_session_is_no_try(visitor, issuer, monkeypatch):
    monkeypatch.setattr("service.access.sign_in.ATTEMPT_SECONDS", -1)
    path = way_back(visitor, issuer)
    assert refused(visitor, visitor.get(path))
    monkeypatch.undo()
    visitor.get(way_back(visitor, issuer))
    mixed = visitor.copied()
    mixed.cookies[ATTEMPT] = mixed.cookies.pop(SESSION)
    assert mixed.get(path).status_code == 401


@pytest.mark.parametrize(
    ("access", "identity"),
    [
        ({}, {"nonce": "zebra"}),
        ({}, {"nonce": None}),
        ({}, {"nonce": "é"}),
        ({}, {"aud": "zebra"}),
        ({}, {"aud": "prrt-cds"}),
        ({}, {"azp": "zebra"}),
        ({}, {"iss": "https://zebra.example"}),
        ({}, {"exp": 1}),
        ({}, {"sub": "zebra"}),
        ({}, {"header": {"typ": "at+jwt"}}),
        ({}, {"key": ec_key(), "algorithm": "ES256"}),
        ({"aud": "zebra"}, {}),
        ({"exp": 1}, {}),
        ({"sub": "zebra"}, {}),
        ({"iss": "https://zebra.example"}, {}),
    ],
    ids=range(15),
)
def test_tokens_that_are_not_good_together_sign_nobody_in(visitor, issuer, access, identity):
    issuer.access, issuer.identity = access, identity
    assert refused(visitor, visitor.get(way_back(visitor, issuer)))


def test_an_id_token_for_several_clients_is_taken_if_it_was_made_for_us(visitor, issuer):
    issuer.identity = {"aud": [CLIENT_ID, "other"], "azp": CLIENT_ID}
    assert visitor.get(way_back(visitor, issuer)).status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: b"zebra",
        lambda _: b"[" * 60_000,
        lambda _: [],
        lambda _: {},
        lambda told: {**told, "id_token": None},
        lambda told: {**told, "access_token": 7},
        lambda told: {**told, "access_token": told["id_token"]},
        lambda told: {**told, "id_token": told["access_token"]},
        lambda told: {**told, "id_token": "zebra"},
        lambda told: {**told, "more": "z" * code_flow.MOST_BYTES},
    ],
    ids=range(10),
)
def test_an_issuer_that_answers_anything_else_signs_nobody_in(visitor, issuer, answer):
    issuer.answer = answer
    assert refused(visitor, visitor.get(way_back(visitor, issuer)))


def test_an_issuer_that_is_away_or_slow_is_said_to_be(visitor, issuer, begun, monkeypatch):
    away = Visitor(begun(oidc_token_url="http://127.0.0.1:1/token"))  # noqa: S106  # an address
    answer = away.get(way_back(away, issuer))
    assert refused(away, answer, 503)
    assert "does not answer" in answer.text
    monkeypatch.setattr(code_flow, "SECONDS", 0.05)

    def slow(told):
        time.sleep(0.3)
        return told

    issuer.answer = slow
    assert refused(visitor, visitor.get(way_back(visitor, issuer)), 503)


def test_an_issuer_that_answers_in_drops_is_not_waited_for(visitor, issuer, monkeypatch):
    monkeypatch.setattr(code_flow, "SECONDS", 0.1)
    issuer.seconds_between_parts = 0.03
    assert refused(visitor, visitor.get(way_back(visitor, issuer)), 503)


def test_who_brings_back_too_many_wrong_answers_waits_and_the_issuer_is_not_asked(visitor, issuer):
    wrong = [visitor.get(way_back(visitor, issuer).replace("code=", "nocode=")).status_code for _ in range(10)]
    assert (wrong, visitor.get(way_back(visitor, issuer)).status_code) == ([401] * 10, 429)
    assert issuer.asked == []


def test_answers_to_no_try_of_a_browser_shut_nobody_out_and_take_no_cookie_away(visitor, issuer, service):
    refusals = service.app.state.metrics.refused.labels("unauthenticated")._value
    before = refusals.get()
    for number in range(12):
        answer = Visitor(service).get(f"/sign-in/answer?code=a&state={number}")
        assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
    assert visitor.get(way_back(visitor, issuer)).status_code == 200
    assert refusals.get() == before


def test_nothing_of_signing_in_is_logged(visitor, issuer, service):
    path = way_back(visitor, issuer)
    attempt = visitor.cookies[ATTEMPT]
    visitor.get(path)
    visitor.get(path)
    told = told_in(urlsplit(path).query)
    secrets = [told["code"], told["state"], attempt, visitor.cookies[SESSION], "f3c1", token()[:40]]
    logged = str([{**line, "request_id": ""} for line in service.logged()])  # an id may look like a name by chance
    assert [secret for secret in secrets if secret in logged] == []


def test_a_page_after_a_failure_gives_out_no_form(begun, tmp_path):
    keys = tmp_path / "keys.yaml"
    keys.write_text("keys: []", "utf-8")
    visitor = Visitor(begun(api_keys_file=keys))
    answer = visitor.get("/sign-in/answer?code=a&state=b")
    assert ('name="api_key"' in answer.text, 'href="/sign-in"' in answer.text, SESSION in visitor.cookies) == (
        False,
        True,
        False,
    )
    assert 'name="api_key"' in visitor.get("/sign-in").text
