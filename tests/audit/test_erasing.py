"""Erasing takes contents away for good, leaves the chain, and says what went."""

# ruff: noqa: S608  # the statements are made of names that stand here

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from service.audit.entry import RecordUnavailableError
from service.audit.erasure import erase_before, erase_patient
from tests.audit.places import COLUMNS, about, append, draft, findings, verified

CANARY = "zebra-4711-stripes"
ON_SQLITE = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def at(moment, **told):
    return about(told.pop("patient_id", CANARY), created_at=moment, **told)


def ranges(store, number=-1):
    """What an erasure says that it erased."""
    return json.loads([entry for entry in store.every() if entry.draft.kind == "erasure"][number].draft.answer)["erased"]


def in_the_table(place, word):
    """The columns in which a word stands anywhere."""
    rows = place.execute(f"SELECT {', '.join(COLUMNS)} FROM entry")
    cells = [(name, value) for row in rows for name, value in zip(COLUMNS, row, strict=True)]
    return {
        name for name, value in cells if word in (repr(bytes(value)) if isinstance(value, bytes | memoryview) else str(value))
    }


def in_the_files(place, *words):
    """The words that stand in a file of the database."""
    contents = [path.read_bytes() for path in sorted(place.folder.iterdir())]
    return {word for word in words if any(word.encode() in content for content in contents)}


def test_contents_salt_patient_and_key_of_an_erased_entry_are_gone_and_its_header_stays(store, place):
    told = about(CANARY, subject="s", idempotency_key="key")
    (before,) = append(store, told)
    assert erase_patient(store, CANARY, "tester") == 1
    after = store.find(told.id)
    assert after == replace(
        before, salt=None, draft=replace(told, patient_id=None, request=b"", answer=b"", idempotency_key=None)
    )
    assert after.is_erased
    assert not before.is_erased
    erased = place.execute("SELECT patient_id, request, answer, salt, idempotency_key FROM entry WHERE position = 1")
    assert [tuple(row) for row in erased] == [(None,) * 5]


def test_the_chain_holds_after_an_erasure_and_counts_it(store):
    append(store, about(CANARY), about("other"), about(CANARY))
    erase_patient(store, CANARY, "tester")
    found = verified(store)
    assert (found.entries, found.erased, found.findings) == (4, 2, ())
    append(store, about(CANARY))
    assert findings(store) == []


def test_everything_about_a_patient_goes_and_nothing_about_another(store):
    kinds = [draft(kind, patient_id=CANARY, request=b"r", answer=b"a") for kind in ("assessment", "review", "search", "feedback")]
    others = [
        about("other"),
        draft("reading"),
        draft("search", patient_id=f"{CANARY}-2"),
        draft("search", patient_id=CANARY[:-1]),
    ]
    append(store, kinds[0], others[0], others[1], *kinds[1:], *others[2:])
    assert erase_patient(store, CANARY, "tester") == 4
    assert [store.find(each.id, each.kind).is_erased for each in kinds] == [True] * 4
    assert [store.find(each.id, each.kind).draft for each in others] == others
    assert ranges(store) == [[1, 1], [4, 6]]


def test_an_erasure_says_why_who_and_when_and_not_of_whom(store):
    append(store, about(CANARY))
    erase_patient(store, CANARY, "command-line:operator")
    (*_, erasure) = store.every()
    assert (erasure.draft.kind, erasure.draft.caller, erasure.position) == ("erasure", "command-line:operator", 2)
    assert erasure.draft.created_at[:2] == "20"
    assert json.loads(erasure.draft.answer) == {"why": "erasure of one patient", "erased": [[1, 1]]}
    assert (erasure.draft.patient_id, erasure.draft.subject, erasure.draft.request) == (None, None, b"")
    assert CANARY not in repr(erasure)


def test_erasing_by_date_says_the_date(store):
    append(store, at("2026-03-09T23:59:59.999999Z"))
    erase_before(store, "2026-03-10", "tester")
    (*_, erasure) = store.every()
    assert json.loads(erasure.draft.answer) == {"why": "retention: before 2026-03-10", "erased": [[1, 1]]}


def test_erasing_before_a_day_leaves_the_day_itself(store):
    moments = [
        "2025-12-31T00:00:00.000000Z",
        "2026-03-09T23:59:59.999999Z",
        "2026-03-10T00:00:00.000000Z",
        "2026-03-11T12:00:00.000000Z",
    ]
    drafts = [at(moment) for moment in moments]
    append(store, *drafts)
    assert erase_before(store, "2026-03-10", "tester") == 2
    assert [store.find(each.id).is_erased for each in drafts] == [True, True, False, False]
    assert findings(store) == []


@pytest.mark.parametrize(
    "erase", [lambda store: erase_patient(store, CANARY, "tester"), lambda store: erase_before(store, "2030-01-01", "tester")]
)
def test_erasing_twice_erases_nothing_more_and_records_nothing_more(store, erase):
    append(store, at("2026-03-09T12:00:00.000000Z"))
    assert erase(store) == 1
    before = list(store.every())
    assert erase(store) == 0
    assert list(store.every()) == before


def test_erasing_what_is_not_there_records_nothing(store):
    append(store, about("other"))
    assert erase_patient(store, CANARY, "tester") == 0
    assert erase_before(store, "2020-01-01", "tester") == 0
    assert verified(store).entries == 1


def test_what_came_after_an_erasure_is_erased_by_the_next(store):
    append(store, about(CANARY))
    erase_patient(store, CANARY, "tester")
    append(store, about(CANARY))
    assert erase_patient(store, CANARY, "tester") == 1
    assert (ranges(store, 0), ranges(store, 1)) == ([[1, 1]], [[3, 3]])
    assert findings(store) == []


