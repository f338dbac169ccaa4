"""YAML keeps the digits that were written, and refuses two values for one key."""

from decimal import Decimal

import pytest
import yaml

from service.terminology.yaml_text import read_yaml


def test_a_number_with_a_point_is_exact():
    read = read_yaml("value: 29.60")
    assert str(read["value"]) == "29.60"
    assert type(read["value"]) is Decimal


def test_a_whole_number_stays_whole():
    assert type(read_yaml("value: 26")["value"]) is int


def test_maps_are_read_at_every_depth():
    assert read_yaml("a: {b: [{c: 0.1}]}") == {"a": {"b": [{"c": Decimal("0.1")}]}}


def test_an_alias_stands_for_what_it_names():
    assert read_yaml("a: &steps [1.5]\nb: *steps") == {"a": [Decimal("1.5")], "b": [Decimal("1.5")]}


@pytest.mark.parametrize("text", ["a: 1\na: 2", "outer: {a: 1, a: 1}", "- {b: 1, c: 2, b: 3}"])
def test_two_values_for_one_key_are_refused(text):
    with pytest.raises(yaml.YAMLError, match="two values for"):
        read_yaml(text)


def test_code_in_yaml_is_refused():
    with pytest.raises(yaml.YAMLError):
        read_yaml("!!python/object/apply:os.getcwd []")
