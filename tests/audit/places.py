"""Where a record is, how its store is opened, and how somebody who is not the service changes it. And drafts to put into it."""

from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, NullPool, Row, create_engine, text
from sqlalchemy.engine import make_url

from service.audit.chain import Verification, verify
from service.audit.database import FILE_NAME, Database
from service.audit.entry import Draft, Entry, new_id, now
from service.audit.store import Store

TRIGGERS = ("entry_stays", "entry_header_stays", "entry_contents_only_go")
TRIGGERS_OF_SQLITE = (*TRIGGERS, "entry_is_not_replaced")
HEADER = (
    *("position", "id", "kind", "created_at", "caller", "subject", "ground"),
    *("content_sha256", "previous_sha256", "sha256"),
)
COLUMNS = (*HEADER, "patient_id", "request", "answer", "salt", "idempotency_key")


@dataclass(frozen=True)
class Place:
    """A folder for SQLite, or the address of a PostgreSQL."""

    folder: Path
    url: str | None

    def store(self, stack: ExitStack, seconds: float = 5) -> Store:
        """One more store over this record; closed with the stack."""
        database = Database(self.folder, self.url, seconds)
        stack.callback(database.close)
        store = Store(database)
        store.open()
        return store

    def engine(self) -> Engine:
        """A way in that knows nothing of the service."""
        url = make_url(self.url).set(drivername="postgresql+psycopg") if self.url else f"sqlite:///{self.folder / FILE_NAME}"
        return create_engine(url, poolclass=NullPool)

    def execute(self, *statements: str, **values: Any) -> list[Row[Any]]:
        """Statements in one transaction; the rows of the last."""
        with self.engine().begin() as connection:
            for statement in statements:
                result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []

    def without_triggers(self) -> None:
        """Take away what keeps entries as they are."""
        if self.url is None:
            self.execute(*(f"DROP TRIGGER {name}" for name in TRIGGERS_OF_SQLITE))
        else:
            self.execute(*(f"DROP TRIGGER {name} ON entry" for name in TRIGGERS))

    def tamper(self, *statements: str, **values: Any) -> None:
        """Change what may not be changed."""
        self.without_triggers()
        self.execute(*statements, **values)


def make_bare(url: str) -> None:
    """Leave no connection to a database of PostgreSQL and no table in it. (A new database takes four times as long.)"""
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (others, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            connection.execute(statement)


def upgrade(url: str) -> None:
    """Make the tables of the record in a database of PostgreSQL."""
    with closing(Database(Path("/nowhere"), url, 30)) as database:
        database.upgrade()


def draft(kind: Any = "assessment", **told: Any) -> Draft:
    """A draft with an id of its own."""
    return Draft(**{"id": new_id(), "kind": kind, "created_at": now(), "caller": "tester", "ground": "{}", **told})


def about(patient_id: str, **told: Any) -> Draft:
    """An assessment of one patient, whose id stands in every part of it."""
    body = f'{{"patient": "{patient_id}"}}'.encode()
    return draft(**{"patient_id": patient_id, "request": body, "answer": body * 3, **told})


def append(store: Store, *drafts: Draft) -> list[Entry]:
    """Each draft in a transaction of its own."""
    return [entry for each in drafts for entry in store.append([each])]


def verified(store: Store) -> Verification:
    """The verification of the whole chain."""
    return verify(store.every())


def findings(store: Store) -> list[tuple[int, str]]:
    """What is wrong with the chain, as position and words."""
    return [(finding.position, finding.what) for finding in verified(store).findings]
