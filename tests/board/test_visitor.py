"""Who visits the page, what they may, and where they are sent who are not known."""

from urllib.parse import quote

import pytest
import yaml

from service.access.api_keys import new_key
from service.api.board.visitor import page_path
from service.metrics import REASONS
from service.settings import Settings
from tests.access.visiting import SESSION, VISIT, Visitor, forgiven, visited

KEYS = {
    name: new_key(name, scopes) for name, scopes in {"board": ["assess", "read"], "reader": ["read"], "desk": ["assess"]}.items()
}
SOME_ID = "01a1fe5a-faae-7450-b034-45074be17521"
STRICT = "HttpOnly; Path=/; SameSite=strict; Secure"


@pytest.fixture(scope="module")
def keys_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("keys") / "keys.yaml"
    file.write_text("keys:\n" + "".join(key.entry for key in KEYS.values()), "utf-8")
    return file


@pytest.fixture(scope="module")
def services(keys_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    told = Settings(data_dir=folder / "a", api_keys_file=keys_file, requests_per_minute=20), Settings(data_dir=folder / "b")
    with visited(told[0]) as guarded, visited(told[1]) as unguarded:
        yield guarded, unguarded


@pytest.fixture
def guarded(services):
    """A service that knows keys."""
    return forgiven(services[0])


@pytest.fixture
def unguarded(services):
    """A service that is open on the loopback."""
    return forgiven(services[1])


@pytest.fixture
def refusals(guarded):
    """How many more were refused since the test began, by reason."""
    counted = guarded.app.state.metrics.refused

    def so_far():
        return {reason: counted.labels(reason)._value.get() for reason in REASONS}

    before = so_far()
    return lambda: {reason: count - before[reason] for reason, count in so_far().items() if count > before[reason]}


def bearing(name):
    return {"authorization": f"Bearer {KEYS[name].secret}"}


def test_on_the_open_loopback_everybody_visits_without_signing_in(unguarded):
    assert Visitor(unguarded).get("/probe").headers["x-caller"] == "loopback"


def test_the_open_loopback_is_visited_by_a_name_of_the_loopback_only(unguarded):
    assert Visitor(unguarded).get("/probe", host="rebound.example").status_code == 303


def test_who_has_a_bearer_header_visits_as_its_caller(guarded):
    assert Visitor(guarded, **bearing("reader")).get("/probe").headers["x-caller"] == "api-key:reader"


TWO_HEADERS = f"Bearer {KEYS['board'].secret}, Bearer x"


@pytest.mark.parametrize(
    "told",
    ["Bearer prrt_" + 43 * "A", "bearer x", "Bearer", pytest.param(TWO_HEADERS, id="two headers, the first of them good")],
)
def test_a_bearer_header_that_is_not_accepted_is_not_made_up_for_by_a_session(guarded, told):
    visitor = Visitor(guarded)
    visitor.signs_in(KEYS["board"].secret)
    assert visitor.get("/probe").status_code == 200
    assert visitor.get("/probe", authorization=told).status_code == 401
    assert visitor.get("/sign-in", authorization=told).status_code == 200, "nobody is sent round in circles"


def test_a_proxy_may_ask_for_a_password_of_its_own_and_the_session_counts(guarded):
    visitor = Visitor(guarded, authorization="Basic YTpi")
    assert visitor.get("/probe").status_code == 303
    visitor.signs_in(KEYS["board"].secret)
    assert visitor.get("/probe").headers["x-caller"] == "api-key:board"


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/", "/sign-in?next=/"),
        ("/form", "/sign-in?next=/form"),
        (f"/assessments/{SOME_ID}", f"/sign-in?next=/assessments/{SOME_ID}"),
        ("/probe", "/sign-in"),
        ("/probe?next=//evil.example", "/sign-in"),
    ],
)
def test_who_is_not_known_is_sent_to_sign_in_and_comes_back_to_a_page_of_ours(guarded, path, to):
    answer = Visitor(guarded).get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, to)


@pytest.mark.parametrize(
    "told",
    [
        "",
        "//evil.example",
        "///evil.example/form",
        "/\\evil.example",
        "https://evil.example/form",
        "javascript:alert(1)",
        "form",
        "/form/",
        "/form?a=b",
        "/form#a",
        "/form\n",
        "/sign-out",
        "/v1/rules",
        "/assessments/../sign-out",
        f"/assessments/{SOME_ID}/reviews",
        f"/assessments/{SOME_ID}\r\nx: y",
        f"//assessments/{SOME_ID}",
        f"/assessments/{SOME_ID[:-1]}",
        "/assessments/zebra",
    ],
)
def test_nobody_is_sent_to_what_is_no_page_of_ours(guarded, told):
    assert page_path(told) is None
    visitor = Visitor(guarded)
    assert visitor.signs_in(KEYS["board"].secret, told).headers["location"] == "/"
    quoted = quote(told, safe="")
    assert visitor.get(f"/sign-in?next={quoted}").status_code == 200
    del visitor.cookies[SESSION]
    shown = visitor.get(f"/sign-in?next={quoted}").text
    assert 'name="next" value="/"' in shown
    assert "evil" not in shown


