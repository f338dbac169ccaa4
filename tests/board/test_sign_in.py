"""Signing in with an API key, and signing out: for this browser, and for whoever copied its cookies."""

import json
import time
from base64 import urlsafe_b64decode

import pytest
import yaml
from pydantic import SecretStr, ValidationError

from service.access import sessions
from service.access.api_keys import new_key
from service.api.security_headers import PAGE, STRICT
from service.settings import Settings
from tests.access.visiting import SESSION, VISIT, Visitor, forgiven, visited, with_probe, without_models

KEY, OTHER = new_key("board", ["assess", "read"]), new_key("other", ["read", "assess"])
LONG = "0123456789abcdef0123456789abcdef"
FLAGS = "HttpOnly; Path=/; SameSite=strict; Secure"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    (folder / "keys.yaml").write_text(f"keys:\n{KEY.entry}{OTHER.entry}", "utf-8")
    return Settings(data_dir=folder, api_keys_file=folder / "keys.yaml", session_secret=LONG)


@pytest.fixture(scope="module")
def guarded(settings):
    with visited(settings) as service:
        yield service


@pytest.fixture
def service(guarded):
    """A service that knows keys."""
    return forgiven(guarded)


@pytest.fixture
def visitor(service):
    return Visitor(service)


def told_by(cookie):
    """What anybody can read in a session's cookie."""
    body = cookie.split(".")[1]
    return json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def test_who_signs_in_with_a_key_goes_to_the_page_that_was_asked_for(visitor):
    answer = visitor.signs_in(f" {KEY.secret}\n", "/form")
    assert (answer.status_code, answer.headers["location"]) == (303, "/form")
    assert visitor.get("/probe").headers["x-caller"] == "api-key:board"


def test_a_session_is_kept_in_a_cookie_that_no_script_reads_and_no_other_site_causes_to_be_sent(visitor):
    (line,) = visitor.signs_in(KEY.secret).headers.get_list("set-cookie")
    assert line == f"{SESSION}={visitor.cookies[SESSION]}; {FLAGS}"


def test_a_session_holds_no_credential_and_ends_after_eight_hours(visitor, service):
    visitor.signs_in(KEY.secret)
    told = told_by(visitor.cookies[SESSION])
    (entry,) = yaml.safe_load(KEY.entry)
    assert set(told) == {"jti", "sub", "scopes", "mark", "aud", "exp"}
    assert (told["sub"], told["scopes"], told["aud"]) == ("api-key:board", ["assess", "read"], "prrt-cds:session")
    assert told["exp"] == pytest.approx(time.time() + 8 * 3600, abs=5)
    assert KEY.secret not in json.dumps(told)
    assert entry["sha256"] not in json.dumps(told)


def test_every_sign_in_is_a_session_of_its_own(visitor):
    visitor.signs_in(KEY.secret)
    first = visitor.cookies[SESSION]
    del visitor.cookies[SESSION]
    visitor.signs_in(KEY.secret)
    assert told_by(first)["jti"] != told_by(visitor.cookies[SESSION])["jti"]


def test_a_session_ends_by_itself(visitor, monkeypatch):
    monkeypatch.setattr(sessions, "LONGEST_SECONDS", -1)
    visitor.signs_in(KEY.secret)
    assert visitor.get("/probe").status_code == 303


