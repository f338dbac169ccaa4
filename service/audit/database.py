"""The database under the record: SQLite in a folder, or PostgreSQL by address.

Nothing counts before it is on the disk: SQLite writes its log with `synchronous=FULL`, PostgreSQL is told to with
`synchronous_commit=on`, whatever its configuration says.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import as_file, files
from pathlib import Path
from shutil import disk_usage
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from service.audit.deadline import Deadline, watch
from service.audit.entry import RecordUnavailableError
from service.audit.tables import VERSION
from service.settings import Settings

FILE_NAME = "record.sqlite3"
NOT_CLEARED = "Erased, but somebody uses the files, which still hold what was erased: run the command again."
NO_ROOM_TO_CLEAR = (
    "Erased, but the files still hold it: to write them anew takes as much room again, in the folder SQLITE_TMPDIR too."
)
NO_ROOM = "The disk of the record is full."
SECONDS_TO_COMPACT = 3600.0  # it keeps nobody from appending
CHAIN_LOCK = 7_251_914_033  # any number that no other user of the database takes
LEAST_FREE_BYTES = 2**21  # many times what a request and its answer take


class Database:
    """Connections for reading and for appending, each bounded in time. Raises RecordUnavailableError."""

    def __init__(self, folder: Path, url: str | None, seconds: float) -> None:
        self._folder, self._seconds = folder, seconds
        self.is_embedded = url is None
        self._engine = _postgresql(url, seconds) if url else _sqlite(folder, seconds)

    @classmethod
    def of(cls, settings: Settings) -> "Database":
        """The database that the settings name."""
        url = settings.database_url.get_secret_value() if settings.database_url else None
        return cls(settings.data_dir, url, settings.record_seconds)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection in a transaction that is given up at the end."""
        with self._transaction() as connection:
            yield connection

    @contextmanager
    def appending(self) -> Iterator[Connection]:
        """A connection that alone may append to the chain; committed, and on the disk, when the block ends."""
        with self.writing() as connection:
            if not self.is_embedded:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CHAIN_LOCK})
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection that writes beside the chain; committed, and on the disk, when the block ends."""
        with self._transaction(writes=True) as connection:
            yield connection
            connection.commit()

    @contextmanager
    def _transaction(self, *, writes: bool = False, seconds: float | None = None) -> Iterator[Connection]:
        try:
            if self.is_embedded:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                with self._connected(writes) as connection:
                    yield connection
                return
            with Deadline(seconds or self._seconds).running(), self._connected(writes) as connection:
                driver_connection: Any = connection.connection.driver_connection
                watch(driver_connection)
                yield connection
        except (SQLAlchemyError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            raise RecordUnavailableError(f"The record could not be used ({type(cause).__name__}).") from None

    def _connected(self, writes: bool) -> Connection:
        return self._engine.connect().execution_options(prrt_writes=writes)

    def require_room(self) -> None:
        """See that the embedded record has room for the largest entry. Raises RecordUnavailableError."""
        with suppress(FileNotFoundError):
            if disk_usage(self._folder).free < LEAST_FREE_BYTES:
                raise RecordUnavailableError(NO_ROOM)

    def upgrade(self) -> None:
        """Bring the tables to this version of the service."""
        from alembic import command  # noqa: PLC0415  # slow to import, and most starts find the tables current
        from alembic.config import Config  # noqa: PLC0415  # as above
        from alembic.util import CommandError  # noqa: PLC0415  # as above

        try:
            with self.appending() as connection, as_file(files("service.audit").joinpath("migrations")) as folder:
                config = Config(attributes={"connection": connection})
                config.set_main_option("script_location", str(folder).replace("%", "%%"))
                config.set_main_option("path_separator", "os")
                command.upgrade(config, "head")
        except CommandError:
            raise RecordUnavailableError("The record's tables are of another version of the service.") from None

    def is_current(self) -> bool:
        """Whether the tables are those of this version of the service."""
        with self.reading() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return False
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == VERSION

    def compact(self) -> None:
        """Let nothing of what was erased stay behind in the files of the database."""
        with self._transaction(seconds=SECONDS_TO_COMPACT) as connection:
            if not self.is_embedded:
                outside = connection.execution_options(isolation_level="AUTOCOMMIT")
                outside.exec_driver_sql("SET statement_timeout = 0")
                outside.exec_driver_sql("VACUUM entry")
                outside.exec_driver_sql("RESET statement_timeout")
                return
            # secure_delete leaves what an index left behind when it moved; only writing the file anew does not
            raw = connection.connection.cursor()
            try:
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                outcome = raw.fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                    raise RecordUnavailableError(NO_ROOM_TO_CLEAR) from None
                outcome = (1,)
            if outcome and outcome[0]:  # somebody is busy with it
                raise RecordUnavailableError(NOT_CLEARED)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _sqlite(folder: Path, seconds: float) -> Engine:
    engine = create_engine(
        f"sqlite:///{folder / FILE_NAME}", hide_parameters=True, connect_args={"timeout": seconds, "isolation_level": None}
    )

    @event.listens_for(engine, "connect")
    def configure(driver_connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            driver_connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("prrt_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str, seconds: float) -> Engine:
    milliseconds = int(1000 * seconds)
    bounds = f"-c statement_timeout={milliseconds} -c idle_in_transaction_session_timeout={2 * milliseconds}"
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        isolation_level="READ COMMITTED",  # after the lock of the chain, its end is read as it is then
        pool_timeout=seconds,
        pool_size=5,
        max_overflow=5,
        connect_args={
            "connect_timeout": max(2, int(seconds)),
            "options": f"-c synchronous_commit=on {bounds}",
            "application_name": "prrt-cds",
        },
    )

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _: Any, arguments: Any, parameters: Any) -> Any:
        """A new connection is watched from the start: SQLAlchemy asks it questions before anybody else has it."""
        connection = dialect.connect(*arguments, **parameters)
        watch(connection)
        return connection

    return engine
