"""A database that is not there, not current or silent is told, in words that hold no value, and is not waited for."""

import os
import signal
import sqlite3
from threading import Timer
from traceback import format_exception

import pytest
from sqlalchemy import text

from service.audit.database import CHAIN_LOCK, FILE_NAME, Database
from service.audit.entry import RecordUnavailableError
from service.audit.erasure import erase_patient
from service.audit.store import BEHIND, Store
from service.settings import Settings
from tests.audit.places import Place, about, append, draft, findings, upgrade, verified

CANARY = "zebra-4711"


def unavailable(use, *how):
    """The words of a store that cannot be used; nothing that they come from is told."""
    with pytest.raises(RecordUnavailableError) as told:
        use(*how)
    assert CANARY not in f"{told.value!r}{''.join(format_exception(told.value))}"
    return str(told.value)


def every_use(store):
    """Each thing that a store can do, with a canary in it."""
    return [
        lambda: store.append([about(CANARY, idempotency_key=CANARY)]),
        lambda: store.find(CANARY),
        lambda: store.about(CANARY, "review"),
        lambda: store.of_patient(CANARY, 5),
        lambda: list(store.every()),
        lambda: erase_patient(store, CANARY, CANARY),
    ]


def test_the_words_of_a_record_without_its_table_hold_no_value(store, place):
    place.execute("ALTER TABLE entry RENAME TO another")
    for use in every_use(store):
        assert unavailable(use).startswith("The record could not be used (")
    place.execute("ALTER TABLE another RENAME TO entry")
    assert append(store, about("one"))[0].position == 1


def test_the_words_of_a_draft_that_the_database_refuses_hold_no_value(store, place):
    append(store, about("one"))
    place.execute(f"CREATE UNIQUE INDEX once ON entry (patient_id) {'' if place.url is None else 'NULLS NOT DISTINCT'}")
    append(store, about(CANARY))
    assert unavailable(store.append, [about(CANARY)]) in {
        "The record could not be used (IntegrityError).",
        "The record could not be used (UniqueViolation).",
    }
    assert verified(store).entries == 2


def test_a_draft_that_the_database_refuses_leaves_nothing_of_its_group(store, place):
    place.execute("CREATE UNIQUE INDEX once ON entry (ground)")
    unavailable(store.append, [about("one", ground="1"), about(CANARY, ground="2"), about("two", ground="1")])
    assert list(store.every()) == []


@pytest.mark.parametrize("length", [200, 260])
def test_a_caller_with_the_longest_name_that_is_let_in_is_recorded(store, length):
    told = draft(caller="oidc:".ljust(length, "x"))  # the subject of a token may have 255 characters
    assert append(store, told)[0].draft == told
    assert findings(store) == []


def test_the_longest_name_of_a_patient_is_recorded(store):
    told = about("\U0001f993" * 200)
    assert append(store, told)[0].draft == told
    assert store.of_patient("\U0001f993" * 200, 5)[0].draft == told


def test_somebody_who_holds_the_chain_is_not_waited_for_for_ever(place, opened):
    store = place.store(opened, seconds=0.2)
    append(store, about("one"))
    with place.engine().connect() as holder:
        holder.execute(text("BEGIN IMMEDIATE" if place.url is None else f"SELECT pg_advisory_lock({CHAIN_LOCK})"))
        assert unavailable(store.append, [about(CANARY)]).startswith("The record could not be used (")
        assert unavailable(store.open).startswith("The record could not be used (")
        assert len(list(store.every())) == 1, "what is there may still be read"
    assert append(store, about("two"))[0].position == 2


def test_what_was_not_committed_is_not_there(store):
    appending = store.database.appending()
    appending.__enter__().execute(text("UPDATE pulse SET at = 'never'"))
    assert not appending.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    with store.database.reading() as connection:
        assert connection.execute(text("SELECT at FROM pulse")).scalar() != "never"


def test_reading_writes_nothing(store, place):
    before = place.execute("SELECT at FROM pulse")
    with store.database.reading() as connection:
        connection.execute(text("UPDATE pulse SET at = 'never'"))
    assert place.execute("SELECT at FROM pulse") == before


def test_opening_a_record_that_is_there_changes_nothing_but_the_pulse(store, place, opened):
    append(store, about("one"))
    entries, pulse = list(store.every()), place.execute("SELECT at FROM pulse")
    again = place.store(opened)
    assert list(again.every()) == entries
    assert place.execute("SELECT at FROM pulse") > pulse
    again.database.upgrade()
    assert again.database.is_current()


def test_a_record_of_a_later_version_is_told(store, place):
    place.execute("UPDATE alembic_version SET version_num = '9999'")
    assert not store.database.is_current()
    assert unavailable(store.open)


