"""`prrt-cds try`: the test patients posted to a real service as an EHR would, with and without signing."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner

from service.cli.main import app
from tests.access.issuer import ec_key, jwk, key_set
from tests.conftest import environment_with, serving

ISSUER = "https://ehr.example.org"


def run(*arguments):
    return CliRunner().invoke(app, ["try", *arguments])


@contextmanager
def answering(status, body):
    """A server that always says the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def signing(tmp_path):
    """The options that sign, and the file with the public key."""
    key = ec_key("P-384")
    private, public = tmp_path / "key.pem", tmp_path / "jwks.json"
    private.write_text(pem(key), "ascii")
    public.write_bytes(key_set(jwk(key, "ehr-1")))
    return ["--issuer", ISSUER, "--key", str(private), "--kid", "ehr-1"], public


def test_every_test_patient_is_posted_and_its_cards_are_shown(server):
    done = run(server)
    assert done.exit_code == 0
    assert done.stdout.count(": 200") == 19
    assert "CRITICAL  PRRT cycle 3: HOLD" in done.stdout
    assert "suggests: Draft an order of" in done.stdout
    assert "no cards: nothing to say" in done.stdout


def test_one_of_them_is_shown_with_its_details(server):
    done = run(server, "--only", "patient-view-skeletal", "--detail")
    assert done.stdout.count(": 200") == 1
    assert "Caveat" in done.stdout


def test_each_call_is_signed_with_a_token_of_its_own(tmp_path, signing):
    options, public = signing
    with answering(200, b"") as address:  # a port that is free afterwards
        port = int(address.rsplit(":", 1)[1])
    environment = environment_with(
        tmp_path, PRRT_CDS_ISSUERS=ISSUER, PRRT_CDS_JWKS_FILE=public, PRRT_PUBLIC_URL=f"http://127.0.0.1:{port}"
    )
    with serving(tmp_path, environment=environment, port=port) as (service, _):
        assert run(service, "--only", "order-sign", *options).exit_code == 0
        refused = run(service, "--only", "order-sign-almost")
    assert refused.exit_code == 1
    assert ": 401" in refused.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "nobody"], "No test request has that in its name"),
        (["--issuer", ISSUER], "both --issuer and --key"),
        (["--key", "key.pem"], "both --issuer and --key"),
        (["--issuer", ISSUER, "--key", "nowhere.pem"], "P-384"),
    ],
)
def test_options_that_cannot_be_used_are_named(arguments, words):
    done = run("http://127.0.0.1:9", *arguments)
    assert (done.exit_code, words in done.stderr.replace("\n", " ")) == (2, True)


def test_a_key_of_another_curve_is_refused(tmp_path):
    (tmp_path / "key.pem").write_text(pem(ec_key("P-256")), "ascii")
    assert run("http://127.0.0.1:9", "--issuer", ISSUER, "--key", str(tmp_path / "key.pem")).exit_code == 2


@pytest.mark.parametrize(
    ("status", "body"), [(404, b""), (200, b"hello"), (200, b"{}"), (200, json.dumps({"services": []}).encode())]
)
def test_what_is_no_such_service_is_told(status, body):
    with answering(status, body) as address:
        done = run(address)
    assert done.exit_code == 2
    assert "There is no CDS service of ours" in done.stderr


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://[::"])
def test_an_address_where_nobody_is_is_told(url):
    assert run(url).exit_code == 2
