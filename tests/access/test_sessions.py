"""A session ends with its credential, after 8 hours at the latest, and says nothing of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from service.access.api_keys import ApiKeys, new_key
from service.access.caller import Caller, Credential
from service.access.code_flow import Attempt
from service.access.own_tokens import MOST_BYTES, OwnTokens
from service.access.sessions import LONGEST_SECONDS, Sessions
from tests.access.issuer import Clock

SECRET = b"s" * 32
NOW = datetime.now(UTC)
BOARD = Caller("api-key:board", frozenset({"read"}))


def session(credential, now=NOW):
    sessions = Sessions(SECRET, now.timestamp)
    return sessions.session(sessions.begun(credential))


@pytest.mark.parametrize("left", [LONGEST_SECONDS / 2, LONGEST_SECONDS + 60, float("inf")])
def test_a_session_ends_with_its_credential_and_after_eight_hours_at_the_latest(left):
    begun = session(Credential(BOARD, NOW.timestamp() + left, "mark"))
    assert begun.expires_at == (NOW + timedelta(seconds=min(left, 8 * 3600))).replace(microsecond=0)
    assert (begun.caller, begun.mark) == (BOARD, "mark")


def test_a_session_that_is_over_is_none():
    assert session(Credential(BOARD, NOW.timestamp() - 1)) is None
    assert session(Credential(BOARD, float("inf")), NOW - timedelta(hours=9)) is None


def test_a_key_with_a_last_day_is_good_until_the_day_after_begins(tmp_path):
    key, lasting = new_key("board", ["read"], date(2030, 1, 2)), new_key("other", ["read"])
    (tmp_path / "keys.yaml").write_text(f"keys:\n{key.entry}{lasting.entry}", "utf-8")
    keys = ApiKeys(tmp_path / "keys.yaml", Clock(), lambda: date(2030, 1, 1))
    credential = keys.credential(key.secret)
    assert credential.expires_at == datetime(2030, 1, 2, tzinfo=UTC).timestamp()
    assert keys.credential(lasting.secret).expires_at == float("inf")
    assert keys.marked("api-key:board", credential.mark) == credential
    assert keys.marked("api-key:other", credential.mark) is None


def test_what_was_signed_for_one_purpose_or_with_one_secret_is_nothing_for_another():
    signed = OwnTokens(SECRET, "session").signed({"a": "b"}, int(NOW.timestamp()) + LONGEST_SECONDS)
    assert OwnTokens(SECRET, "session").claims(signed)["a"] == "b"
    assert OwnTokens(SECRET, "attempt").claims(signed) is None
    assert OwnTokens(b"t" * 32, "session").claims(signed) is None


@pytest.mark.parametrize("text", ["", "a.b.c", "z" * (MOST_BYTES + 1), "W1tbW1tb" * 400 + ".e30.e30", "\ud800"])
def test_what_is_no_token_is_nothing(text):
    assert OwnTokens(SECRET, "session").claims(text) is None


def test_no_repr_says_a_secret():
    begun, attempt = session(Credential(BOARD, float("inf"), "zebra-mark")), Attempt.new("/")
    printed = repr([begun, attempt, Credential(BOARD, 1, "zebra-mark"), Sessions(SECRET)])
    secrets = ["zebra", begun.id, "api-key:board", attempt.state, attempt.verifier, attempt.nonce, "sss"]
    assert [secret for secret in secrets if secret in printed] == []
