"""No token, claim or address of a CDS client stands in a repr or a log line."""

import pytest

from tests.access.cds_client import caller, cds_token, clients
from tests.access.issuer import answering, ec_key, gate, jwk, key_set, serving_keys

ZEBRA = "https://zebra.example/fhir"


@pytest.fixture
def said(tmp_path):
    """A service that knows a client from a file and an address, a token of it, and whatever of both must not be said."""
    path = tmp_path / "zebra.json"
    path.write_bytes(key_set(jwk(ec_key("P-384"), "zebra-kid")))
    text = cds_token(kid="zebra-kid", iss=ZEBRA, jti="zebra-jti", sub="zebra-sub", tenant="zebra")
    with serving_keys(answering(b"zebra", 503)) as served:
        known = clients(path, f"{served.url}/zebra", issuers=[ZEBRA])
        yield known, f"{served.url}/zebra", text, [text, *text.split("."), "zebra", served.url]


def test_no_repr_says_one(said):
    known, _, text, secrets = said
    found, keys = caller(known, text), known._keys
    assert (found.caller.name, found.jti) == (f"cds:{ZEBRA}", "zebra-jti")
    things = [known, gate(cds_clients=known), found, keys, keys.in_file, *keys.at_address.values(), keys.in_file.keys]
    things += [source.keys for source in keys.at_address.values()]
    printed = "".join(f"{thing!r}{thing}{[thing]}" for thing in things)
    assert [secret for secret in secrets if secret in printed] == []


def test_no_log_line_and_no_problem_says_one(said, log):
    known, jku, text, secrets = said
    for token in (text, text[:-4], cds_token(header={"jku": jku}, iss=ZEBRA), cds_token(header={"jku": "https://zebra.example"})):
        caller(known, token)
    known._keys.in_file.keys._file._path.unlink()
    known._keys.in_file.keys._file._next_look = 0
    assert caller(known, text) is None
    printed = log.getvalue() + known.problem()
    assert "access is refused" in printed
    assert "PRRT_CDS_JKUS: answered 503" in log.getvalue()
    assert [secret for secret in secrets if secret in printed] == []
