"""A CDS client signs with the keys of the file, or of an address that is listed and its own; no other address is ever asked."""

import socket
from contextlib import ExitStack

import pytest

from service.access.issuer_keys import KeysAtAddress
from tests.access.cds_client import CLIENT, OTHER, caller, cds_token, clients, is_let_in
from tests.access.issuer import Clock, answering, ec_key, jwk, key_set, rsa_key, serving_keys

MINE, OTHERS = jwk(ec_key("P-384")), jwk(rsa_key())
HERE = "http://127.0.0.1:1/issuer"


@pytest.fixture
def serve():
    """Starts servers that publish the key of the client, until a test says something else."""
    with ExitStack() as stack:
        yield lambda *keys: stack.enter_context(serving_keys(answering(key_set(*(keys or [MINE])))))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_bytes(key_set(MINE))
    return path


def signed(jku, algorithm="ES384", **other):
    return cds_token(algorithm, header={"jku": jku}, **other)


def test_keys_at_a_listed_address_are_asked_for_when_a_token_names_it_and_then_kept(serve):
    served = serve()
    known = clients(None, served.url)
    assert served.asked == []
    for _ in range(5):
        assert is_let_in(known, signed(served.url))
    assert len(served.asked) == 1


def test_an_address_that_is_not_listed_is_never_asked(serve, file):
    listed, stranger = serve(), serve()
    known = clients(file, listed.url)
    for jku in (stranger.url, f"{listed.url}/", f"{listed.url}?a", listed.url.upper(), listed.url[:-1], f" {listed.url}", ""):
        assert not is_let_in(known, signed(jku))
    assert listed.asked == stranger.asked == []
    assert is_let_in(known, signed(listed.url))


@pytest.mark.parametrize("jku", [None, 5, True, [], {}, ["listed"]], ids=repr)
def test_an_address_that_is_no_text_is_nobodys_even_if_the_file_holds_the_key(serve, file, jku):
    served = serve()
    known = clients(file, served.url)
    assert not is_let_in(known, signed([served.url] if jku == ["listed"] else jku))
    assert served.asked == []


def test_a_key_of_the_file_comes_first_and_the_address_that_a_token_names_is_asked_for_no_other(serve, file):
    served = serve(OTHERS)
    known = clients(file, served.url)
    assert is_let_in(known, signed(served.url))
    assert served.asked == []
    assert is_let_in(known, signed(served.url, "RS384"))


def test_where_no_address_is_listed_the_address_that_a_token_names_is_not_looked_at(serve, file):
    served = serve(OTHERS)
    for jku in (served.url, "", None):
        assert is_let_in(clients(file), signed(jku))
        assert not is_let_in(clients(file), signed(jku, "RS384"))
    assert served.asked == []


def test_a_token_that_names_an_address_but_no_key_is_nobodys(serve, file):
    served = serve()
    assert not is_let_in(clients(file, served.url), signed(served.url, kid=None))


def test_a_token_that_names_no_address_is_signed_with_a_key_of_the_file_and_not_from_an_address(serve, file):
    served = serve(OTHERS)
    known = clients(file, served.url)
    assert is_let_in(known, signed(served.url, "RS384"))
    assert not is_let_in(known, cds_token("RS384"))
    assert is_let_in(known, cds_token())


def test_without_a_file_a_token_must_name_an_address(serve):
    served = serve()
    assert not is_let_in(clients(None, served.url), cds_token())
    assert served.asked == []


def test_a_key_of_one_address_is_not_used_for_another(serve):
    one, two = serve(), serve(OTHERS)
    known = clients(None, one.url, two.url)
    assert is_let_in(known, signed(one.url))
    assert is_let_in(known, signed(two.url, "RS384"))
    assert not is_let_in(known, signed(two.url))
    assert not is_let_in(known, signed(one.url, "RS384"))


def test_an_address_of_one_issuer_does_not_speak_for_another(serve, file):
    file.write_bytes(key_set(jwk(ec_key("P-384"), "another")))
    served = serve()
    known = clients(file, served.url, issuers=(HERE, OTHER))
    assert caller(known, signed(served.url, iss=HERE)).caller.name == f"cds:{HERE}"
    assert caller(known, signed(served.url, iss=OTHER)) is None


