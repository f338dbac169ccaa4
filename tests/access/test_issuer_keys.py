"""The keys of the issuer: asked for seldom, within bounds, from where the settings say, and kept for a day."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.access.issuer_keys import KeysAtAddress, KeysInFile
from tests.access.issuer import ISSUER, Clock, answering, ec_key, gate, jwk, key_set, rsa_key, serving_keys, token

ONE, TWO = jwk(rsa_key(), "one"), jwk(ec_key(), "two")
DAY = 24 * 3600


@pytest.fixture
def issuer():
    """A server that publishes the key `one`, until a test says something else."""
    with serving_keys(answering(key_set(ONE))) as served:
        yield served


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(issuer, clock):
    return KeysAtAddress(issuer.url, 5, clock)


def settled(keys):
    """Waits for whoever is asking."""
    assert keys._answered.wait(10)
    return keys


def test_keys_are_asked_for_when_one_is_needed_and_then_kept(keys, issuer):
    assert issuer.asked == []
    for _ in range(10):
        assert [key.kid for key in keys.of_kid("one")] == ["one"]
    assert len(issuer.asked) == 1


def test_the_issuer_is_told_who_asks_and_for_what(keys, issuer):
    keys.of_kid("one")
    ((path, headers),) = issuer.asked
    assert path == "/keys"
    assert headers.items() >= {"Accept": "application/json", "User-Agent": "prrt-cds", "Accept-Encoding": "identity"}.items()
    assert not {"Cookie", "Authorization"} & set(headers)


def test_an_unknown_name_asks_again_at_most_once_a_minute(keys, issuer, clock):
    keys.of_kid("one")
    for number in range(10):
        assert keys.of_kid(f"random-{number}") == ()
    assert len(issuer.asked) == 1
    clock.passes(59.9)
    assert keys.of_kid("random") == ()
    assert len(issuer.asked) == 1
    clock.passes(0.1)
    assert keys.of_kid("random") == ()
    assert keys.of_kid("random") == ()
    assert len(issuer.asked) == 2


def test_a_new_key_is_known_after_a_minute_and_an_old_one_is_gone(keys, issuer, clock):
    keys.of_kid("one")
    issuer.answer = answering(key_set(TWO))
    assert keys.of_kid("two") == ()
    clock.passes(60)
    assert len(keys.of_kid("two")) == 1
    assert keys.of_kid("one") == ()


def test_keys_are_asked_for_again_after_ten_minutes_while_the_old_ones_serve(keys, issuer, clock):
    keys.of_kid("one")
    clock.passes(599.9)
    keys.of_kid("one")
    assert len(issuer.asked) == 1
    issuer.answer = answering(key_set(TWO))
    clock.passes(0.1)
    keys.of_kid("one")
    assert settled(keys).of_kid("one") == ()
    assert len(issuer.asked) == 2


def test_keys_serve_for_a_day_without_the_issuer_and_no_longer(keys, issuer, clock, log):
    keys.of_kid("one")
    issuer.answer = answering(b"", 503)
    clock.passes(DAY)
    assert len(keys.of_kid("one")) == 1
    assert len(settled(keys).of_kid("one")) == 1
    assert keys.problem() is None
    clock.passes(0.1)
    assert keys.of_kid("one") == ()
    assert keys.problem() == "PRRT_OIDC_JWKS: answered 503"
    assert "issuer keys not read" in log.getvalue()
    issuer.answer = answering(key_set(ONE))
    clock.passes(60)
    assert len(keys.of_kid("one")) == 1
    assert keys.problem() is None


def test_an_issuer_that_publishes_no_key_any_more_has_revoked_them(keys, issuer, clock):
    keys.of_kid("one")
    issuer.answer = answering(key_set())
    clock.passes(60)
    assert keys.of_kid("two") == ()
    assert keys.of_kid("one") == ()
    assert keys.problem() == "PRRT_OIDC_JWKS: holds no key that may sign a token"


def test_looking_for_a_problem_asks_the_issuer_and_does_not_wait(keys, issuer):
    assert keys.problem() == "PRRT_OIDC_JWKS: the keys have not been read yet"
    assert settled(keys).problem() is None
    assert len(issuer.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(keys, issuer, status):
    with serving_keys(answering(key_set(ONE))) as elsewhere:
        issuer.answer = answering(b"", status, Location=elsewhere.url)
        assert keys.of_kid("one") == ()
        assert elsewhere.asked == []
    assert keys.problem() == f"PRRT_OIDC_JWKS: answered {status}"


@pytest.mark.parametrize("status", [201, 204, 400, 401, 404, 500])
def test_only_an_answer_that_is_ok_is_read(keys, issuer, status):
    issuer.answer = answering(b"" if status == 204 else key_set(ONE), status)
    assert keys.of_kid("one") == ()
    assert keys.problem() == f"PRRT_OIDC_JWKS: answered {status}"


def test_an_answer_of_exactly_the_largest_size_is_read(keys, issuer):
    issuer.answer = answering(key_set(ONE).ljust(262_144))
    assert len(keys.of_kid("one")) == 1


@pytest.mark.parametrize("length", ["262145", "999999999999"])
def test_a_larger_answer_is_not_read(keys, issuer, length):
    issuer.answer = answering(key_set(ONE).ljust(262_145), Content_Length=length)
    assert keys.of_kid("one") == ()
    assert keys.problem() == "PRRT_OIDC_JWKS: answered more than 262144 bytes"


def test_an_answer_without_an_end_is_not_read(keys, issuer):
    def endless(request):
        request.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        while True:
            request.wfile.write(b" " * 65_536)

    issuer.answer = endless
    assert keys.of_kid("one") == ()
    assert keys.problem() == "PRRT_OIDC_JWKS: answered more than 262144 bytes"


def test_an_answer_that_breaks_off_is_not_read(keys, issuer):
    issuer.answer = answering(key_set(ONE), Content_Length="5000")
    assert keys.of_kid("one") == ()
    assert keys.problem() == "PRRT_OIDC_JWKS: answered only a part"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"keys": 5}'])
def test_an_answer_that_is_no_key_set_is_not_used(keys, issuer, body):
    issuer.answer = answering(body)
    assert keys.of_kid("one") == ()
    assert keys.problem() == "PRRT_OIDC_JWKS: is not a JSON Web Key Set"


def test_an_answer_that_is_no_http_is_not_used(keys, issuer):
    issuer.answer = lambda request: request.wfile.write(b"SSH-2.0-OpenSSH\r\n")
    assert keys.of_kid("one") == ()
    assert keys.problem() == "PRRT_OIDC_JWKS: could not be reached (BadStatusLine)"


def test_nobody_listens(clock):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        keys = KeysAtAddress(f"http://127.0.0.1:{nobody.getsockname()[1]}/keys?secret=zebra", 5, clock)
        assert keys.of_kid("one") == ()
    assert keys.problem() == "PRRT_OIDC_JWKS: could not be reached (ConnectionRefusedError)"


def test_plain_http_is_not_spoken_to_an_https_address(issuer, clock, monkeypatch):
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.delenv("https_proxy", raising=False)
    keys = KeysAtAddress(issuer.url.replace("http:", "https:"), 5, clock)
    assert keys.of_kid("one") == ()
    assert keys.problem() == "PRRT_OIDC_JWKS: could not be reached (SSLError)"


def waiting(until, first=b"", pause=0.02):
    """An answer that never comes to its end, a byte after the other, until the event is set."""

    def answer(request):
        request.wfile.write(first)
        while not until.wait(pause):
            if first:
                request.wfile.write(b" ")

    return answer


@pytest.fixture
def release():
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("first", [b"", b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\nX-Slow: "])
def test_an_answer_that_is_too_slow_is_not_waited_for(issuer, clock, release, first):
    issuer.answer = waiting(release, first)
    keys = KeysAtAddress(issuer.url, 0.2, clock)
    before = time.monotonic()
    assert keys.of_kid("one") == ()
    assert time.monotonic() - before < 2
    assert keys.problem() is not None
    release.set()
    settled(keys)


@pytest.mark.parametrize(
    ("first", "reason"), [(b"", "could not be reached (TimeoutError)"), (b"HTTP/1.0 200 OK\r\n\r\n", "answered too slowly")]
)
def test_whoever_asks_gives_up_in_the_end(issuer, clock, release, first, reason):
    issuer.answer = waiting(release, first)
    keys = KeysAtAddress(issuer.url, 0.2, clock)
    keys.of_kid("one")
    assert settled(keys).problem() == f"PRRT_OIDC_JWKS: {reason}"


def test_while_somebody_asks_nobody_else_does_and_known_keys_serve_without_waiting(issuer, clock, release):
    keys = KeysAtAddress(issuer.url, 0.5, clock)
    keys.of_kid("one")
    issuer.answer = waiting(release, b"HTTP/1.0 200 OK\r\nX-Slow: ")
    clock.passes(600)
    before = time.monotonic()
    for _ in range(20):
        clock.passes(60)
        assert len(keys.of_kid("one")) == 1
    assert time.monotonic() - before < 0.5
    assert len([thread for thread in threading.enumerate() if thread.name == "issuer-keys"]) == 1
    assert keys.of_kid("two") == ()
    assert len(issuer.asked) <= 2
    release.set()
    settled(keys)


def test_many_threads_that_need_the_first_keys_ask_once_and_all_get_them(keys, issuer):
    answer = issuer.answer
    issuer.answer = lambda request: (time.sleep(0.1), answer(request))
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(keys.of_kid, ["one"] * 64))
    assert all(len(each) == 1 for each in found)
    assert len(issuer.asked) == 1


def test_a_proxy_of_the_environment_is_not_used_for_the_loopback(keys, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert len(keys.of_kid("one")) == 1


def test_a_proxy_of_the_environment_is_used_for_https(issuer, clock, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", issuer.url)
    keys = KeysAtAddress("https://login.hospital.example/keys", 5, clock)
    assert keys.of_kid("one") == ()
    assert keys.problem() == "PRRT_OIDC_JWKS: could not be reached (OSError)"


def test_a_token_of_a_rotated_key_opens_after_a_minute(issuer, clock):
    door = gate(oidc_issuer=ISSUER, oidc_jwks=issuer.url, oidc_allowed_hosts=frozenset({"127.0.0.1"}))
    door.tokens._keys._clock = clock
    assert door.caller(f"Bearer {token(kid='one')}") is not None
    rotated = f"Bearer {token(ec_key(), 'ES256', 'two')}"
    issuer.answer = answering(key_set(ONE, TWO))
    assert door.caller(rotated) is None
    clock.passes(60)
    assert door.caller(rotated) is not None
    assert door.problem() is None


def test_a_key_set_in_a_file_is_read_again_when_it_changes(tmp_path, clock):
    path = tmp_path / "jwks.json"
    path.write_bytes(key_set(ONE))
    keys = KeysInFile(path, clock)
    assert (len(keys.of_kid("one")), len(keys.of_kid("two"))) == (1, 0)
    path.write_bytes(key_set(TWO))
    clock.passes(1)
    assert (len(keys.of_kid("one")), len(keys.of_kid("two"))) == (0, 1)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "is not a JSON Web Key Set"),
        (key_set(), "holds no key that may sign a token"),
        (key_set(ONE).ljust(262_145), "the file is larger than 262144 bytes"),
        (None, "the file cannot be read (FileNotFoundError)"),
    ],
)
def test_a_key_set_in_a_file_that_cannot_be_used_opens_nothing(tmp_path, clock, body, reason):
    path = tmp_path / "jwks.json"
    path.write_bytes(key_set(ONE))
    keys = KeysInFile(path, clock)
    assert keys.problem() is None
    path.unlink() if body is None else path.write_bytes(body)
    clock.passes(1)
    assert keys.of_kid("one") == ()
    assert keys.problem() == f"PRRT_OIDC_JWKS: {reason}"
