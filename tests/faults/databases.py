"""PostgreSQL for the tests of faults: durable, and able to die as a whole."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from sqlalchemy import text

from service.audit.database import Database
from tests.faults.processes import wait_until
from tests.postgres import DURABLE, Postgres, _programs


def with_tables(url: str) -> str:
    """The same address, its tables made."""
    database = Database(Path(), url, 30)
    database.upgrade()
    database.close()
    return url


def through(url: str, port: int) -> str:
    """The address of the same database through a TCP port."""
    name = url.removeprefix("postgresql://app@/").partition("?")[0]
    return f"postgresql://app@127.0.0.1:{port}/{name}"


class MortalPostgres(Postgres):
    """A server that is a direct child of this process."""

    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it lets somebody in."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=50 {self._options}"
        command = [str(_programs() / "postgres"), "-D", str(self.folder / "data"), *shlex.split(options)]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self.folder)}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, env=environment, start_new_session=True, **self._as_user
            )
        wait_until(self._lets_in)

    def _lets_in(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.url(), connect_timeout=5):
            return True
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text("utf-8")
        return False

    def processes(self) -> list[int]:
        """The server's process and those that it made: each is in a process group of its own."""
        assert self.process is not None
        return [self.process.pid, *children(self.process.pid)]

    def kill(self) -> None:
        """SIGKILL to all of it at the same time."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)  # so that it makes no more of them
        wait_until(lambda: state(self.process.pid) in "Tt")  # type: ignore[union-attr]
        dying = self.processes()
        for process in dying:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not any(state(process) not in "XZ" for process in dying))

    def stop(self, mode: str = "immediate") -> None:
        assert self.process is not None
        self.process.send_signal({"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
        self.process.wait(60)


def children(process: int) -> list[int]:
    """The processes that one has made."""
    try:
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()]
    except FileNotFoundError:
        return []


def state(process: int) -> str:
    """What the kernel says a process does; X if it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


@contextmanager
def mortal(options: str = DURABLE) -> Iterator[MortalPostgres]:
    """A started server that may be killed; gone in the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path may have 107 bytes
    try:
        server = MortalPostgres(folder, options)
        try:
            server.start()
            yield server
        finally:
            if server.process is not None and server.process.poll() is None:
                server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def held(folder: Path, url: str | None) -> Iterator[None]:
    """Nobody else can append to that record while the block runs."""
    database = Database(folder, url, 30)
    with database.appending() as connection:
        connection.execute(text("SELECT 1"))  # a transaction begins with its first statement
        yield
    database.close()
