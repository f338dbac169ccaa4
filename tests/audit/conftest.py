"""A record on SQLite and on a real PostgreSQL, and a hand that reaches around the service into both."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from service.audit.store import Store
from tests.audit.places import Place, make_bare, upgrade
from tests.postgres import Postgres, running

EACH_DATABASE = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of a worker."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def one_database(postgres) -> str:
    """The address of a database that one test after the other uses; it is made as new four times faster than a new one."""
    return postgres.new_database()


@pytest.fixture
def bare(one_database, tmp_path) -> Place:
    """A database of PostgreSQL without any tables."""
    make_bare(one_database)
    return Place(tmp_path / "record", one_database)


@pytest.fixture(params=EACH_DATABASE)
def place(request, tmp_path) -> Place:
    """Where an empty record is; PostgreSQL has the tables already."""
    if request.param == "sqlite":
        return Place(tmp_path / "record", None)
    bare = request.getfixturevalue("bare")
    upgrade(bare.url)
    return bare


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """What is to be closed in the end."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def store(place, opened) -> Store:
    """An empty record, open."""
    return place.store(opened)
