"""One PostgreSQL for the tests of a worker; each test takes a database of its own in it."""

from collections.abc import Iterator

import pytest

from tests.faults.databases import MortalPostgres, mortal


@pytest.fixture(scope="session")
def postgres() -> Iterator[MortalPostgres]:
    """A durable server."""
    with mortal() as server:
        yield server
