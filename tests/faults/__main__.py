"""`python -m tests.faults [--rounds N] [--requests N]`: kill, trace, and write docs/faults.md."""

import platform
import sqlite3
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from tests.faults import evidence
from tests.faults.breakages import BREAKAGES, Breakage, broken
from tests.faults.databases import mortal, with_tables
from tests.faults.evidence import CLIENTS, MANY_CLIENTS, Deaths, Syncs
from tests.postgres import DURABLE

ROUNDS = 20
REQUESTS = 50
ROUNDS_FOR_A_BREAKAGE = 3
# Nobody else writes the log while it is traced.
QUIET = f"{DURABLE} -c wal_writer_delay=10s -c autovacuum=off -c bgwriter_lru_maxpages=0 -c checkpoint_timeout=1h"
REPORT = Path(__file__).parents[2] / "docs" / "faults.md"
TEXT = """# Faults

Made by `make check-faults` on {day}: what the record holds after a death, and whether an entry is on the disk before its
answer is sent. Figures of one run on one machine. The faults that every run of the tests tries (a full disk; a database that is
slow, silent, cut off or restarted; two replicas; stopping) are in `tests/faults/`.

{versions}

## Deaths

SIGKILL under the load of {clients} clients, at any moment; for PostgreSQL, to all of its processes at once, with `fsync=on`.
After each, `prrt-cds audit verify` with the head from before, and every acknowledged answer is looked for byte by byte. What
failed meanwhile is sent again with its Idempotency-Key. What a killed process gave to the kernel is not lost with it: what is
on the disk, the next table shows.

| killed | record | rounds | acknowledged | of these sent again | lost | doubled | chain broken |
| --- | --- | --- | --- | --- | --- | --- | --- |
{deaths}

## Syncs

By strace on the service and, for PostgreSQL, on its processes. In time: the log was brought to the disk (fsync or fdatasync
that succeeded) after the last write of the entry to it and before the answer was sent.

| record | from one client: answers | in time | syncs | from {many} clients: answers | syncs | syncs per answer |
| --- | --- | --- | --- | --- | --- | --- |
{syncs}

{together}

## The checks notice

Copies of the service that break a promise on purpose, and what was found in each.

| broken | noticed |
| --- | --- |
{breakages}

## The image

What `make check-image` found stands in [image.md](image.md), with its day.
"""


def main() -> int:
    """0 if everything holds."""
    options = _options()
    wrong: list[str] = []
    deaths = list(_deaths(options.rounds, wrong))
    syncs = {record: _traced(record, options.requests) for record in ("SQLite", "PostgreSQL")}
    wrong += [f"{record}: {each}" for record, found in syncs.items() for each in found.wrong]
    breakages = list(_breakages(options.requests, wrong))
    text = TEXT.format(
        day=datetime.now(UTC).date(),
        versions=_versions(),
        clients=CLIENTS,
        many=MANY_CLIENTS,
        deaths="\n".join(deaths),
        syncs="\n".join(_traced_row(record, found) for record, found in syncs.items()),
        together=f"Of {MANY_CLIENTS} requests that waited for the record together: "
        + "; ".join(f"{found.waiting_syncs} syncs on {record}" for record, found in syncs.items())
        + ".",
        breakages="\n".join(breakages),
    )
    if wrong:
        sys.stderr.write(f"{text}\nDoes not hold:\n" + "".join(f"- {each}\n" for each in wrong))
        return 1
    if options.rounds < ROUNDS or options.requests < REQUESTS:
        sys.stdout.write(text)
        return 0
    REPORT.write_text(text, "utf-8")
    sys.stderr.write(f"docs/{REPORT.name} is written.\n")
    return 0


def _options():
    parser = ArgumentParser(prog="python -m tests.faults", description="What the record holds after a death.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="deaths of each kind; with fewer, print and write nothing")
    parser.add_argument("--requests", type=int, default=REQUESTS, help="requests that are traced; with fewer, as above")
    return parser.parse_args()


@contextmanager
def _place(name: str) -> Iterator[Path]:
    sys.stderr.write(f"{name}\n")
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _deaths(rounds: int, wrong: list[str]) -> Iterator[str]:
    with _place("The service is killed, SQLite") as folder:
        yield _death("service", "SQLite", rounds, evidence.deaths_of_the_service(folder, None, rounds), wrong)
    with _place("The service is killed, PostgreSQL") as folder, mortal() as server:
        found = evidence.deaths_of_the_service(folder, with_tables(server.new_database()), rounds)
        yield _death("service", "PostgreSQL", rounds, found, wrong)
    with _place("PostgreSQL is killed") as folder, mortal() as server:
        found = evidence.deaths_of_the_database(folder, with_tables(server.new_database()), server, rounds)
        yield _death("PostgreSQL", "PostgreSQL", rounds, found, wrong)


def _death(killed: str, record: str, rounds: int, found: Deaths, wrong: list[str]) -> str:
    wrong += [f"{killed} killed, {record}: {each}" for each in found.wrong]
    figures = (rounds, found.acknowledged, found.broke_off, len(found.lost), len(found.doubled), found.broken_chains)
    return f"| {killed} | {record} | {' | '.join(map(str, figures))} |"


def _traced_row(record: str, found: Syncs) -> str:
    in_time = found.sequential - len(found.unsynced)
    figures = (found.sequential, in_time, found.sequential_syncs, found.concurrent, found.concurrent_syncs)
    return f"| {record} | {' | '.join(map(str, figures))} | {found.concurrent_syncs / found.concurrent:.2f} |"


def _traced(record: str, requests: int, code: Path | None = None) -> Syncs:
    with _place(f"Traced, {record}") as folder:
        if record == "SQLite":
            return evidence.syncs(folder, None, None, requests, code)
        with mortal(QUIET) as server:
            return evidence.syncs(folder, with_tables(server.new_database()), server, requests, code)


def _breakages(requests: int, wrong: list[str]) -> Iterator[str]:
    for breakage in BREAKAGES:
        sys.stderr.write(f"Broken: {breakage.what}\n")
        try:
            found = _found_in(breakage, requests)
        except LookupError as error:
            wrong.append(str(error))
            continue
        if not found:
            wrong.append(f"nothing was noticed of {breakage.what}")
        yield f"| {breakage.what} | {found[0] if found else 'nothing'} |"


def _found_in(breakage: Breakage, requests: int) -> list[str]:
    with broken(breakage) as code:
        if breakage.noticed_by != "rounds":
            return _traced(breakage.noticed_by, requests, code).wrong
        with TemporaryDirectory() as folder:
            found = evidence.deaths_of_the_service(Path(folder), None, ROUNDS_FOR_A_BREAKAGE, code)
        told = {"acknowledged and lost": len(found.lost), "doubled": len(found.doubled)}
        return [", ".join(f"{number} {what}" for what, number in told.items() if number)] if any(told.values()) else found.wrong


def _versions() -> str:
    with mortal() as server, psycopg.connect(server.url()) as connection:
        major, minor = divmod(connection.info.server_version, 10_000)
    strace = subprocess.run(["strace", "--version"], capture_output=True, text=True, check=True).stdout.split()[3]
    libraries = ", ".join(f"{each} {version(each)}" for each in ("SQLAlchemy", "psycopg", "uvicorn"))
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, PostgreSQL {major}.{minor}, "
        f"{libraries}, strace {strace}, Linux {platform.release().partition('-')[0]}."
    )


if __name__ == "__main__":
    sys.exit(main())
