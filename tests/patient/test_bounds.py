"""What no patient needs is refused before it costs anything."""

from datetime import date

import pytest

from service.patient.fields import MOST_ENTRIES
from service.patient.reading import MOST_FIELDS, RefusedRequest, read_patient

TODAY = date(2026, 3, 10)


def refusals(body: bytes):
    with pytest.raises(RefusedRequest) as refused:
        read_patient(body, TODAY)
    return [(refusal.pointer, refusal.message) for refusal in refused.value.refusals]


def patient_with(laboratory: str) -> bytes:
    return f'{{"patient": {{"id": "x", "sex": "male"}}, "laboratory": [{laboratory}]}}'.encode()


def test_a_list_beyond_any_bound_is_refused_without_a_look_at_its_entries():
    body = patient_with(",".join(["{}"] * (MOST_ENTRIES + 1)))
    assert refusals(body) == [("/laboratory", f"must have at most {MOST_ENTRIES} entries")]


def test_the_longest_list_is_read():
    value = '{"analyte":"platelets","value":150,"unit":"K/uL","taken_on":"2026-03-01"}'
    state = read_patient(patient_with(",".join([value] * MOST_ENTRIES)), TODAY)
    assert len(state.laboratory) == MOST_ENTRIES


def test_a_text_with_more_fields_than_any_patient_is_refused():
    body = b"{" + b",".join(b'"a%d":0' % count for count in range(MOST_FIELDS + 1)) + b"}"
    assert refusals(body) == [("", "has more fields than any patient")]


def test_the_place_of_a_key_that_stands_twice_is_not_searched_in_a_long_text():
    body = b'{"patient": {"id": "x", "id": "y"}, "laboratory": [' + b"0," * 40_000 + b"0]}"
    assert refusals(body) == [("", "stands twice; every key may stand once")]
