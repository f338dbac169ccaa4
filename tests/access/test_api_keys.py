"""An API key is known by its digest, until it expires or its entry goes."""

import hashlib
import hmac
import os
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import yaml

from service.access import Caller, api_keys
from service.access.api_keys import ApiKeys, new_key
from service.access.keys_file import parse_keys
from tests.access.issuer import Clock


def file_of(tmp_path, *keys):
    path = tmp_path / "keys.yaml"
    path.write_text("keys:\n" + "".join(key.entry for key in keys), "utf-8")
    return path


def caller(tmp_path, key, secret=None, **how):
    return ApiKeys(file_of(tmp_path, key), **how).caller(key.secret if secret is None else secret)


def test_a_key_that_was_made_opens_with_its_scopes(tmp_path):
    key = new_key("pacs-bridge", ["read", "assess"])
    assert caller(tmp_path, key) == Caller("api-key:pacs-bridge", frozenset({"assess", "read"}))


def test_a_key_is_prrt_and_43_url_safe_characters_of_which_none_comes_twice():
    secrets = {new_key("one", ["read"]).secret for _ in range(50)}
    assert len(secrets) == 50
    assert all(re.fullmatch(r"prrt_[A-Za-z0-9_-]{43}", secret) for secret in secrets)


def test_the_entry_holds_the_digest_of_the_whole_key_and_not_the_key():
    key = new_key("one", ["admin", "read"], date(2027, 1, 31))
    digest = hashlib.sha256(key.secret.encode()).hexdigest()
    expected = {"name": "one", "sha256": digest, "scopes": ["read", "admin"], "expires_on": date(2027, 1, 31)}
    assert yaml.safe_load(key.entry) == [expected]
    assert key.secret not in key.entry


@pytest.mark.parametrize(
    ("name", "scopes", "where"),
    [("two words", ["read"], "name"), ("a" * 41, ["read"], "name"), ("one", [], "scopes"), ("one", ["write"], "scopes[0]")],
)
def test_a_key_that_the_file_would_refuse_is_not_made(name, scopes, where):
    with pytest.raises(ValueError, match=re.escape(where)) as refused:
        new_key(name, scopes)
    assert refused.value.__context__ is None
    assert name == "one" or name not in str(refused.value)


def test_a_name_of_40_characters_is_not_too_long(tmp_path):
    assert caller(tmp_path, new_key("a" * 40, ["read"])).name == "api-key:" + "a" * 40


@pytest.mark.parametrize("end", [-1, 1])
def test_a_key_of_another_length_is_nobodys(tmp_path, end):
    key = new_key("one", ["read"])
    assert caller(tmp_path, key, (key.secret + "A")[: 48 + end]) is None


def test_another_key_is_nobodys(tmp_path):
    assert caller(tmp_path, new_key("one", ["read"]), new_key("one", ["read"]).secret) is None


def test_a_key_that_somebody_chose_is_nobodys_even_if_its_digest_is_in_the_file(tmp_path):
    path = tmp_path / "keys.yaml"
    path.write_text(f"keys: [{{name: one, sha256: {hashlib.sha256(b'prrt_sesame').hexdigest()}, scopes: [read]}}]", "utf-8")
    assert ApiKeys(path).caller("prrt_sesame") is None


def test_a_key_is_refused_from_the_day_on_which_it_expires(tmp_path):
    key = new_key("one", ["read"], date(2027, 1, 31))
    assert caller(tmp_path, key, today=lambda: date(2027, 1, 30)) is not None
    assert caller(tmp_path, key, today=lambda: date(2027, 1, 31)) is None
    assert caller(tmp_path, key, today=lambda: date(2027, 2, 1)) is None


def test_today_is_the_day_in_utc(tmp_path):
    today = datetime.now(UTC).date()
    assert caller(tmp_path, new_key("one", ["read"], today - timedelta(days=1))) is None
    assert caller(tmp_path, new_key("one", ["read"], today + timedelta(days=2))) is not None


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_key_is_compared_with_every_digest_in_constant_time_wherever_it_stands(tmp_path, monkeypatch, which):
    keys = [new_key(name, ["read"]) for name in ("one", "two", "three")]
    compared = []

    def compare(first, second):
        compared.append({first, second})
        return hmac.compare_digest(first, second)

    monkeypatch.setattr(api_keys, "compare_digest", compare)
    found = ApiKeys(file_of(tmp_path, *keys)).caller(keys[which].secret)
    assert found.name == f"api-key:{('one', 'two', 'three')[which]}"
    told = hashlib.sha256(keys[which].secret.encode()).hexdigest()
    assert compared == [{told, entry["sha256"]} for key in keys for entry in yaml.safe_load(key.entry)]