def test_a_key_that_is_not_accepted_gets_one_answer_whatever_is_wrong_with_it(visitor, service):
    refused = service.app.state.metrics.refused.labels("unauthenticated")._value
    before = refused.get()
    answers = [visitor.signs_in(key) for key in ("prrt_" + 43 * "A", "zebra", "", KEY.secret[:-1], "é")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert "This key is not accepted" in answers[0].text
    assert (SESSION in visitor.cookies, refused.get() - before) == (False, 5)


def test_a_token_of_the_issuer_or_a_missing_field_is_no_key(visitor):
    told = {"csrf_token": visitor.token("/sign-in")}
    assert visitor.post("/sign-in", told).status_code == 401


def test_who_tries_too_many_keys_waits_and_whoever_signs_in_well_never_does(visitor):
    assert [visitor.signs_in("zebra").status_code for _ in range(11)] == [401] * 10 + [429]
    good = {"csrf_token": visitor.token("/sign-in"), "api_key": KEY.secret}
    assert {visitor.post("/sign-in", good).status_code for _ in range(12)} == {303}


def test_the_form_to_sign_in_is_one_that_we_gave_out(visitor):
    visitor.token("/sign-in")
    for told in ({"api_key": KEY.secret}, {"api_key": KEY.secret, "csrf_token": "a"}):
        assert visitor.post("/sign-in", told).status_code == 403
    assert visitor.signs_in(KEY.secret, headers={}).status_code == 303


def test_who_is_signed_in_can_sign_out_and_in_as_somebody_else(visitor):
    visitor.signs_in(KEY.secret)
    shown = visitor.get("/sign-in").text
    assert ("Signed in as api-key:board" in shown, 'name="api_key"' in shown) == (True, False)
    assert visitor.get("/sign-in?next=/form").headers["location"] == "/form"
    assert visitor.signs_out().headers["location"] == "/sign-in"
    visitor.signs_in(OTHER.secret)
    assert visitor.get("/probe").headers["x-caller"] == "api-key:other"


def test_after_signing_out_a_copied_cookie_is_dead_in_every_process(visitor, service, start, settings):
    visitor.signs_in(KEY.secret)
    replica = start(settings, without_models)
    with_probe(replica.app)
    thief, elsewhere = visitor.copied(), Visitor(replica)
    elsewhere.cookies = dict(visitor.cookies)
    assert [each.get("/probe").status_code for each in (visitor, thief, elsewhere)] == [200, 200, 200]
    answer = visitor.signs_out()
    assert set(visitor.cookies) == set()
    assert all("Max-Age=0" in line for line in answer.headers.get_list("set-cookie"))
    assert [each.get("/probe").status_code for each in (visitor, thief, elsewhere)] == [303, 303, 303]


def test_signing_out_asks_for_the_token_of_the_form(visitor):
    visitor.signs_in(KEY.secret)
    assert visitor.post("/sign-out", {"csrf_token": "zebra"}).status_code == 403
    assert visitor.get("/probe").status_code == 200


def test_who_has_no_session_any_more_signs_out_all_the_same(visitor):
    visitor.signs_in(KEY.secret)
    told = {"csrf_token": visitor.token()}
    visitor.cookies[SESSION] = "over"
    answer = visitor.post("/sign-out", told)
    assert (answer.status_code, SESSION in visitor.cookies) == (303, False)


@pytest.mark.parametrize(
    "told", [{"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}, {"origin": "https://evil.example"}]
)
def test_no_other_site_signs_anybody_out(visitor, service, told):
    visitor.signs_in(KEY.secret)
    for sent in (visitor, Visitor(service)):  # a browser keeps strict cookies from what another site causes
        answer = sent.post("/sign-out", {"csrf_token": visitor.token()}, told)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_no_cookie_is_taken_away_that_was_not_sent(service):
    answer = Visitor(service).post("/sign-out", {})
    assert (answer.status_code, "set-cookie" in answer.headers) == (303, False)


def test_while_the_record_is_away_this_browser_at_least_is_signed_out(visitor, service, monkeypatch):
    visitor.signs_in(KEY.secret)
    told = {"csrf_token": visitor.token()}
    service.lose_the_record(monkeypatch, "The record is away.")
    answer = visitor.post("/sign-out", told)
    assert (answer.status_code, "this browser only" in answer.text, SESSION in visitor.cookies) == (503, True, False)
    assert "Nothing is lost" not in answer.text


def test_while_the_record_is_away_whoever_is_signed_in_is_told_that_a_form_is_not_lost(visitor, service, monkeypatch):
    visitor.signs_in(KEY.secret)
    told = {"csrf_token": visitor.token()}
    service.lose_the_record(monkeypatch, "The record is away.")
    answer = visitor.post("/form", told)
    assert answer.status_code == 503
    assert "Nothing is lost: reload this page, and let the browser send it again." in answer.text


def test_a_form_outlives_the_session_in_which_it_was_begun_but_not_its_caller(visitor):
    visitor.signs_in(KEY.secret)
    form = {"csrf_token": visitor.token(), "typed": "much"}
    del visitor.cookies[SESSION]
    assert visitor.post("/probe", form).status_code == 401
    visitor.signs_in(KEY.secret)
    assert visitor.post("/probe", form).json()["fields"]["typed"] == "much"
    del visitor.cookies[SESSION]
    visitor.signs_in(OTHER.secret)
    assert visitor.post("/probe", form).status_code == 403


def test_a_form_of_before_signing_out_is_not_taken_after_it(visitor):
    visitor.signs_in(KEY.secret)
    form = {"csrf_token": visitor.token()}
    visitor.signs_out()
    visitor.signs_in(KEY.secret)
    assert visitor.post("/probe", form).status_code == 403


@pytest.mark.parametrize("secret", [None, SecretStr(LONG[::-1])], ids=["none", "other"])
def test_a_session_of_one_secret_is_none_of_another(visitor, start, settings, secret):
    visitor.signs_in(KEY.secret)
    other = start(settings.model_copy(update={"session_secret": secret}), without_models)
    with_probe(other.app)
    stranger = Visitor(other)
    stranger.cookies = dict(visitor.cookies)
    assert stranger.get("/probe").status_code == 303
    assert any("PRRT_SESSION_SECRET is not set" in line["event"] for line in other.logged()) == (secret is None)


def test_nothing_is_said_of_a_secret_that_is_set_or_that_nobody_needs(service, start):
    unguarded = start(None, without_models)
    assert [line for each in (service, unguarded) for line in each.logged() if "PRRT_SESSION_SECRET" in line["event"]] == []


def test_a_short_secret_is_refused_without_being_repeated(start, monkeypatch):
    with pytest.raises(ValidationError, match="must be at least 32 bytes long"):
        Settings(session_secret="z" * 31)
    monkeypatch.setenv("PRRT_SESSION_SECRET", "zebra")
    service = start(None, without_models)
    assert service.app.state.not_ready_because == "A setting cannot be used: PRRT_SESSION_SECRET."
    assert "zebra" not in service.log.getvalue()


def test_without_anything_to_sign_in_with_the_page_says_so(start):
    service = start(None, without_models, open_on_loopback=False)
    shown = Visitor(service).get("/sign-in")
    assert (shown.status_code, "Nobody can sign in here" in shown.text) == (200, True)
    assert Visitor(service).post("/sign-in", {"api_key": KEY.secret}).status_code == 403, "no form was given out"
    assert Visitor(service).get("/sign-in/oidc").status_code == 404
    assert Visitor(service).get("/sign-in/answer?code=a&state=b").status_code == 404


def test_on_the_open_loopback_nobody_needs_to_sign_in(start):
    service = start(None, without_models)
    assert Visitor(service).get("/sign-in").headers["location"] == "/"


def test_under_a_prefix_of_a_proxy_every_address_has_it(service, visitor, monkeypatch):
    monkeypatch.setattr(service.app, "root_path", "/board")
    assert visitor.get("/board/probe").headers["location"] == "/board/sign-in"
    assert 'action="/board/sign-in"' in visitor.get("/board/sign-in").text
    answer = visitor.post(
        "/board/sign-in", {"csrf_token": visitor.token("/board/sign-in"), "api_key": KEY.secret, "next": "/form"}
    )
    assert answer.headers["location"] == "/board/form"
    assert 'content="0; url=/board/"' in Visitor(service).get("/board/probe", sec_fetch_site="cross-site").text


def test_a_page_may_use_what_is_ours_and_nothing_else_may(service, visitor):
    headers = visitor.get("/sign-in").headers
    assert (headers["content-security-policy"], headers["referrer-policy"]) == (PAGE, "same-origin")
    assert (headers["cache-control"], headers["x-frame-options"]) == ("no-store", "DENY")
    assert "unsafe" not in PAGE
    assert visitor.get("/probe").headers["content-security-policy"] == STRICT, "a redirection is no page"
    assert service.get("/livez").headers["referrer-policy"] == "no-referrer"


def test_no_key_no_session_and_no_token_reaches_log_or_metrics(visitor, service):
    visitor.signs_in("prrt_zebra")
    visitor.signs_in(KEY.secret)
    token, session, visit = visitor.token(), visitor.cookies[SESSION], visitor.cookies[VISIT]
    visitor.signs_out()
    for shown in (service.log.getvalue(), service.get("/metrics").text):
        assert [secret for secret in (KEY.secret, "zebra", token, session, visit) if secret in shown] == []
