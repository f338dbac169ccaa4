"""What was recorded stays as it was recorded, or verifying says where it does not."""

# ruff: noqa: S608  # the statements are made of names that stand here

import json
import zlib
from dataclasses import replace

import pytest

from service.audit.chain import verify
from service.audit.entry import BEFORE_THE_FIRST, chained
from service.audit.erasure import erase_patient
from tests.audit.places import COLUMNS, HEADER, about, append, draft, findings, verified

NOT_RECORDED = "its header is not what was recorded"
NOT_ITS_CONTENTS = "its contents are not what was recorded"
NOT_AFTER = "it does not follow from the entry before"
GONE = "its contents are gone, and no erasure names it"
OTHER = {
    "id": "another",
    "kind": "review",
    "created_at": "2020-01-01T00:00:00.000000Z",
    "caller": "somebody else",
    "subject": "another",
    "ground": '{"knowledge": null}',
    "content_sha256": "1" * 64,
    "previous_sha256": "1" * 64,
    "sha256": "1" * 64,
}


@pytest.fixture
def five(store):
    """A record of five entries."""
    append(store, *(about(f"patient-{number}", idempotency_key=str(number)) for number in range(1, 6)))
    return store


def test_an_empty_chain_holds(store):
    found = verified(store)
    assert (found.entries, found.erased, found.head, found.findings) == (0, 0, BEFORE_THE_FIRST, ())


def test_positions_count_from_one_without_gaps_and_each_entry_holds_the_digest_of_the_one_before(store):
    entries = [*append(store, about("a"), draft("reading")), *store.append([about("b"), draft("search"), about("c")])]
    assert [entry.position for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.previous_sha256 for entry in entries] == [BEFORE_THE_FIRST, *(entry.sha256 for entry in entries[:-1])]
    assert list(store.every()) == entries


def test_a_chain_as_it_was_recorded_holds_and_says_its_head(five):
    last = list(five.every())[-1]
    found = verified(five)
    assert (found.entries, found.erased, found.head, found.findings) == (5, 0, last.sha256, ())


@pytest.mark.parametrize("count", [199, 200, 201, 401])
def test_a_long_chain_is_read_as_a_whole(store, count):
    entries = store.append([draft("reading") for _ in range(count)])
    assert list(store.every()) == entries
    assert verified(store).entries == count


def test_the_same_contents_have_another_digest_in_each_entry(store):
    told = about("a")
    first, second = append(store, told, replace(told, id="another"))
    assert first.content_sha256 != second.content_sha256
    assert first.salt != second.salt
    assert len(first.salt) == len(second.salt) == 16


@pytest.mark.parametrize(("column", "position"), [*((column, 3) for column in OTHER), ("caller", 1), ("sha256", 5)])
def test_a_header_that_was_changed_is_found(five, place, column, position):
    place.tamper(f"UPDATE entry SET {column} = :other WHERE position = :position", other=OTHER[column], position=position)
    told = findings(five)
    assert (position, NOT_RECORDED) in told
    assert {place for place, _ in told} <= {position, position + 1}


def test_every_column_of_the_header_is_among_those_that_are_changed_here():
    assert {*OTHER, "position"} == set(HEADER)


def test_a_kind_that_was_changed_to_an_erasure_is_found(five, place):
    place.tamper("UPDATE entry SET kind = 'erasure' WHERE position = 3")
    assert (3, NOT_RECORDED) in findings(five)


def test_a_position_that_was_changed_is_found(five, place):
    place.tamper("UPDATE entry SET position = 7 WHERE position = 5")
    assert findings(five) == [(7, "the entries from 5 to 6 are missing"), (7, NOT_RECORDED)]


@pytest.mark.parametrize("column", ["request", "answer"])
def test_contents_that_were_changed_are_found(five, place, column):
    place.tamper(f"UPDATE entry SET {column} = :other WHERE position = 3", other=zlib.compress(b"another"))
    assert findings(five) == [(3, NOT_ITS_CONTENTS)]


@pytest.mark.parametrize("column", ["request", "answer"])
def test_contents_that_were_changed_to_what_is_not_even_compressed_are_found(five, place, column):
    place.tamper(f"UPDATE entry SET {column} = :other WHERE position = 3", other=b"another")
    assert findings(five) == [(3, NOT_ITS_CONTENTS)]


