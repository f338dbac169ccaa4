"""The same is recorded once: by id and by idempotency key."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from service.audit.entry import RecordUnavailableError
from service.audit.erasure import erase_patient
from tests.audit.places import about, append, draft, findings, verified


def test_a_draft_that_comes_again_is_the_entry_that_it_was(store):
    told = about("one")
    (first,) = append(store, told)
    assert store.append([about("two"), told])[1] == first
    assert verified(store).entries == 2


def test_two_drafts_of_one_key_in_one_group_are_one_entry(store):
    first, second = about("one", idempotency_key="key"), about("two", idempotency_key="key")
    entries = store.append([first, second, about("three")])
    assert entries[0] == entries[1] == store.find(first.id)
    assert store.find(second.id) is None
    assert [entry.position for entry in entries] == [1, 1, 2]
    assert findings(store) == []


def test_a_key_that_was_used_before_gives_the_entry_of_then(store):
    (first,) = append(store, about("one", idempotency_key="key"))
    assert store.append([about("one", idempotency_key="key")]) == [first]
    assert verified(store).entries == 1


def test_drafts_without_a_key_are_never_the_same(store):
    entries = store.append([about("one"), about("one")])
    assert [entry.position for entry in entries] == [1, 2]


def test_a_key_is_free_again_when_its_entry_was_erased(store):
    (first,) = append(store, about("one", idempotency_key="key"))
    erase_patient(store, "one", "tester")
    (second,) = append(store, about("one", idempotency_key="key"))
    assert second.draft.id != first.draft.id
    assert findings(store) == []


def test_a_group_of_which_a_part_is_there_already_is_completed(store):
    told = [about(name) for name in "abc"]
    (second,) = append(store, told[1])
    entries = store.append(told)
    assert [entry.draft for entry in entries] == told
    assert [entry.position for entry in entries] == [2, 1, 3]
    assert entries[1] == second


def test_nothing_appended_is_nothing_recorded(store):
    assert store.append([]) == []
    assert verified(store).entries == 0


def breaking(store, monkeypatch, times):
    """Let the connection break after the commit, so many times."""
    appending, left = store.database.appending, [None] * times

    @contextmanager
    def broken():
        with appending() as connection:
            yield connection
        if left:
            left.pop()
            raise RecordUnavailableError("broken")

    monkeypatch.setattr(store.database, "appending", broken)


def test_a_connection_that_breaks_after_the_commit_loses_and_doubles_nothing(store, monkeypatch):
    told = [about("one", idempotency_key="key"), draft("reading")]
    breaking(store, monkeypatch, 1)
    entries = store.append(told)
    assert [entry.draft for entry in entries] == told
    assert list(store.every()) == entries


def test_a_connection_that_breaks_twice_is_told_and_a_later_try_finds_the_entries(store, monkeypatch):
    told = [about("one", idempotency_key="key"), draft("reading")]
    breaking(store, monkeypatch, 2)
    with pytest.raises(RecordUnavailableError):
        store.append(told)
    assert [entry.draft for entry in store.append(told)] == told
    assert store.append([replace(told[0], id="another")])[0].draft == told[0]
    assert verified(store).entries == 2
