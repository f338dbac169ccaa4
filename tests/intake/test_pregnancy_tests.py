"""Pregnancy tests: whatever is not negative leaves open whether there is a pregnancy, and none says that there is none."""

import pytest

from service.intake.pregnancy_tests import NEGATIVE, NOT_NEGATIVE
from tests.intake.hospital import SNOMED, coded, lab, read, reasons

NOT_PREGNANT = {"valueQuantity": None, "valueCodeableConcept": coded("60001007", SNOMED)}
STATED = lab("82810-3", id="stated", effectiveDateTime="2026-03-10", **NOT_PREGNANT)


def hcg(code="2118-8", name="test", on="2026-03-09", **result):
    return lab(code, id=name, effectiveDateTime=on, **({"valueQuantity": None} | result))


def amount(value, **more):
    return {"valueQuantity": {"value": value, "unit": "mIU/mL"} | more, "referenceRange": [{"high": {"value": 5}}]}


POSITIVE = {"valueCodeableConcept": coded("10828004", SNOMED)}
NOT_DETECTED = {"valueCodeableConcept": coded("260415000", SNOMED)}


@pytest.mark.parametrize(
    "result",
    [
        POSITIVE,
        {"valueString": "Detected"},
        {"interpretation": [coded("POS", "x")]},
        {"interpretation": [coded("H", "x")], "valueQuantity": {"value": 900}},
        {"valueBoolean": True},
        amount(900),
        amount(2, comparator=">"),
        {"valueQuantity": {"value": 2, "unit": "mIU/mL"}},
    ],
)
def test_a_test_that_is_not_negative_leaves_a_pregnancy_open(result):
    assert read(STATED, hcg(**result)).state.patient.pregnant is None
    assert NOT_NEGATIVE in reasons(hcg(**result))


@pytest.mark.parametrize(
    "result",
    [
        NOT_DETECTED,
        {"valueCodeableConcept": {"text": "Negative"}},
        {"valueString": "neg"},
        {"interpretation": [coded("NEG", "x")]},
        {"valueBoolean": False},
        amount(2),
        amount(5, comparator="<"),
    ],
)
def test_a_negative_test_says_nothing(result):
    assert read(STATED, hcg(**result)).state.patient.pregnant is False
    assert read(hcg(**result)).state.patient.pregnant is None
    assert reasons(hcg(**result)) == [NEGATIVE]


@pytest.mark.parametrize(("on", "pregnant"), [("2026-03-08", False), ("2026-03-09", None), (None, None)])
def test_a_later_negative_test_closes_it(on, pregnant):
    assert read(STATED, hcg(**POSITIVE, on=on), hcg(name="later", **NOT_DETECTED)).state.patient.pregnant is pregnant


def test_a_test_without_a_result_is_none():
    assert read(STATED, hcg()).state.patient.pregnant is False
