"""The database itself refuses to forget: by triggers, whoever speaks to it."""

# ruff: noqa: S608  # the statements are made of names that stand here

import pytest
from sqlalchemy.exc import DBAPIError

from tests.audit.places import COLUMNS, HEADER, about, append, draft, findings, verified

ERASABLE = ("patient_id", "request", "answer", "salt", "idempotency_key")
ALL_GONE = ", ".join(f"{name} = NULL" for name in ERASABLE)


@pytest.fixture
def two(store):
    """A record of an assessment, and of an entry that never had contents."""
    append(store, about("patient-1", subject="s", idempotency_key="k"), draft("reading"))
    return store


def refused(place, statement, **values):
    """The database refuses a statement in the words of the record, and nothing is different."""
    before = place.execute("SELECT * FROM entry ORDER BY position")
    with pytest.raises(DBAPIError, match="the record is append-only"):
        place.execute(statement, **values)
    assert place.execute("SELECT * FROM entry ORDER BY position") == before


def test_an_entry_is_not_deleted(two, place):
    refused(place, "DELETE FROM entry WHERE position = 2")


def test_no_entry_is_deleted_when_all_are_to_be(two, place):
    refused(place, "DELETE FROM entry")


@pytest.mark.parametrize("column", HEADER)
def test_no_column_of_the_header_is_changed(two, place, column):
    refused(place, f"UPDATE entry SET {column} = :other WHERE position = 1", other=9 if column == "position" else "9")


@pytest.mark.parametrize("column", HEADER)
def test_no_column_of_the_header_is_changed_while_contents_go(two, place, column):
    refused(place, f"UPDATE entry SET {column} = {column}, {ALL_GONE} WHERE position = 1")


@pytest.mark.parametrize("column", ERASABLE)
def test_no_contents_are_changed(two, place, column):
    other = b"9" if column in ("request", "answer", "salt") else "9"
    refused(place, f"UPDATE entry SET {column} = :other WHERE position = 1", other=other)


@pytest.mark.parametrize("column", ERASABLE)
def test_contents_do_not_go_but_as_a_whole(two, place, column):
    rest = ", ".join(f"{name} = NULL" for name in ERASABLE if name != column)
    refused(place, f"UPDATE entry SET {rest} WHERE position = 1")


@pytest.mark.parametrize("column", ERASABLE)
def test_contents_do_not_come_back(two, place, column):
    place.execute(f"UPDATE entry SET {ALL_GONE} WHERE position = 1")
    other = b"9" if column in ("request", "answer", "salt") else "9"
    refused(place, f"UPDATE entry SET {column} = :other WHERE position = 1", other=other)


def test_one_entry_among_many_is_enough_to_refuse_all(two, place):
    refused(place, "UPDATE entry SET patient_id = NULL")


def test_contents_go_as_a_whole_and_only_those(two, place):
    header = place.execute(f"SELECT {', '.join(HEADER)} FROM entry ORDER BY position")
    place.execute(f"UPDATE entry SET {ALL_GONE} WHERE position = 1")
    assert place.execute(f"SELECT {', '.join(HEADER)} FROM entry ORDER BY position") == header
    assert list(place.execute(f"SELECT {', '.join(ERASABLE)} FROM entry WHERE position = 1")[0]) == [None] * 5
    assert [position for position, _ in findings(two)] == [1]


EACH_CLASH = pytest.mark.parametrize("clashes_with", ["position", "id", "idempotency_key"])


def in_the_place_of_the_first(clashes_with):
    """What makes a copy of the first entry, with another caller, that clashes with it in one column."""
    changed = {"position": "9", "id": "'9'", "idempotency_key": "NULL", "caller": "'somebody else'", clashes_with: clashes_with}
    row = ", ".join(changed.get(name, name) for name in COLUMNS)
    return f"INTO entry ({', '.join(COLUMNS)}) SELECT {row} FROM entry WHERE position = 1"


@EACH_CLASH
def test_an_entry_that_is_there_is_not_updated_by_one_that_comes(two, place, clashes_with):
    update = f"ON CONFLICT ({clashes_with}) DO UPDATE SET caller = excluded.caller"
    refused(place, f"INSERT {in_the_place_of_the_first(clashes_with)} AND true {update}")


@EACH_CLASH
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # PostgreSQL has no such statement
def test_an_entry_that_is_there_is_not_replaced_by_one_that_comes(two, place, clashes_with):
    refused(place, f"INSERT OR REPLACE {in_the_place_of_the_first(clashes_with)}")


@EACH_CLASH
def test_no_two_entries_have_one_position_id_or_key(two, place, clashes_with):
    with pytest.raises(DBAPIError):
        place.execute(f"INSERT {in_the_place_of_the_first(clashes_with)}")
    assert verified(two).entries == 2


def test_the_table_is_not_emptied_at_once(two, place):
    if place.url is None:
        with pytest.raises(DBAPIError, match="syntax error"):  # it has no such statement
            place.execute("TRUNCATE entry")
    else:
        refused(place, "TRUNCATE entry")
        refused(place, "TRUNCATE entry, pulse CASCADE")


def test_the_tables_beside_the_record_are_there_and_may_be_written(store, place):
    ((position, at),) = place.execute("SELECT id, at FROM pulse")
    assert position == 1
    assert at.startswith("20"), "the store wrote it when it was opened"
    place.execute("INSERT INTO used_token VALUES ('digest', '2026-03-10T00:00:00.000000Z')")
    with pytest.raises(DBAPIError):
        place.execute("INSERT INTO used_token VALUES ('digest', '2027-03-10T00:00:00.000000Z')")
    place.execute("DELETE FROM used_token")
