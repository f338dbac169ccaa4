"""CDS services are for CDS clients alone, and nothing else is for them."""

import pytest

from service.access import SCOPES, Caller
from service.access.api_keys import new_key
from tests.access.cds_client import CLIENT, ENDPOINT, cds_token, clients
from tests.access.issuer import AUDIENCE, ISSUER, ec_key, gate, jwk, key_set, rsa_key, token

KEY = new_key("pacs", ["assess"])


@pytest.fixture
def file(tmp_path):
    """A key set in which the OIDC issuer and the CDS client have a key each."""
    path = tmp_path / "jwks.json"
    path.write_bytes(key_set(jwk(rsa_key()), jwk(ec_key("P-384"))))
    return path


@pytest.fixture
def keys(tmp_path):
    path = tmp_path / "keys.yaml"
    path.write_text(f"keys:\n{KEY.entry}", "utf-8")
    return path


def of_cds(door, credential):
    found = door.cds_caller(f"Bearer {credential}", ENDPOINT)
    return found and found.caller


def test_each_credential_opens_its_own_routes(file, keys):
    door = gate(file, api_keys_file=keys, cds_clients=clients(file))
    assert of_cds(door, cds_token()) == Caller(f"cds:{CLIENT}", frozenset())
    assert of_cds(door, cds_token("RS384")) == Caller(f"cds:{CLIENT}", frozenset())
    assert door.caller(f"Bearer {cds_token('RS384', sub='f3c1')}") is None
    for credential in (KEY.secret, token()):
        assert of_cds(door, credential) is None
        assert door.caller(f"Bearer {credential}") is not None


def test_a_token_for_one_is_none_for_the_other_even_if_one_issuer_makes_both(file):
    door = gate(file, cds_clients=clients(file, issuers=[ISSUER]))
    mine, others = cds_token("RS384", iss=ISSUER, sub="f3c1"), token(algorithm="RS384", jti="a")
    assert (of_cds(door, mine).name, door.caller(f"Bearer {mine}")) == (f"cds:{ISSUER}", None)
    assert (of_cds(door, others), door.caller(f"Bearer {others}").name) == (None, "oidc:f3c1")
    assert door.cds_caller(f"Bearer {others}", AUDIENCE) is not None, "it is the audience that tells them apart"


def test_without_cds_clients_nobody_may_call_a_cds_service(file, keys):
    for door in (gate(file), gate(api_keys_file=keys), gate()):
        for credential in (cds_token(), KEY.secret, token()):
            assert of_cds(door, credential) is None
        assert door.cds_caller(None, ENDPOINT) is None


@pytest.mark.parametrize("authorization", [None, "", "Bearer x", "anything"])
def test_with_nothing_configured_everybody_on_the_loopback_may_call_a_cds_service_and_uses_no_token_up(authorization):
    found = gate(open_on_loopback=True).cds_caller(authorization, ENDPOINT)
    assert (found.caller, found.jti) == (Caller("loopback", frozenset(SCOPES)), None)


def test_cds_clients_that_are_configured_close_the_loopback(file):
    door = gate(open_on_loopback=True, cds_clients=clients(file))
    assert (door.is_open, door.is_configured, door.problem()) == (False, True, None)
    assert door.caller(None) is None
    assert door.cds_caller(None, ENDPOINT) is None
    assert of_cds(door, cds_token()) is not None


def test_other_callers_that_are_configured_close_cds_services_on_the_loopback(keys):
    assert gate(api_keys_file=keys, open_on_loopback=True).cds_caller(None, ENDPOINT) is None


def test_while_one_source_of_callers_can_be_used_there_is_no_problem(file, keys):
    known = clients(file)
    alone, door = gate(cds_clients=known), gate(api_keys_file=keys, cds_clients=known)
    file.unlink()
    known._keys.in_file.keys._file._next_look = 0
    missing = "the file cannot be read (FileNotFoundError)"
    assert alone.problem() == f"PRRT_CDS_JWKS_FILE: {missing}"
    assert door.problem() is None
    keys.unlink()
    door.api_keys._file._next_look = 0
    assert door.problem() == f"PRRT_API_KEYS_FILE: {missing}; PRRT_CDS_JWKS_FILE: {missing}"
