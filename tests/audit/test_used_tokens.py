"""A token is used once: by one thread of one process, also after a crash, and is forgotten when it can be of no use."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from threading import Barrier
from traceback import format_exception

import pytest
from sqlalchemy import insert

from service.access.signed_token import LEEWAY_SECONDS
from service.audit.database import Database
from service.audit.entry import RecordUnavailableError
from service.audit.tables import USED_TOKEN
from service.audit.used_tokens import KEPT_LONGER, MOST_DELETED, use_token

ROOT = Path(__file__).parents[2]
CANARY = "zebra-4711"
ISSUER = "https://ehr.hospital.example/fhir"
SOON = datetime.now(UTC) + timedelta(hours=1)
WAIT = 60
USE = """
import os, sys
from datetime import datetime
from pathlib import Path
from service.audit.database import Database
from service.audit.used_tokens import use_token

folder, url, issuer, expires_at, count = sys.argv[1:]
database = Database(Path(folder), None if url == "-" else url, 30)
print("open", flush=True)
sys.stdin.readline()
for number in range(int(count)):
    print(number, use_token(database, issuer, f"token-{number}", datetime.fromisoformat(expires_at)), flush=True)
os._exit(9)
"""


def kept(place):
    """What is remembered: digests and times, by time."""
    return [tuple(row) for row in place.execute("SELECT jti_sha256, expires_at FROM used_token ORDER BY expires_at, jti_sha256")]


def remember(place, number, expires_at):
    """Write that many used tokens that are kept until then."""
    until = f"{expires_at:%Y-%m-%dT%H:%M:%S.%fZ}"
    with place.engine().begin() as connection:
        rows = [{"jti_sha256": f"old-{until}-{each}", "expires_at": until} for each in range(number)]
        connection.execute(insert(USED_TOKEN), rows)


def test_a_token_is_used_once(store, place):
    assert use_token(store.database, ISSUER, "one", SOON)
    assert not use_token(store.database, ISSUER, "one", SOON)
    assert not use_token(store.database, ISSUER, "one", SOON + timedelta(hours=1))
    assert use_token(store.database, ISSUER, "One", SOON)
    assert len(kept(place)) == 2


def test_two_issuers_may_give_one_name_to_their_tokens(store):
    assert use_token(store.database, ISSUER, "one", SOON)
    assert use_token(store.database, f"{ISSUER}/other", "one", SOON)
    assert use_token(store.database, "a", "bc", SOON)
    assert use_token(store.database, "ab", "c", SOON)
    assert use_token(store.database, "a", "b\0c", SOON)


@pytest.mark.parametrize("jti", ["", "\0", "\ud800", "\U0001f993" * 255], ids=range(4))
def test_any_text_is_the_name_of_a_token(store, jti):
    assert [use_token(store.database, ISSUER, jti, SOON) for _ in range(2)] == [True, False]


def test_what_is_kept_is_a_digest_and_until_when_in_utc(store, place):
    expires_at = datetime(2087, 3, 10, 7, 30, tzinfo=timezone(timedelta(hours=-4)))
    assert use_token(store.database, ISSUER, "one", expires_at)
    assert kept(place) == [(sha256(f"{ISSUER}\0one".encode()).hexdigest(), "2087-03-10T11:35:00.000000Z")]


def test_a_token_is_remembered_for_longer_than_it_is_let_in():
    assert timedelta(seconds=LEEWAY_SECONDS) < KEPT_LONGER


def test_a_token_that_may_be_forgotten_already_counts_as_used(store, place):
    now = datetime.now(UTC)
    assert not use_token(store.database, ISSUER, "one", now - KEPT_LONGER)
    assert kept(place) == []
    late = now - KEPT_LONGER + timedelta(seconds=WAIT)
    assert [use_token(store.database, ISSUER, "two", late) for _ in range(2)] == [True, False]


def test_tokens_that_are_of_no_use_are_forgotten_some_at_a_time_the_oldest_first(store, place):
    now = datetime.now(UTC)
    remember(place, MOST_DELETED, now - timedelta(days=2))
    remember(place, MOST_DELETED, now - timedelta(days=1))
    remember(place, 3, now + timedelta(seconds=WAIT))
    for number, left in ((1, MOST_DELETED), (2, 0), (3, 0)):
        assert use_token(store.database, ISSUER, str(number), SOON)
        assert len(kept(place)) == left + 3 + number
        assert kept(place)[0][1] > f"{now - timedelta(days=1 if left else 0):%Y-%m-%dT%H:%M}"
    assert sum(digest.startswith("old") for digest, _ in kept(place)) == 3


def test_a_token_that_comes_again_does_not_keep_others_from_being_forgotten(store, place):
    assert use_token(store.database, ISSUER, "one", SOON)
    remember(place, 1, datetime.now(UTC) - timedelta(days=1))
    assert not use_token(store.database, ISSUER, "one", SOON)
    assert len(kept(place)) == 1


def at_once(place, opened, number, jti):
    """What that many threads are told, each with a database of its own, who use one token at the same time."""
    barrier, databases = Barrier(number), [Database(place.folder, place.url, 30) for _ in range(number)]
    for database in databases:
        opened.callback(database.close)

    def run(database):
        barrier.wait(WAIT)
        return use_token(database, ISSUER, jti, SOON)

    with ThreadPoolExecutor(number) as pool:
        return sorted(pool.map(run, databases))


def test_of_several_threads_with_one_token_one_has_used_it(store, place, opened):
    for number in range(5):
        remember(place, 7, datetime.now(UTC) - timedelta(days=number + 1))
        assert at_once(place, opened, 4, str(number)) == [False, False, False, True]
    assert len(kept(place)) == 5


def test_of_several_threads_with_one_database_one_has_used_the_token(store):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: use_token(store.database, ISSUER, "one", SOON), range(20)))
    assert sorted(found) == [False] * 19 + [True]


def processes(place, number, count):
    """What each process is told about each token; they begin at the same time, and die without closing anything."""
    arguments = [str(place.folder), place.url or "-", ISSUER, SOON.isoformat(), str(count)]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", USE, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for _ in range(number)
    ]
    try:
        assert [process.stdout.readline() for process in started] == ["open\n"] * number
        for process in started:
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=WAIT)[0] for process in started]
        assert [process.returncode for process in started] == [9] * number
    finally:
        for process in started:
            process.kill()
            process.communicate()
    return [dict(line.split() for line in lines.splitlines()) for lines in said]


def test_of_several_processes_with_one_token_one_has_used_it_and_it_stays_used(store, place):
    said = processes(place, 3, 15)
    for number in range(15):
        assert sorted(each[str(number)] for each in said) == ["False", "False", "True"]
        assert not use_token(store.database, ISSUER, f"token-{number}", SOON)
    assert len(kept(place)) == 15


def test_a_token_is_not_used_while_the_record_cannot_be_written(store, place):
    place.execute("ALTER TABLE used_token RENAME TO another")
    with pytest.raises(RecordUnavailableError, match="The record could not be used") as told:
        use_token(store.database, CANARY, CANARY, SOON)
    assert CANARY not in "".join(format_exception(told.value))
    place.execute("ALTER TABLE another RENAME TO used_token")
    assert use_token(store.database, CANARY, CANARY, SOON)
