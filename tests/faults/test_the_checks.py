"""What the checks would notice."""

from dataclasses import replace

import pytest

from service.audit.entry import Draft, chained, new_id, now
from tests.faults.account import account
from tests.faults.breakages import BREAKAGES, broken
from tests.faults.load import Acknowledged, digest, patients
from tests.faults.syncs import answers_without_a_sync, calls, syncs_of_the_log

WAL = "/data/record.sqlite3-wal"
WRITE = f'7 pwrite64(13<{WAL}>, "..."..., 4096, 70096) = 4096'
SYNC = f"7 fdatasync(13<{WAL}>) = 0"
ANSWER = '5 write(17<socket:[526428]>, "HTTP/1.1 200 OK\\r\\ndate: S"..., 526) = 526'
LOG_LINE = '5 write(1</output>, "HTTP/1.1 200 OK"..., 244) = 244'


@pytest.fixture
def recorded():
    """Three entries, what was asked, and what was acknowledged."""
    entries, asked, acknowledged, previous = [], {}, {}, "0" * 64
    for position, each in zip(range(1, 4), patients(), strict=False):
        draft = Draft(new_id(), "assessment", now(), "test", request=each.body, answer=f"answer {position}".encode())
        entries.append(chained(draft, position, previous, b"salt"))
        previous, asked[each.key] = entries[-1].sha256, each
        acknowledged[each.key] = Acknowledged(each, draft.id, digest(draft.answer))
    return entries, asked, acknowledged


def test_a_record_with_everything_once_is_right(recorded):
    entries, asked, acknowledged = recorded
    assert (account(entries, asked, acknowledged).wrong, account(entries, asked, {}).assessments) == ({}, 3)


def test_an_acknowledged_entry_that_is_missing_is_lost(recorded):
    entries, asked, acknowledged = recorded
    assert account(entries[:2], asked, acknowledged).wrong == {"lost": (list(asked)[2],)}


def test_an_entry_with_another_answer_than_was_given_is_lost_and_breaks_the_chain(recorded):
    entries, asked, acknowledged = recorded
    other = replace(entries[2], draft=replace(entries[2].draft, answer=b"another"))
    found = account([*entries[:2], other], asked, acknowledged)
    assert found.wrong.keys() == {"lost", "chain"}


def test_an_entry_under_another_id_than_was_acknowledged_is_lost(recorded):
    entries, asked, acknowledged = recorded
    key = next(iter(asked))
    assert account(entries, asked, acknowledged | {key: replace(acknowledged[key], id=new_id())}).wrong == {"lost": (key,)}


def test_a_request_that_is_there_twice_is_doubled_and_one_that_nobody_sent_a_stray(recorded):
    entries, asked, acknowledged = recorded
    again = chained(replace(entries[0].draft, id=new_id()), 4, entries[2].sha256, b"salt")
    stray = chained(replace(entries[0].draft, id=new_id(), request=b"{}"), 5, again.sha256, b"salt")
    found = account([*entries, again, stray], asked, acknowledged)
    assert found.wrong == {"doubled": (next(iter(asked)),), "strays": (stray.draft.id,)}


def test_a_sync_between_write_and_answer_is_in_time_also_if_it_was_interrupted_in_the_trace():
    begins, ends = SYNC.replace(") = 0", " <unfinished ...>"), "7 <... fdatasync resumed>)           = 0"
    trace = calls([WRITE, SYNC, ANSWER, LOG_LINE, WRITE, begins, LOG_LINE, ends, ANSWER])
    assert (answers_without_a_sync(trace), syncs_of_the_log(trace)) == ((2, []), 2)


@pytest.mark.parametrize(
    "lines",
    [
        [WRITE, ANSWER, SYNC],
        [SYNC, WRITE, ANSWER],
        [SYNC, ANSWER],
        [WRITE, SYNC.replace("= 0", "= -1 EIO (Input/output error)"), ANSWER],
        [WRITE, SYNC.replace("7 ", "8 "), ANSWER],
        [WRITE, SYNC.replace(WAL, "/data/output"), ANSWER],
        [WRITE, SYNC.replace(") = 0", " <unfinished ...>"), ANSWER, "7 <... fdatasync resumed>)           = 0"],
        [WRITE, SYNC, WRITE, ANSWER],
    ],
    ids=[
        "after the answer",
        "before the write",
        "no write",
        "failed",
        "of another process",
        "of another file",
        "late",
        "too early",
    ],
)
def test_an_answer_without_a_sync_between_write_and_answer_is_noticed(lines):
    assert answers_without_a_sync(calls(lines)) == (1, [0])


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.what)
def test_what_a_breakage_replaces_is_there(breakage):
    with broken(breakage) as folder:
        compile((folder / "service" / breakage.module).read_text("utf-8"), breakage.module, "exec")