def test_a_key_is_rotated_and_revoked_without_a_restart_within_a_second(tmp_path):
    old, new, clock = new_key("one", ["read"]), new_key("one-b", ["read"]), Clock()
    keys = ApiKeys(file_of(tmp_path, old), clock)
    assert keys.caller(new.secret) is None
    file_of(tmp_path, old, new)
    clock.passes(0.999)
    assert keys.caller(new.secret) is None
    clock.passes(0.001)
    assert keys.caller(new.secret) is not None
    assert keys.caller(old.secret) is not None
    file_of(tmp_path, new)
    clock.passes(1)
    assert keys.caller(old.secret) is None
    assert keys.caller(new.secret) is not None


def test_a_file_without_keys_refuses_everybody_and_is_no_problem(tmp_path):
    key, clock = new_key("one", ["read"]), Clock()
    path = file_of(tmp_path, key)
    keys = ApiKeys(path, clock)
    assert keys.caller(key.secret) is not None
    path.write_text("keys: []", "utf-8")
    clock.passes(1)
    assert keys.caller(key.secret) is None
    assert keys.problem() is None


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.unlink(), "the file cannot be read (FileNotFoundError)"),
        (lambda path: path.write_text("keys: [", "utf-8"), "the file is not YAML in which each name stands once (near line 1)"),
        (lambda path: path.write_text("keys: 5", "utf-8"), "keys: Input should be a valid list"),
        (lambda path: path.write_text("#" * 65_537, "utf-8"), "the file is larger than 65536 bytes"),
        (lambda path: (path.unlink(), path.mkdir()), "the path does not name a file"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "the path does not name a file"),
    ],
)
def test_a_changed_file_that_cannot_be_used_leaves_nothing_open_until_it_can_be(tmp_path, log, spoil, reason):
    key, clock = new_key("one", ["read"]), Clock()
    path = file_of(tmp_path, key)
    keys = ApiKeys(path, clock)
    assert keys.caller(key.secret) is not None
    spoil(path)
    for _ in range(3):
        clock.passes(1)
        assert keys.caller(key.secret) is None
        assert keys.problem() == f"PRRT_API_KEYS_FILE: {reason}"
    assert log.getvalue().count("access is refused") == 1
    path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
    file_of(tmp_path, key)
    clock.passes(1)
    assert keys.problem() is None
    assert keys.caller(key.secret) is not None


def test_a_file_of_exactly_the_largest_size_is_read(tmp_path):
    key = new_key("one", ["read"])
    path = file_of(tmp_path, key)
    path.write_text(path.read_text("utf-8").ljust(65_536, "#"), "utf-8")
    assert ApiKeys(path).problem() is None


def test_a_file_that_comes_back_as_it_was_is_used_again(tmp_path):
    key, clock, folder, elsewhere = new_key("one", ["read"]), Clock(), tmp_path / "mounted", tmp_path / "elsewhere"
    folder.mkdir()
    keys = ApiKeys(file_of(folder, key), clock)
    assert keys.caller(key.secret) is not None
    folder.rename(elsewhere)
    clock.passes(1)
    assert keys.caller(key.secret) is None
    elsewhere.rename(folder)
    clock.passes(1)
    assert keys.caller(key.secret) is not None


def test_a_file_that_did_not_change_is_not_read_again(tmp_path, monkeypatch):
    key, clock, reads = new_key("one", ["read"]), Clock(), []
    keys = ApiKeys(file_of(tmp_path, key), clock)
    monkeypatch.setattr(keys._file, "_parse", lambda told: reads.append(told) or parse_keys(told))
    for _ in range(3):
        clock.passes(1)
        assert keys.caller(key.secret) is not None
    assert len(reads) == 1


def test_a_file_of_the_same_size_and_time_that_took_the_place_of_another_is_read(tmp_path):
    old, new, clock = new_key("one", ["read"]), new_key("one", ["read"]), Clock()
    path = file_of(tmp_path, old)
    keys, before = ApiKeys(path, clock), path.stat()
    assert keys.caller(old.secret) is not None
    path.rename(tmp_path / "old.yaml")
    os.utime(file_of(tmp_path, new), ns=(before.st_atime_ns, before.st_mtime_ns))
    clock.passes(1)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert keys.caller(old.secret) is None
    assert keys.caller(new.secret) is not None