def test_an_erasure_is_never_erased(store, place):
    append(store, at("2026-03-09T12:00:00.000000Z"))
    erase_before(store, "2026-03-10", "tester")
    assert erase_before(store, "9999-12-31", "tester") == 0
    append(store, about("other"))
    assert erase_before(store, "9999-12-31", "tester") == 1
    assert findings(store) == []


@pytest.mark.parametrize("count", [499, 500, 501, 1001])
def test_many_entries_are_erased_at_once(store, count):
    store.append([about(CANARY) for _ in range(count)])
    assert erase_patient(store, CANARY, "tester") == count
    assert ranges(store) == [[1, count]]
    assert (verified(store).erased, findings(store)) == (count, [])


def test_nothing_of_an_erased_patient_is_left_in_any_column(store, place):
    told = [
        about(CANARY, idempotency_key="key"),
        draft("review", patient_id=CANARY, request=CANARY.encode(), answer=CANARY.encode()),
    ]
    append(store, *told, draft("search", patient_id=CANARY, request=CANARY.encode()), about("other"))
    assert in_the_table(place, CANARY) == {"patient_id"}, "the contents are compressed"
    erase_patient(store, CANARY, "tester")
    assert in_the_table(place, CANARY) == set()
    assert in_the_table(place, "other") == {"patient_id"}


def test_an_erasure_that_fails_erases_nothing(store, place):
    told = append(store, about(CANARY), about(CANARY))
    place.without_triggers()
    place.execute("ALTER TABLE entry RENAME COLUMN idempotency_key TO another")
    with pytest.raises(RecordUnavailableError):
        erase_patient(store, CANARY, "tester")
    place.execute("ALTER TABLE entry RENAME COLUMN another TO idempotency_key")
    assert list(store.every()) == told


@ON_SQLITE
def test_nothing_of_an_erased_patient_is_left_in_the_files(store, place):
    random = [f"{CANARY}-{number}" for number in range(3)]
    append(store, *(about(word, request=word.encode() * 500, answer=word.encode()) for word in random))
    compressed = [bytes(row[0])[-40:] for row in place.execute("SELECT request FROM entry")]
    assert in_the_files(place, *random) == set(random)
    for word in random:
        erase_patient(store, word, "tester")
        assert word not in in_the_files(place, word)
    contents = b"".join(path.read_bytes() for path in sorted(place.folder.iterdir()))
    assert [each for each in compressed if each in contents] == []


@ON_SQLITE
def test_nothing_of_an_erased_patient_is_left_in_the_files_of_a_record_of_many_patients(store, place, monkeypatch):
    # In this order the index of patients is split and joined so that ids move, and SQLite leaves some where they were.
    names = [f"zebra-{number * 7919 % 300:05}-stripes" for number in range(300)]
    append(store, *(about(name) for name in names))
    with monkeypatch.context() as patched:
        patched.setattr(store.database, "compact", lambda: None)  # which takes its time, and is the same each time
        for name in names[:-1]:
            erase_patient(store, name, "tester")
    erase_patient(store, names[-1], "tester")
    assert in_the_files(place, *names) == set()


@ON_SQLITE
def test_what_could_not_be_cleared_from_the_files_is_told_and_cleared_by_the_next_erasing(place, opened):
    store = place.store(opened, seconds=0.1)
    append(store, about(CANARY))
    reader = sqlite3.connect(place.folder / "record.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM entry").fetchall()  # a backup that takes its time, say
    with pytest.raises(RecordUnavailableError):
        erase_patient(store, CANARY, "tester")
    reader.close()
    erase_patient(store, CANARY, "tester")
    assert in_the_files(place, CANARY) == set()


@ON_SQLITE
def test_somebody_who_writes_while_the_files_are_cleared_is_told(place, opened, monkeypatch):
    store = place.store(opened, seconds=0.1)
    append(store, about(CANARY))
    compact = store.database.compact

    def while_somebody_writes():
        with place.engine().connect() as writer:
            writer.exec_driver_sql("BEGIN IMMEDIATE")
            compact()

    monkeypatch.setattr(store.database, "compact", while_somebody_writes)
    with pytest.raises(RecordUnavailableError):
        erase_patient(store, CANARY, "tester")
    monkeypatch.undo()
    erase_patient(store, CANARY, "tester")
    assert in_the_files(place, CANARY) == set()


@ON_SQLITE
def test_what_could_not_be_cleared_from_the_files_is_cleared_by_the_next_erasing(store, place, monkeypatch):
    append(store, about(CANARY))
    with monkeypatch.context() as patched:
        patched.setattr(store.database, "compact", interrupted)
        with pytest.raises(KeyboardInterrupt):
            erase_patient(store, CANARY, "tester")
    assert in_the_files(place, CANARY) == {CANARY}
    erase_patient(store, CANARY, "tester")
    assert in_the_files(place, CANARY) == set()


def interrupted():
    raise KeyboardInterrupt


@ON_SQLITE
def test_where_the_files_cannot_be_written_anew_for_lack_of_room_it_is_said_what_they_still_hold(store, monkeypatch):
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL

    class Cursor:
        def execute(self, _):
            raise full

    @contextmanager
    def on_a_full_disk(**_):
        yield SimpleNamespace(connection=SimpleNamespace(cursor=Cursor))

    monkeypatch.setattr(store.database, "_transaction", on_a_full_disk)
    with pytest.raises(RecordUnavailableError, match="takes as much room again"):
        store.database.compact()
