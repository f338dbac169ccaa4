"""Whole patients, whole answers."""

import pytest

from tests.vignettes import EXAMPLES, answered, expected, names


@pytest.mark.parametrize("name", names())
def test_the_whole_answer_is_the_expected_one(name):
    assert answered(name) == expected(name)["answer"]


def test_every_example_is_a_vignette_and_says_why_it_is_interesting():
    assert names() == sorted(path.stem for path in EXAMPLES.glob("*.json"))
    assert all(expected(name)["why"] for name in names())
