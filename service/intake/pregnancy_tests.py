"""Pregnancy tests: one that does not say that it is negative leaves open whether there is a pregnancy.

A negative one says nothing here: how old it may be is for whoever answers the question. A later negative one closes it.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from service.intake.concepts import codes_at, of_kind
from service.intake.gathering import Claim, Gathered, origin
from service.intake.members import entries_at, object_at, text_at
from service.intake.moments import calendar_day
from service.intake.observed import Observed

NOT_NEGATIVE = "is a pregnancy test that is not negative: there may be a pregnancy"
NEGATIVE = "is a negative pregnancy test, which rules out no pregnancy by itself"
PREGNANCY_TEST = "pregnancy_test"
_NEGATIVE_WORDS = re.compile(r"\s*(neg\b|negative|not detected|absent|non-?reactive)", re.IGNORECASE)
_NEGATIVE_INTERPRETATIONS = frozenset({"NEG", "N", "ND", "L", "LL", "NR"})


def is_pregnancy_test(observed: Observed) -> bool:
    """Whether an observation is a pregnancy test with a result."""
    is_test = any(code.kind == PREGNANCY_TEST for code in observed.codes)
    return is_test and any(name.startswith(("value", "interpretation")) for name in observed.node)


def note_pregnancy_test(observed: Observed, gathered: Gathered) -> None:
    """Remember what a test leaves open."""
    negative = _is_negative(observed)
    gathered.pregnancy_tests.append(Claim(not negative, origin(observed.label, observed.when), calendar_day(observed.when)))
    gathered.refuse(observed.label, NEGATIVE if negative else NOT_NEGATIVE)


def open_tests(tests: Iterable[Claim]) -> list[str]:
    """The tests that are not negative, and not followed by a negative one. Without a day a test may be the newest."""
    told = list(tests)
    negative = max((each.on or "" for each in told if not each.value), default="")
    return [each.origin.resource for each in told if each.value and (each.on is None or each.on >= negative)]


def _is_negative(observed: Observed) -> bool:
    node = observed.node
    if node.get("valueBoolean") is False or of_kind(codes_at(node, "valueCodeableConcept"), "negative"):
        return True
    words = text_at(node, "valueString") or text_at(node, "valueCodeableConcept", "text") or ""
    if _NEGATIVE_WORDS.match(words):
        return True
    said = {text_at(coding, "code") for each in entries_at(node, "interpretation") for coding in entries_at(each, "coding")}
    if said:
        return said <= _NEGATIVE_INTERPRETATIONS
    value, limits = object_at(node, "valueQuantity"), entries_at(node, "referenceRange")
    highest = object_at(limits[0], "high").get("value") if len(limits) == 1 else None
    amount = value.get("value")
    if not isinstance(amount, int | Decimal) or not isinstance(highest, int | Decimal):
        return False
    return bool(amount <= highest) and text_at(value, "comparator") in (None, "<", "<=")
