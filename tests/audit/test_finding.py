"""What was recorded is found again: by id, by key, by patient, by what it is about."""

import pytest

from service.audit.erasure import erase_patient
from tests.audit.places import about, append, draft


def ids(entries):
    return [entry.draft.id for entry in entries]


@pytest.fixture
def nine(store):
    """Seven assessments of one patient, with an assessment of another and a search between them."""
    drafts = [about("one", id=f"a{number}") for number in range(1, 8)]
    append(store, *drafts[:3], about("two", id="b1"), draft("search", id="s1", patient_id="one"), *drafts[3:])
    return store


def test_an_entry_is_found_by_its_id_and_its_kind(store):
    entries = append(store, about("one"), draft("review"))
    assert store.find(entries[0].draft.id) == entries[0]
    assert store.find(entries[1].draft.id) is None
    assert store.find(entries[1].draft.id, "review") == entries[1]
    assert store.find("another") is None


@pytest.mark.parametrize("entry_id", ["", "0" * 300, "%", "'; DROP TABLE entry; --", "\u2028\U0001f993"])
def test_what_is_no_id_is_simply_not_there(store, entry_id):
    assert store.find(entry_id) is None


def test_the_assessments_of_a_patient_come_latest_first(nine):
    assert ids(nine.of_patient("one", 100)) == ["a7", "a6", "a5", "a4", "a3", "a2", "a1"]
    assert ids(nine.of_patient("two", 100)) == ["b1"]
    assert nine.of_patient("three", 100) == []


def test_the_assessments_of_a_patient_come_in_parts(nine):
    assert ids(nine.of_patient("one", 3)) == ["a7", "a6", "a5"]
    assert ids(nine.of_patient("one", 3, after="a5")) == ["a4", "a3", "a2"]
    assert ids(nine.of_patient("one", 3, after="a2")) == ["a1"]
    assert nine.of_patient("one", 3, after="a1") == []


@pytest.mark.parametrize("after", ["b1", "another"])
def test_nothing_comes_after_what_is_not_of_the_patient(nine, after):
    assert nine.of_patient("one", 3, after=after) == []


def test_the_assessments_of_an_erased_patient_are_not_found(nine):
    erase_patient(nine, "one", "tester")
    assert nine.of_patient("one", 100) == []
    assert ids(nine.of_patient("two", 100)) == ["b1"]


def test_what_is_about_an_assessment_comes_earliest_first(store):
    reviews = [draft("review", subject="a") for _ in range(3)]
    append(store, reviews[0], draft("reading", subject="a"), draft("review", subject="b"), *reviews[1:])
    assert [entry.draft for entry in store.about("a", "review")] == reviews
    assert store.about("c", "review") == []