def test_what_somebody_posts_whose_session_has_ended_is_refused_with_what_to_do(guarded, refusals):
    answer = Visitor(guarded).post("/probe", {"typed": "zebra"})
    assert answer.status_code == 401
    assert "Nothing that you typed is lost" in answer.text
    assert "zebra" not in answer.text
    assert refusals() == {"unauthenticated": 1}


@pytest.mark.parametrize(("name", "method", "lacking"), [("desk", "get", "read"), ("reader", "post", "assess")])
def test_who_lacks_a_scope_is_told_which_the_page_needs(guarded, refusals, name, method, lacking):
    visitor = Visitor(guarded)
    visitor.signs_in(KEYS[name].secret)
    answer = getattr(visitor, method)("/probe")
    assert (answer.status_code, lacking in answer.text) == (403, True)
    assert refusals() == {"forbidden": 1}


def test_who_visits_too_often_waits(guarded, refusals):
    visitor = Visitor(guarded, **bearing("reader"))
    statuses = [visitor.get("/probe").status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    assert refusals() == {"rate": 1}


def test_every_visitor_gets_a_cookie_once_that_no_script_reads_and_no_other_site_causes_to_be_sent(unguarded):
    visitor = Visitor(unguarded)
    name, flags = visitor.get("/probe").headers["set-cookie"].split("; ", 1)
    assert name.startswith(f"{VISIT}=")
    assert flags == STRICT
    assert "set-cookie" not in visitor.get("/probe").headers


def test_a_cookie_that_is_not_written_as_ours_counts_as_none(unguarded):
    visitor = Visitor(unguarded)
    visitor.cookies[VISIT] = "short"
    assert VISIT in visitor.get("/probe").headers["set-cookie"]


@pytest.mark.parametrize("path", ["/probe", "/sign-in?next=/form"])
def test_a_link_of_another_site_leads_to_a_page_that_goes_on_by_itself_and_sets_nothing(guarded, path):
    visitor = Visitor(guarded)
    answer = Visitor(guarded).get(path, sec_fetch_site="cross-site")  # the browser keeps our cookies to itself
    to = {"/probe": "/", "/sign-in?next=/form": "/sign-in?next=/form"}[path]
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    assert f'<meta http-equiv="refresh" content="0; url={to}">' in answer.text
    assert visitor.get(path, sec_fetch_site="same-origin").status_code == (303 if path == "/probe" else 200)


def test_a_browser_that_sends_its_cookies_is_not_asked_to_come_again(guarded):
    visitor = Visitor(guarded)
    visitor.signs_in(KEYS["board"].secret)
    assert visitor.get("/probe", sec_fetch_site="cross-site").headers["x-caller"] == "api-key:board"


def test_a_session_is_no_bearer_credential_and_a_key_no_session(guarded):
    visitor = Visitor(guarded)
    visitor.signs_in(KEYS["board"].secret)
    session = visitor.cookies[SESSION]
    assert guarded.get("/v1/rules", headers={"authorization": f"Bearer {session}"}).status_code == 401
    assert guarded.get("/v1/rules", headers={"cookie": f"{SESSION}={session}"}).status_code == 401
    other = Visitor(guarded)
    for credential in (KEYS["board"].secret, "", "a.b.c", session[:-2], session + "A", "A" * 5000, session.split(".")[1]):
        other.cookies[SESSION] = credential
        assert other.get("/probe").status_code == 303


def test_a_key_that_is_withdrawn_ends_its_sessions_and_one_that_is_changed_changes_them(guarded, keys_file):
    visitor, keys = Visitor(guarded), guarded.app.state.gate.api_keys
    visitor.signs_in(KEYS["board"].secret)

    def now(*entries):
        keys_file.write_text(yaml.safe_dump({"keys": list(entries)}), "utf-8")
        keys._file._next_look = 0
        return visitor.get("/probe").status_code

    (entry,), (other,) = yaml.safe_load(KEYS["board"].entry), yaml.safe_load(new_key("board", ["read"]).entry)
    assert now(entry) == 200
    assert now({**entry, "scopes": ["assess"]}) == 403
    assert now({**entry, "expires_on": "2020-01-01"}) == 303, "a date in quotes is none: the file cannot be used"
    assert now(yaml.safe_load("{on: 2020-01-01}")) == 303
    assert now({**entry, "expires_on": yaml.safe_load("2020-01-01")}) == 303
    assert now(other) == 303, "another key of the same name"
    assert now() == 303
    keys_file.unlink()
    keys._file._next_look = 0
    assert visitor.get("/probe").status_code == 303
    assert now(entry) == 200


def test_while_the_record_is_away_nobody_knows_who_has_signed_out_and_no_session_is_good(guarded, monkeypatch):
    visitor = Visitor(guarded)
    visitor.signs_in(KEYS["board"].secret)
    guarded.lose_the_record(monkeypatch, "The record is away.")
    assert visitor.get("/probe").status_code == 503