@pytest.mark.parametrize("column", ["patient_id", "request", "answer"])
def test_a_part_of_the_contents_that_is_gone_is_found(five, place, column):
    place.tamper(f"UPDATE entry SET {column} = NULL WHERE position = 3")
    assert findings(five) == [(3, NOT_ITS_CONTENTS)]


def test_a_patient_who_was_changed_is_found(five, place):
    place.tamper("UPDATE entry SET patient_id = 'patient-4' WHERE position = 3")
    assert findings(five) == [(3, NOT_ITS_CONTENTS)]


def test_a_salt_that_was_changed_is_found(five, place):
    place.tamper("UPDATE entry SET salt = :other WHERE position = 3", other=b"0" * 16)
    assert findings(five) == [(3, NOT_ITS_CONTENTS)]


def test_a_byte_that_moved_from_the_request_to_the_answer_is_found(store, place):
    (entry,) = append(store, draft(request=b"ab", answer=b"c"))
    moved = {"request": zlib.compress(b"a"), "answer": zlib.compress(b"bc")}
    place.tamper("UPDATE entry SET request = :request, answer = :answer", **moved)
    assert findings(store) == [(entry.position, NOT_ITS_CONTENTS)]


def test_an_entry_that_was_removed_from_the_middle_is_found(five, place):
    place.tamper("DELETE FROM entry WHERE position = 3")
    assert findings(five) == [(4, "the entries from 3 to 3 are missing")]


def test_a_removed_entry_whose_gap_was_closed_is_found(five, place):
    place.tamper("DELETE FROM entry WHERE position = 3", "UPDATE entry SET position = position - 1 WHERE position > 3")
    assert findings(five) == [(3, NOT_AFTER), (3, NOT_RECORDED), (4, NOT_RECORDED)]


def test_a_beginning_that_was_removed_is_found(five, place):
    place.tamper("DELETE FROM entry WHERE position <= 2")
    assert findings(five) == [(3, "the entries from 1 to 2 are missing")]


def test_a_pair_that_was_swapped_is_found(five, place):
    place.tamper(
        "UPDATE entry SET position = 9 WHERE position = 2",
        "UPDATE entry SET position = 2 WHERE position = 3",
        "UPDATE entry SET position = 3 WHERE position = 9",
    )
    assert findings(five) == [(2, NOT_AFTER), (2, NOT_RECORDED), (3, NOT_AFTER), (3, NOT_RECORDED), (4, NOT_AFTER)]


def forged(place, position, previous, **told):
    """An entry that is right in itself, put into the table by somebody who is not the service."""
    entry = chained(about("forged", **told), position, previous, b"0" * 16)
    values = {name: getattr(entry.draft, name, None) for name in COLUMNS} | {
        "request": zlib.compress(entry.draft.request),
        "answer": zlib.compress(entry.draft.answer),
        **{name: getattr(entry, name) for name in ("position", "salt", "content_sha256", "previous_sha256", "sha256")},
    }
    place.execute(f"INSERT INTO entry ({', '.join(values)}) VALUES ({', '.join(f':{name}' for name in values)})", **values)
    return entry


def test_an_entry_that_was_inserted_is_found(five, place):
    second = list(five.every())[1]
    shift = "UPDATE entry SET position = {} WHERE position = {}"
    place.tamper(*(shift.format(position + 1, position) for position in (5, 4, 3)))
    forged(place, 3, second.sha256)
    assert findings(five) == [(4, NOT_AFTER), (4, NOT_RECORDED), (5, NOT_RECORDED), (6, NOT_RECORDED)]


@pytest.mark.parametrize("position", [0, -1, -(2**63)])
def test_an_entry_that_was_inserted_before_the_first_is_found(five, place, position):
    entry = forged(place, position, BEFORE_THE_FIRST)
    assert five.find(entry.draft.id), "it would be served"
    assert position in {finding for finding, _ in findings(five)}


def test_an_entry_that_was_appended_by_somebody_who_does_not_know_the_chain_is_found(five, place):
    forged(place, 6, BEFORE_THE_FIRST)
    assert findings(five) == [(6, NOT_AFTER)]


