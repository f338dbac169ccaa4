"""A PostgreSQL of the tests' own: on a Unix socket, in a throw-away folder, as whoever may run one."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

# Fast, and not durable: for tests in which nothing is killed.
HASTY = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
DURABLE = "-c fsync=on -c synchronous_commit=off"  # the application must ask for synchronous commits itself


class Postgres:
    """A server that can be started, stopped and killed."""

    def __init__(self, folder: Path, options: str) -> None:
        self.folder, self._options = folder, options
        self._as_user = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", folder / "data", "-U", "app", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=50 {self._options}"
        self._run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-t", "60", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-m", mode, "-w", "stop")

    @property
    def postmaster(self) -> int:
        """The process id of the server."""
        return int((self.folder / "data" / "postmaster.pid").read_text("utf-8").splitlines()[0])

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://app@/{database}?host={self.folder}"

    @property
    def socket(self) -> str:
        return str(self.folder / ".s.PGSQL.5432")

    def new_database(self) -> str:
        """The address of a database that nobody has used."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def _run(self, program: str, *arguments: object) -> None:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self.folder)}
        command = [str(_programs() / program), *map(str, arguments)]
        subprocess.run(
            command,
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            **self._as_user,
        )


def _programs() -> Path:
    """The folder of the newest PostgreSQL on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    anywhere = shutil.which("initdb")
    if anywhere is None:
        raise RuntimeError("There is no PostgreSQL on this machine: install postgresql-15.")
    return Path(os.path.realpath(anywhere)).parent


def is_installed() -> bool:
    """Whether a PostgreSQL can be started here."""
    try:
        return (_programs() / "initdb").exists()
    except RuntimeError:
        return False


@contextmanager
def running(options: str = HASTY) -> Iterator[Postgres]:
    """A started server; stopped and gone in the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path may have 107 bytes
    try:
        server = Postgres(folder, options)
        server.start()
        try:
            yield server
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
