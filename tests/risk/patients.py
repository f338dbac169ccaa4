"""Patients of whom the risk models may speak, or may not."""

from typing import Any

from service.risk.answers import Risk, answer_questions
from tests.patients import cycle, facts_of
from tests.reading import engine

__all__ = ["ADULT", "BONE", "alp", "cycle", "risks"]

BONE = {"differentiation": "well", "metastases": [{"site": "bone"}]}
ADULT = {"id": "demo-1", "sex": "female", "birth_date": "1960-01-01"}


def alp(value: float, taken_on: str) -> dict[str, Any]:
    """One ALP with the upper limit 120 U/L."""
    return {"analyte": "alkaline_phosphatase", "value": value, "unit": "U/L", "upper_limit": 120, "taken_on": taken_on}


def risks(**parts: Any) -> dict[str, Risk]:
    """The answers about a patient on 2026-03-10, by question id."""
    facts = facts_of(**{"patient": ADULT, **parts})
    return {risk.question.id: risk for risk in answer_questions(engine().models, facts)}
