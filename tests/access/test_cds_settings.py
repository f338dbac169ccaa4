"""Settings of CDS clients that cannot be right are refused at the start, by the name of the setting and no more."""

from pathlib import Path

import pytest

from service.access import AccessConfigurationError, CdsClients
from tests.access.cds_client import CLIENT, OTHER, PUBLIC_URL
from tests.access.issuer import ec_key, jwk, key_set

JKU, OTHER_JKU = "https://ehr.hospital.example/keys", "https://ehr.clinic.example:8443/keys"
FILE = Path("/zebra/jwks.json")


def of(issuers=(), jkus=(), jwks_file=None, audience_base=PUBLIC_URL):
    return CdsClients.of(frozenset(issuers), frozenset(jkus), jwks_file, audience_base)


@pytest.mark.parametrize("audience_base", [None, "", PUBLIC_URL])
def test_with_nothing_configured_there_are_no_cds_clients(audience_base):
    assert of(audience_base=audience_base) is None


NO_ADDRESS = "PRRT_CDS_JKUS: each must be an https address without a user"
NO_NAME = "PRRT_CDS_ISSUERS: each must be 1 to 255 printed ASCII characters without a space"
NOT_OF_A_HOST = "PRRT_CDS_JKUS: with several issuers, each address must be of the host of one of them"
WITHOUT_KEYS = (
    "PRRT_CDS_ISSUERS: each issuer needs an address of its own host in PRRT_CDS_JKUS while PRRT_CDS_JWKS_FILE is not set"
)
NO_KEYS = "PRRT_CDS_ISSUERS: set PRRT_CDS_JKUS or PRRT_CDS_JWKS_FILE too, where the keys of the issuers are"
NO_PUBLIC_URL = "PRRT_PUBLIC_URL: must be an http address, which tokens of CDS clients are meant for"


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"jkus": [JKU]}, "PRRT_CDS_JKUS: set PRRT_CDS_ISSUERS too, whose keys they are"),
        ({"jwks_file": FILE}, "PRRT_CDS_JWKS_FILE: set PRRT_CDS_ISSUERS too, whose keys they are"),
        ({"issuers": [CLIENT]}, NO_KEYS),
        *(({"issuers": [CLIENT, name], "jkus": [JKU]}, NO_NAME) for name in ("", "two words", "zebr\xe4", "a\n", "a" * 256)),
        ({"issuers": [CLIENT], "jkus": [JKU], "audience_base": None}, NO_PUBLIC_URL),
        ({"issuers": [CLIENT], "jkus": [JKU], "audience_base": ""}, NO_PUBLIC_URL),
        ({"issuers": [CLIENT], "jkus": [JKU], "audience_base": "ftp://zebra"}, NO_PUBLIC_URL),
        ({"issuers": [CLIENT], "jkus": [JKU], "audience_base": "https://u:zebra@prrt.example"}, NO_PUBLIC_URL),
        ({"issuers": [CLIENT], "jkus": [JKU, "http://zebra.example/keys"]}, NO_ADDRESS),
        ({"issuers": [CLIENT], "jkus": ["https://u:zebra@ehr.hospital.example/keys"]}, NO_ADDRESS),
        ({"issuers": [CLIENT], "jkus": ["https://zebra@ehr.hospital.example/keys"]}, NO_ADDRESS),
        ({"issuers": [CLIENT], "jkus": ["https://ehr.hospital.example /zebra"]}, NO_ADDRESS),
        ({"issuers": [CLIENT], "jkus": ["file:///zebra"]}, NO_ADDRESS),
        ({"issuers": [CLIENT], "jkus": ["/zebra"]}, NO_ADDRESS),
        ({"issuers": [CLIENT], "jkus": [""]}, NO_ADDRESS),
        ({"issuers": [CLIENT], "jkus": ["http://127.0.0.1.zebra.example/keys"]}, NO_ADDRESS),
        ({"issuers": [CLIENT, OTHER], "jkus": [JKU, OTHER_JKU, "https://zebra.example/keys"]}, NOT_OF_A_HOST),
        ({"issuers": [CLIENT, OTHER], "jkus": [JKU, "https://zebra.ehr.clinic.example/keys"]}, NOT_OF_A_HOST),
        ({"issuers": ["zebra", "urn:zebra"], "jkus": [JKU]}, NOT_OF_A_HOST),
        ({"issuers": [CLIENT, OTHER], "jkus": [JKU]}, WITHOUT_KEYS),
        ({"issuers": [CLIENT, "zebra"], "jkus": [JKU]}, WITHOUT_KEYS),
        ({"issuers": [CLIENT], "jwks_file": FILE}, "PRRT_CDS_JWKS_FILE: the file cannot be read (FileNotFoundError)"),
        ({"issuers": [CLIENT], "jwks_file": Path("/dev/null")}, "PRRT_CDS_JWKS_FILE: the path does not name a file"),
    ],
)
def test_what_cannot_be_right_is_refused(told, message):
    with pytest.raises(AccessConfigurationError) as refused:
        of(**told)
    assert str(refused.value) == message
    assert refused.value.__context__ is None


@pytest.mark.parametrize("keys", [key_set(), b"{", b""])
def test_a_file_without_a_key_is_refused(tmp_path, keys):
    path = tmp_path / "jwks.json"
    path.write_bytes(keys)
    with pytest.raises(AccessConfigurationError, match=r"^PRRT_CDS_JWKS_FILE: (is not a JSON Web Key Set|holds no key)"):
        of([CLIENT], jwks_file=path)


@pytest.mark.parametrize(
    "told",
    [
        {"issuers": [CLIENT], "jkus": [JKU]},
        {"issuers": [CLIENT], "jkus": [JKU, OTHER_JKU]},
        {"issuers": ["urn:oid:1.2.3"], "jkus": ["http://127.0.0.1:8000/keys", "http://localhost/keys", "http://[::1]/keys"]},
        {"issuers": [CLIENT, OTHER], "jkus": [JKU, OTHER_JKU.replace("clinic", "CLINIC")]},
        {"issuers": [CLIENT], "jkus": [JKU], "audience_base": "http://prrt.example:8080/cds/"},
    ],
)
def test_what_can_be_right_is_not_asked_at_the_start(told, monkeypatch):
    monkeypatch.setattr("service.access.issuer_keys.KeysAtAddress._ask_if_due", lambda _: pytest.fail("was asked"))
    assert of(**told) is not None


def test_with_a_file_an_issuer_needs_no_address_of_its_own(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_bytes(key_set(jwk(ec_key("P-384"))))
    assert of(["epic"], jwks_file=path) is not None
    assert of([CLIENT, "epic"], [JKU], path) is not None
