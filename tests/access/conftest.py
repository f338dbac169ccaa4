"""The log as the service writes it, the time at which tokens are looked at, and a service that knows a CDS client."""

from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO

import pytest
from jwt import api_jwt

from service.access import CdsClients
from service.logs import configure_logs
from tests.access.cds_client import CLIENT, OTHER, clients
from tests.access.issuer import ec_key, ed_key, jwk, key_set, rsa_key
from tests.conftest import root_logger_kept


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Every line so far."""
    with root_logger_kept():
        with redirect_stdout(StringIO()) as text:
            configure_logs()
        yield text


@pytest.fixture
def at(monkeypatch) -> Callable[[float], None]:
    """Sets the time at which tokens are looked at. Unit: seconds."""

    def set_to(seconds):
        class Standing(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.fromtimestamp(seconds, UTC)

        monkeypatch.setattr(api_jwt, "datetime", Standing)

    return set_to


@pytest.fixture(scope="session")
def known(tmp_path_factory) -> CdsClients:
    """A service that knows of two CDS clients a key `one` of each type, and another RSA key `two`."""
    path = tmp_path_factory.mktemp("client") / "jwks.json"
    keys = [jwk(rsa_key()), jwk(ec_key("P-384")), jwk(ec_key()), jwk(ed_key()), jwk(rsa_key(2), "two")]
    path.write_bytes(key_set(*keys))
    return clients(path, issuers=(CLIENT, OTHER))
