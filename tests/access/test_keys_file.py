"""A keys file that is not what it should be says where, and never what stands there."""

from contextlib import suppress
from hashlib import sha256

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from service.access.keys_file import parse_keys
from service.access.watched_file import UnusableFileError

SECRET = "prrt_" + "aB1-_".ljust(43, "z")
DIGEST = sha256(SECRET.encode()).hexdigest()
ENTRY = {"name": "one", "sha256": DIGEST, "scopes": ["read"]}


def refusal(text):
    with pytest.raises(UnusableFileError) as refused:
        parse_keys(text if isinstance(text, bytes) else text.encode())
    assert refused.value.__context__ is None
    for told in (str(refused.value), repr(refused.value)):
        assert SECRET not in told
        assert DIGEST not in told
        assert DIGEST.upper() not in told
    return str(refused.value)


def entry(**other):
    told = {name: value for name, value in {**ENTRY, **other}.items() if value is not ...}
    return yaml.safe_dump({"keys": [told]})


@pytest.mark.parametrize(
    ("other", "where"),
    [
        ({"name": ...}, "keys[0].name: "),
        ({"name": SECRET}, "keys[0].name: "),
        ({"name": DIGEST}, "keys[0].name: "),
        ({"name": ""}, "keys[0].name: "),
        ({"name": "two\nlines"}, "keys[0].name: "),
        ({"name": "one\n"}, "keys[0].name: "),
        ({"name": True}, "keys[0].name: "),
        ({"sha256": ...}, "keys[0].sha256: "),
        ({"sha256": SECRET}, "keys[0].sha256: "),
        ({"sha256": DIGEST.upper() + "A"}, "keys[0].sha256: "),
        ({"sha256": DIGEST[:-1]}, "keys[0].sha256: "),
        ({"sha256": DIGEST + "\n"}, "keys[0].sha256: "),
        ({"scopes": ...}, "keys[0].scopes: "),
        ({"scopes": []}, "keys[0].scopes: "),
        ({"scopes": "read"}, "keys[0].scopes: "),
        ({"scopes": ["read", SECRET]}, "keys[0].scopes[1]: "),
        ({"expires_on": "soon"}, "keys[0].expires_on: "),
        ({"expires_on": 20270131}, "keys[0].expires_on: "),
        ({"expires_on": 0}, "keys[0].expires_on: "),
        ({"secret": SECRET}, "keys[0].?: "),
        ({SECRET: DIGEST}, "keys[0].?: "),
    ],
)
def test_an_entry_that_is_wrong_is_refused_by_its_place(other, where):
    assert refusal(entry(**other)).startswith(where)


@pytest.mark.parametrize(
    "text", ["", "5", "[]", "null", SECRET, f"{SECRET}: {DIGEST}", f"keys: {SECRET}", "keys: null", "{5: 5}"]
)
def test_a_file_that_holds_no_list_of_keys_is_refused(text):
    refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        f"keys: [{SECRET}",
        f"keys: !{SECRET} x",
        f"keys: *{DIGEST}",
        f"{SECRET}: 1\n{SECRET}: 1",
        f"keys: [{{name: one, sha256: {DIGEST}, scopes: [read], scopes: [admin]}}]",
        f"? [{SECRET}]\n: 1",
        "keys: [2027-13-45]",  # PyYAML raises errors of other kinds for this and the next two
        "keys: " + "1:" * 400 + "1.5",
        "keys: " + "9" * 5000,
        "[" * 5_000,
        b"\xff\xfe\xff",
        b"keys: \x00",
    ],
)
def test_a_file_that_is_no_yaml_is_refused(text):
    assert "is not YAML" in refusal(text)


@pytest.mark.parametrize("other", [{"sha256": "0" * 64}, {"name": "two"}])
def test_two_keys_of_one_name_or_one_digest_are_refused(other):
    what = "name" if "sha256" in other else "sha256"
    third = {**ENTRY, "name": "three", "sha256": "1" * 64}
    assert refusal(yaml.safe_dump({"keys": [ENTRY, third, {**ENTRY, **other}]})) == f"keys[0] and keys[2] have the same {what}"


def test_not_more_than_five_reasons_are_told():
    assert refusal(yaml.safe_dump({"keys": [{}, {}]})).count("Field required") == 5
    assert refusal(yaml.safe_dump({"keys": [{}, {}]})).endswith("; and more")
    assert not refusal(yaml.safe_dump({"keys": [{}]})).endswith("; and more")


def test_an_entry_may_share_what_yaml_merges():
    told = f"keys: [{{<<: {{scopes: [read]}}, name: one, sha256: {DIGEST}}}]"
    assert parse_keys(told.encode())[0].scopes == ["read"]


def test_a_read_key_is_printed_without_its_digest():
    assert DIGEST not in repr(parse_keys(entry().encode())) + str(parse_keys(entry().encode()))


@given(st.text() | st.binary())
def test_any_text_is_read_or_refused(text):
    with suppress(UnusableFileError):
        parse_keys(text if isinstance(text, bytes) else text.encode())
