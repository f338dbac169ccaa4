"""Texts that are not one JSON object of the contract: refused, placed, and never repeated."""

import pytest

from tests.patients import refused

PERSON = '"patient": {"id": "demo-1", "sex": "female"}'
TWICE = "stands twice; every key may stand once"


def only(text):
    refusal = refused(text)
    (one,) = refusal.refusals
    return one.pointer, one.message


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_an_empty_body_is_refused(text):
    assert only(text) == ("", "is empty; send one JSON object")


@pytest.mark.parametrize("text", ["null", "true", "5", '"canary"', "[]", "[{}]"])
def test_anything_but_an_object_is_refused(text):
    assert only(text) == ("", "must be an object")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("canary", "line 1 column 1"),
        ("{canary", "line 1 column 2"),
        ('{"a": 1,}', "line 1 column 9"),
        ('{"a": 01}', "line 1 column 8"),
        ("{\n\"a\": 'canary'}", "line 2 column 6"),
        ('{"a": "canary', "line 1 column 13"),
        ('{"a": 1} canary', "line 1 column 10"),
        ('{"a": "\\ud800"}', "line 1 column 14"),
        (b"\xff\xfe{}", "line 1 column 1"),
        (b"\xef\xbb\xbf{}", "line 1 column 1"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(text, place):
    assert only(text) == ("", f"is not valid JSON, or holds a number out of range, at {place}")


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ('{"as_of": "canary", "as_of": "2026-03-10"}', "/as_of"),
        (f'{{{PERSON}, "events": [{{}}, {{"kind": "canary", "grade": 1.5, "kind": "canary"}}]}}', "/events/1/kind"),
        (f'{{{PERSON}, "laboratory": [1, [2, {{"value": 1, "value": 1}}]]}}', "/laboratory/1/1/value"),
        ('{"patient": {"id": {"a": 1, "a": 2}, "id": 1}}', "/patient/id"),
        (f'{{{PERSON}, "plan": {{"of canary": 1, "of canary": 2}}}}', "/plan"),
        ('{"of canary": 1, "of canary": 2}', ""),
        ('{"a": 1, "a": 2', ""),  # the text after the duplicate is worse
        (f'{{"a": 1, "a": 2, "b": {"[" * 20000}{"]" * 20000}}}', ""),
    ],
)
def test_two_values_for_one_key_are_refused_and_the_key_is_named_if_it_looks_like_a_field(text, pointer):
    assert only(text) == (pointer, TWICE)


@pytest.mark.parametrize("number", ["1e99999999999999999999", "-1e-99999999999999999999", "9" * 5000, "NaN", "-Infinity"])
def test_a_key_that_stands_twice_is_found_beside_any_number(number):
    pointer, message = only(f'{{"as_of": 1, "as_of": 2, "plan": {number}}}')
    assert pointer in ("", "/as_of")
    assert message == TWICE


@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_20_000_levels_are_refused(bracket):
    assert only(bracket * 20000) == ("", "is nested too deeply")
    assert only(f'{{{PERSON}, "laboratory": {bracket * 20000}') == ("", "is nested too deeply")


def told(value):
    return (
        f'{{{PERSON}, "laboratory": [{{"analyte": "platelets", "unit": "10*9/L", "value": {value}, "taken_on": "2026-03-02"}}]}}'
    )


@pytest.mark.parametrize(
    "digits", ["0." + "3" * 5000, "1" + "0" * 17, "123.456789012345678", "1e18", "1e400000000", "1e-18", "0e-30", "-1e99"]
)
def test_more_digits_than_a_measurement_has_are_refused(digits):
    assert only(told(digits)) == ("/laboratory/0/value", "has more digits than any measurement; round it")


@pytest.mark.parametrize("digits", ["9" * 5000, "1e99999999999999999999", "-1e99999999999999999999", "1e-99999999999999999999"])
def test_a_number_beyond_every_number_is_refused_without_repeating_it(digits):
    pointer, message = only(told(digits))
    assert pointer in ("", "/laboratory/0/value")
    assert "99999" not in message


@pytest.mark.parametrize("digits", ["123.45678901234567", "1e-17", "1.0E2", "0", "-0.0", "0.00000000000000000"])
def test_as_many_digits_as_a_double_has_are_accepted(digits):
    with pytest.raises(AssertionError, match="accepted"):
        refused(told(digits))


def test_a_count_with_huge_digits_is_refused():
    assert only(f'{{{PERSON}, "performance": {{"ecog": {"9" * 40}}}}}') == ("/performance/ecog", "must be at most 4")
    assert only(f'{{{PERSON}, "performance": {{"ecog": 1e2}}}}') == ("/performance/ecog", "must be a whole number")
