"""Internal names as people say them: what is asked for, and names that stand within sentences."""

import re
from collections.abc import Mapping

from service.presentation.words import words
from service.vocabulary import ANALYTE_NAMES

_INTERNAL = re.compile(r"(?<![\w/.])[a-z0-9]+(?:[._][a-z0-9]+)*_[a-z0-9]+(?:[._][a-z0-9]+)*(?![\w/])")
_LIMIT = ".upper_limit"
_BASELINE = "baseline_"


def item_name(item: str) -> str:
    """What is asked for, as people call it."""
    if item.endswith(_LIMIT):
        return f"upper limit of {item_name(item.removesuffix(_LIMIT))}"
    if item.startswith(_BASELINE):
        return f"{item_name(item.removeprefix(_BASELINE))} before the first cycle"
    return words("items").get(item) or ANALYTE_NAMES.get(item) or re.sub("[._]", " ", item)


def in_words(text: str, titles: Mapping[str, str]) -> str:
    """A sentence with the titles of rules, and the names of people, in place of internal names."""
    return _INTERNAL.sub(lambda found: titles.get(found[0]) or item_name(found[0]), text)
