"""A FHIR server over https: only one whose certificate is vouched for gets the token, and a hospital may vouch for its own."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from service.settings import Settings
from tests.access.issuer import ec_key
from tests.cds_hooks.fhir_server import HOST, call, cards, details, kit, serving_ehr, with_server


def certificate(folder, address=HOST, days=1):
    """A file with a certificate for that address that vouches for itself, and one with its key too."""
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ehr")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, ec_key().public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(ec_key(), hashes.SHA256())
    )
    public, both = folder / "certificate.pem", folder / "both.pem"
    public.write_bytes(made.public_bytes(Encoding.PEM))
    secret = ec_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    both.write_bytes(public.read_bytes() + secret)
    return public, both


def calling(start, both):
    """What the service answers where the laboratory must be fetched over https, and whether it was."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(both)
    with serving_ehr(kit()["prefetch"], tls) as ehr:
        service = start(Settings(fhir_allowed_hosts=HOST, fhir_seconds=5))
        return call(service, with_server(kit(), ehr.base, "laboratory")), call(service, kit()), ehr


def test_a_server_for_which_nobody_vouches_gets_no_token(start, tmp_path):
    _, both = certificate(tmp_path)
    answer, _, ehr = calling(start, both)
    assert "Not used: `prefetch laboratory`" in details(answer)
    assert ehr.asked == []


@pytest.mark.parametrize("wrong", [{"address": "127.0.0.9"}, {"days": -1}], ids=["another name", "expired"])
def test_a_server_with_a_certificate_that_does_not_fit_gets_no_token(start, tmp_path, monkeypatch, wrong):
    public, both = certificate(tmp_path, **wrong)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    answer, _, ehr = calling(start, both)
    assert "Not used: `prefetch laboratory`" in details(answer)
    assert ehr.asked == []


def test_a_server_for_which_the_hospital_vouches_is_asked(start, tmp_path, monkeypatch):
    public, both = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    answer, expected, ehr = calling(start, both)
    assert cards(answer) == cards(expected)
    assert ehr.keys == ["laboratory"]
