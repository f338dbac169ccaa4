"""A token of a CDS client lives for an hour at most; a minute before and after is let in, for clocks differ."""

import pytest

from tests.access.cds_client import HEADER, cds_token, forged, is_let_in

NOW = 2_000_000_000
HOUR = 3600


def test_a_token_is_let_in_up_to_a_minute_after_it_expired(known, at):
    text = cds_token(iat=NOW - 300, exp=NOW)
    for late, is_good in ((59, True), (60, False), (61, False)):
        at(NOW + late)
        assert is_let_in(known, text) is is_good


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_is_let_in_from_a_minute_before_it_was_issued_or_begins(known, at, claim):
    text = cds_token(**{"iat": NOW, claim: NOW, "exp": NOW + 300})
    for early, is_good in ((61, False), (60, True), (59, True)):
        at(NOW - early)
        assert is_let_in(known, text) is is_good


def test_a_token_lives_for_an_hour_at_most(known, at):
    at(NOW)
    assert is_let_in(known, cds_token(iat=NOW, exp=NOW + HOUR))
    assert not is_let_in(known, cds_token(iat=NOW, exp=NOW + HOUR + 1))
    assert not is_let_in(known, cds_token(iat=NOW - 10 * HOUR, exp=NOW + 1))
    assert is_let_in(known, cds_token(iat=NOW + 60, exp=NOW + 60 + HOUR))


def test_a_token_that_expired_before_it_was_issued_is_nobodys(known, at):
    at(NOW)
    assert not is_let_in(known, cds_token(iat=NOW, exp=NOW))
    assert not is_let_in(known, cds_token(iat=NOW, exp=NOW - 1))
    assert is_let_in(known, cds_token(iat=NOW, exp=NOW + 1))


@pytest.mark.parametrize("claim", ["exp", "iat"])
@pytest.mark.parametrize(
    "value", [True, "soon", [], {}, float("nan"), float("inf"), -float("inf"), 10**400, -(10**400), 1e308], ids=str
)
def test_a_time_that_is_no_number_or_no_time_is_nobodys(known, claim, value):
    assert not is_let_in(known, forged(HEADER, **{claim: value}))


def test_a_time_that_is_written_as_text_is_nobodys(known, at):
    at(NOW)
    assert is_let_in(known, forged(HEADER, iat=NOW, exp=NOW + 300.5))
    assert not is_let_in(known, forged(HEADER, iat=NOW, exp=str(NOW + 300)))
    assert not is_let_in(known, forged(HEADER, iat=str(NOW), exp=NOW + 300))


def test_a_lifetime_is_compared_however_long_its_numbers_are(known, at):
    at(NOW)
    assert not is_let_in(known, forged(HEADER, iat=NOW + 0.5, exp=10**400))
    assert not is_let_in(known, forged(HEADER, iat=-(10**400), exp=NOW + 0.5))
