"""Predictions for programs and for people: the groups side by side, nothing beyond the horizon as a number."""

from rich.console import Console

from service.presentation.risks_as_json import risk_as_json
from service.presentation.risks_as_text import risk_as_text
from tests.risk.patients import BONE, cycle, risks

SEEN = [{"performed_on": "2025-12-29", "overall_response": "stable_disease"}]
FOUND = risks(disease=BONE, treatments=[cycle("2025-01-05")], imaging=SEEN)
LATER = "overall_survival_landmark_12"


def test_both_groups_are_told_with_their_curves():
    told = risk_as_json(FOUND[LATER])
    below, above = told["groups"]
    assert (below["value"], above["value"]) == (False, True)
    assert below["horizons"] == told["horizons"]
    assert [each["months"] for each in above["horizons"]] == [12, 24, 36, 48]
    assert len(above["curve"]["months"]) == len(above["curve"]["upper"]) == 49
    assert risk_as_json(FOUND["response_at_completion"])["groups"] == []


def test_both_groups_are_printed_and_the_direction_is_called_not_established():
    console = Console(width=400)
    with console.capture() as printed:
        console.print(*risk_as_text(FOUND[LATER]))
    text = printed.get()
    assert "All such patients with activity_reached no: 12 months" in text
    assert "All such patients with activity_reached yes: 12 months" in text
    assert "the direction of the association is not established" in text