def test_contents_that_are_gone_without_an_erasure_are_found(five, place):
    gone = ", ".join(f"{name} = NULL" for name in ("patient_id", "request", "answer", "salt", "idempotency_key"))
    place.execute(f"UPDATE entry SET {gone} WHERE position IN (2, 3)")  # which the triggers allow, as erasing does it
    assert findings(five) == [(2, GONE), (3, GONE)]
    assert verified(five).erased == 2


def test_an_erasure_excuses_only_what_it_names(five, place):
    assert erase_patient(five, "patient-2", "tester") == 1
    assert findings(five) == []
    place.tamper("UPDATE entry SET patient_id = NULL, request = NULL, answer = NULL, salt = NULL WHERE position = 3")
    assert findings(five) == [(3, GONE)]


def test_an_erasure_that_was_forged_to_name_more_is_found_and_excuses_nothing(five, place):
    erase_patient(five, "patient-2", "tester")
    answer = zlib.compress(b'{"why": "erasure of one patient", "erased": [[2, 3]]}')
    place.tamper(
        "UPDATE entry SET patient_id = NULL, request = NULL, answer = NULL, salt = NULL WHERE position = 3",
        "UPDATE entry SET answer = :answer WHERE position = 6",
        answer=answer,
    )
    assert findings(five) == [(2, GONE), (3, GONE), (6, NOT_ITS_CONTENTS)]


def test_an_erasure_whose_own_contents_are_gone_excuses_nothing(five, place):
    erase_patient(five, "patient-2", "tester")
    place.tamper("UPDATE entry SET answer = NULL, salt = NULL, request = NULL WHERE kind = 'erasure'")
    assert findings(five) == [(2, GONE), (6, GONE)]


def test_contents_that_came_back_into_an_erased_entry_are_found(five, place):
    erase_patient(five, "patient-2", "tester")
    told = {"request": zlib.compress(b"another"), "answer": zlib.compress(b"another"), "patient_id": "patient-1"}
    place.tamper("UPDATE entry SET request = :request, answer = :answer, patient_id = :patient_id WHERE position = 2", **told)
    assert 2 in {position for position, _ in findings(five)}


def test_a_tail_that_was_cut_off_leaves_a_chain_that_holds_with_another_head(five, place):
    head = verified(five).head
    place.tamper("DELETE FROM entry WHERE position > 3")
    assert findings(five) == []
    assert (verified(five).entries, verified(five).head) == (3, list(five.every())[-1].sha256)
    assert verified(five).head != head


def test_a_chain_that_was_written_anew_holds_with_another_head(five):
    entries, previous = [], BEFORE_THE_FIRST
    for entry in five.every():
        told = replace(entry.draft, caller="somebody else") if entry.position == 2 else entry.draft
        entries.append(chained(told, entry.position, previous, entry.salt))
        previous = entries[-1].sha256
    assert verify(entries).findings == ()
    assert verify(entries).head != verified(five).head


def test_findings_come_in_the_order_of_the_chain(five, place):
    gone = "UPDATE entry SET patient_id = NULL, request = NULL, answer = NULL, salt = NULL, idempotency_key = NULL"
    place.execute(f"{gone} WHERE position = 1")
    place.tamper(
        "UPDATE entry SET patient_id = 'other' WHERE position = 2",
        "UPDATE entry SET caller = 'other' WHERE position = 4",
        f"{gone} WHERE position = 5",
    )
    assert [position for position, _ in findings(five)] == [1, 2, 4, 5]


def test_an_erasure_that_names_more_than_there_is_costs_no_more_than_another(five):
    erase_patient(five, "patient-2", "tester")
    everything = {"why": "all", "erased": [[3, 10**15], [1, 2], [2, 2]]}
    append(five, draft("erasure", answer=json.dumps(everything).encode()))
    assert findings(five) == []


def test_what_was_erased_between_the_ranges_that_erasures_name_is_found():
    header = about("one")
    erased = [replace(chained(header, position, "0" * 64, b"salt"), salt=None) for position in (1, 2, 3, 4)]
    gone = [replace(entry, draft=replace(header, patient_id=None, request=b"", answer=b"")) for entry in erased]
    told = draft("erasure", answer=json.dumps({"erased": [[4, 4], [1, 2], [2, 2]]}).encode())
    found = verify([*gone, chained(told, 5, "0" * 64, b"salt")]).findings
    assert [each.position for each in found if each.what == GONE] == [3]