def test_an_address_serves_every_issuer_of_its_host_whatever_the_port(serve):
    served = serve()
    issuers = (HERE, "HTTPS://127.0.0.1/other")
    known = clients(None, served.url, issuers=issuers)
    for issuer in issuers:
        assert caller(known, signed(served.url, iss=issuer)).caller.name == f"cds:{issuer}"


@pytest.mark.parametrize("issuer", [CLIENT, "urn:oid:1.2.3", "the-only-one"])
def test_the_only_issuer_may_have_its_keys_anywhere(serve, issuer):
    served = serve()
    found = caller(clients(None, served.url, issuers=[issuer]), signed(served.url, iss=issuer))
    assert found.caller.name == f"cds:{issuer}"


def test_the_file_serves_every_issuer(file):
    known = clients(file, issuers=(CLIENT, OTHER, "epic"))
    for issuer in (CLIENT, OTHER, "epic"):
        assert caller(known, cds_token(iss=issuer)).caller.name == f"cds:{issuer}"


def test_a_redirect_of_a_listed_address_is_not_followed(serve):
    served, elsewhere = serve(), serve()
    served.answer = answering(b"", 302, Location=elsewhere.url)
    known = clients(None, served.url)
    assert not is_let_in(known, signed(served.url))
    assert elsewhere.asked == []
    assert known.problem() == "PRRT_CDS_JKUS: answered 302"


def keys_at(known, served, clock):
    """The keys at an address, with a clock that a test moves."""
    keys = known._keys.at_address[served.url].keys
    assert isinstance(keys, KeysAtAddress)
    keys._clock = clock
    return keys


def test_an_address_that_was_away_serves_a_minute_after_it_is_back(serve):
    served, clock = serve(), Clock()
    answer, served.answer = served.answer, answering(b"", 503)
    known = clients(None, served.url)
    keys_at(known, served, clock)
    assert not is_let_in(known, signed(served.url))
    assert known.problem() == "PRRT_CDS_JKUS: answered 503"
    served.answer = answer
    assert not is_let_in(known, signed(served.url))
    assert len(served.asked) == 1
    clock.passes(60)
    assert is_let_in(known, signed(served.url))
    assert known.problem() is None


def test_an_unknown_name_of_a_key_asks_an_address_at_most_once_a_minute(serve):
    served, clock = serve(), Clock()
    known = clients(None, served.url)
    keys_at(known, served, clock)
    for number in range(5):
        assert not is_let_in(known, signed(served.url, kid=f"random-{number}"))
    assert len(served.asked) == 1
    served.answer = answering(key_set(jwk(ec_key("P-384"), "rotated")))
    clock.passes(60)
    assert is_let_in(known, signed(served.url, kid="rotated"))
    assert len(served.asked) == 2


def test_a_key_set_in_a_file_is_read_again_when_it_changes(file):
    known = clients(file)
    assert is_let_in(known, cds_token())
    file.write_bytes(key_set(OTHERS))
    known._keys.in_file.keys._file._next_look = 0
    assert not is_let_in(known, cds_token())
    assert is_let_in(known, cds_token("RS384"))


def test_while_one_source_of_keys_can_be_used_there_is_no_problem(serve, file):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = [f"http://127.0.0.1:{nobody.getsockname()[1]}/{number}" for number in (1, 2)]
        known = clients(file, *away)
        for jku in away:
            assert not is_let_in(known, signed(jku, kid="another"))
        assert known.problem() is None
        assert is_let_in(known, cds_token())
        file.unlink()
        known._keys.in_file.keys._file._next_look = 0
        refused = "could not be reached (ConnectionRefusedError)"
        missing = "the file cannot be read (FileNotFoundError)"
        assert known.problem() == f"PRRT_CDS_JWKS_FILE: {missing}; PRRT_CDS_JKUS: {refused}"


def test_an_address_that_was_not_read_yet_is_read_while_somebody_looks_for_a_problem(serve):
    served = serve()
    known = clients(None, served.url)
    assert known.problem() == "PRRT_CDS_JKUS: the keys have not been read yet"
    assert known._keys.at_address[served.url].keys._answered.wait(10)
    assert known.problem() is None