def test_a_record_of_a_later_version_is_not_upgraded(store, place):
    place.execute("UPDATE alembic_version SET version_num = '9999'")
    assert unavailable(store.database.upgrade)


def test_what_is_written_to_sqlite_is_on_the_disk_before_it_counts(tmp_path, opened):
    store = Place(tmp_path / "record", None).store(opened)
    with store.database.reading() as connection:
        told = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


@pytest.mark.postgres
def test_what_is_written_to_postgresql_is_on_the_disk_before_it_counts_whatever_the_server_is_told(bare, opened):
    database = Database(bare.folder, bare.url, 5)
    opened.callback(database.close)
    assert bare.execute("SHOW synchronous_commit")[0][0] == "off", "as the server of the tests is started"
    with database.appending() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"


def test_an_embedded_record_is_made_with_its_folder(tmp_path, opened):
    store = Place(tmp_path / "some" / "where" / "record", None).store(opened)
    assert append(store, about("one"))[0].position == 1
    assert (tmp_path / "some" / "where" / "record" / FILE_NAME).exists()


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / CANARY).write_text("here", "utf-8")
    assert unavailable(Store(Database(tmp_path / CANARY, None, 5)).open) == "The record could not be used (FileExistsError)."


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / FILE_NAME).write_text(CANARY * 1000, "utf-8")
    store = Store(Database(tmp_path, None, 5))
    for use in (store.open, *every_use(store)):
        assert unavailable(use) == "The record could not be used (DatabaseError)."


def test_a_database_of_somebody_else_is_told(tmp_path):
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("CREATE TABLE entry (name TEXT)")
    connection.close()
    store = Store(Database(tmp_path, None, 5))
    assert unavailable(store.open) == "The record could not be used (OperationalError)."
    store.database.close()


@pytest.mark.postgres
def test_a_postgresql_without_the_tables_is_behind_until_it_is_upgraded(bare, opened):
    database = Database(bare.folder, bare.url, 5)
    opened.callback(database.close)
    store = Store(database)
    assert not database.is_current()
    assert unavailable(store.open) == BEHIND
    assert "`prrt-cds db upgrade`" in BEHIND
    assert bare.execute("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")[0][0] == 0
    database.upgrade()
    assert database.is_current()
    store.open()
    assert append(store, about("one"))[0].position == 1
    assert not bare.folder.exists()


@pytest.mark.postgres
def test_a_postgresql_that_is_not_there_is_told(tmp_path):
    store = Store(Database(tmp_path, f"postgresql://{CANARY}:{CANARY}@/{CANARY}?host={tmp_path}", 5))
    for use in (store.open, store.database.upgrade, *every_use(store)):
        assert unavailable(use) == "The record could not be used (OperationalError)."


@pytest.mark.postgres
def test_a_postgresql_whose_connections_were_cut_is_used_again(bare, opened):
    upgrade(bare.url)
    store = bare.store(opened)
    append(store, about("one"))
    bare.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert append(store, about("two"))[0].position == 2
    assert [entry.position for entry in store.every()] == [1, 2]


@pytest.mark.postgres
def test_a_postgresql_that_falls_silent_is_not_waited_for_for_ever(bare, opened):
    database = Database(bare.folder, bare.url, 0.5)
    opened.callback(database.close)
    database.upgrade()
    store = Store(database)
    with database.reading() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar()
    os.kill(backend, signal.SIGSTOP)
    rescue = Timer(20, os.kill, [backend, signal.SIGCONT])
    rescue.start()
    try:
        assert unavailable(store.find, CANARY) == "The record could not be used (OperationalError)."
        assert rescue.is_alive()
        assert append(store, about("one"))[0].position == 1, "over another connection"
    finally:
        rescue.cancel()
        os.kill(backend, signal.SIGCONT)


def test_the_settings_say_where_the_record_is(tmp_path):
    embedded = Database.of(Settings(data_dir=tmp_path))
    assert embedded.is_embedded
    embedded.upgrade()
    embedded.close()
    assert (tmp_path / FILE_NAME).exists()
    assert not Database.of(Settings(database_url="postgresql://somebody@nowhere.invalid/record")).is_embedded


@pytest.mark.parametrize(
    "url", ["postgresql://user:zebra-4711", "postgresql://user:p@host:zebra-4711/name", "zebra-4711", "mysql://zebra-4711@host/x"]
)
def test_an_address_that_cannot_be_one_is_refused_without_its_value(url):
    with pytest.raises(ValueError, match="database_url") as refused:
        Settings(database_url=url)
    words = "".join(each["msg"] for each in refused.value.errors(include_input=False))
    assert CANARY not in words
