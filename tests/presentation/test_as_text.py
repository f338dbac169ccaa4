"""An assessment for a terminal: it reads the same without colour."""

import dataclasses
import json
from datetime import date
from decimal import Decimal

import pytest
from rich.console import Console

from service.engine import build
from service.next_cycle import NextCycle
from service.presentation.as_text import as_text
from service.settings import Settings
from service.terminology.quantity import Quantity
from tests.conftest import EXAMPLES


@pytest.fixture(scope="module")
def engine():
    return build(Settings())


def text(assessment, **how):
    console = Console(width=200, highlight=False, **how)
    with console.capture() as captured:
        console.print(as_text(assessment))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def assessed(engine, told):
    return engine.assess(engine.read(json.dumps(told).encode()))


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_example_reads_as_text(engine, example):
    assessment = engine.assess(engine.read(example.read_bytes()))
    told = text(assessment)
    for verdict in assessment.verdicts:
        assert verdict.rule in told
    for verdict in assessment.recommendations:
        assert f"{verdict.answer.urgency.upper()}  {verdict.title}" in told
    for name in assessment.sources:
        assert f"- {name}: " in told


def test_it_begins_with_the_patient_and_ends_with_what_it_was_made_with(engine, skeletal):
    assessment = assessed(engine, skeletal)
    lines = text(assessment).splitlines()
    assert lines[0] == "PRRT assessment of demo-017 as of 2026-03-10"
    assert lines[1] == "Decision support for professionals; not a medical device."
    assert lines[-1] == f"Assessment {assessment.id}; service 0.1.0; rules {assessment.knowledge.rules}"


NEXT = NextCycle(
    decision="proceed_reduced",
    cycle=3,
    due_on=date(2026, 3, 16),
    window=(date(2026, 3, 9), date(2026, 3, 23)),
    earliest_on=date(2026, 3, 10),
    activity=Quantity(Decimal("3.7"), "GBq"),
    decided_by=("renal_toxicity", "hepatic_toxicity"),
    open_questions=("mid_prrt_response", "other_toxicity"),
)


def about_the_next_cycle(assessment, next_cycle):
    """The lines between the heading and the first verdict."""
    _, _, *lines = text(dataclasses.replace(assessment, next_cycle=next_cycle)).splitlines()
    assert lines[0] == ""
    return lines[1 : lines.index("", 1)]


def test_the_decision_about_the_next_cycle_comes_first_with_days_activity_rules_and_open_questions(engine, skeletal):
    assert about_the_next_cycle(assessed(engine, skeletal), NEXT) == [
        " PROCEED REDUCED  Next cycle 3",
        "  - Due on 2026-03-16, window 2026-03-09 to 2026-03-23",
        "  - Not before 2026-03-10",
        "  - Activity 3.7 GBq",
        "  - Decided by renal_toxicity, hepatic_toxicity",
        "  - Open questions: mid_prrt_response, other_toxicity",
    ]


def test_what_is_not_known_of_the_next_cycle_is_left_out(engine, skeletal):
    held = NextCycle("hold", 1, date(2026, 3, 16), None, None, None, ("eligibility",), ())
    stopped = NextCycle("stop", None, None, None, None, None, ("renal_toxicity",), ())
    assessment = assessed(engine, skeletal)
    told = [" HOLD  Next cycle 1", "  - Due on 2026-03-16", "  - Decided by eligibility"]
    assert about_the_next_cycle(assessment, held) == told
    assert about_the_next_cycle(assessment, stopped) == [" STOP  Next cycle", "  - Decided by renal_toxicity"]


@pytest.mark.parametrize(
    ("decision", "colour"),
    [("stop", 41), ("hold", 41), ("undetermined", 43), ("proceed_reduced", 43), ("proceed", 46), ("complete", 46)],
)
def test_a_decision_is_as_red_as_it_is_urgent(engine, skeletal, decision, colour):
    assessment = dataclasses.replace(assessed(engine, skeletal), next_cycle=dataclasses.replace(NEXT, decision=decision))
    coloured = text(assessment, force_terminal=True, color_system="standard")
    line = next(line for line in coloured.splitlines() if "Next cycle 3" in line)
    assert f"{colour}m {decision.replace('_', ' ').upper()} " in line


def test_without_a_next_cycle_nothing_is_said_of_it(engine, skeletal):
    assert "Next cycle" not in text(dataclasses.replace(assessed(engine, skeletal), next_cycle=None))
    assert "Next cycle" not in text(assessed(engine, {"patient": {"id": "nobody", "sex": "female"}, "treatments": []}))


def test_the_notices_of_the_next_cycle_are_printed(engine, skeletal):
    late = dataclasses.replace(NEXT, earliest_on=date(2026, 3, 24))
    told = text(dataclasses.replace(assessed(engine, skeletal), next_cycle=late))
    assert "  - The earliest day of the next cycle, 2026-03-24, lies after its window, 2026-03-09 to 2026-03-23.\n" in told
    assert "  - The next cycle was decided with open questions: Mid-PRRT response assessment, Other toxicity.\n" in told


def test_a_recommendation_says_what_to_do_and_why_from_which_source(engine, skeletal):
    told = text(assessed(engine, skeletal))
    assert " WARNING  ALP alert\n  Find the source of the raised ALP" in told
    assert "  - ALP 1.52 x ULN is above 1 [chandekar-2025, assumed]\n" in told
    assert "  - Skeletal metastases are known.\n" in told
    assert "  Caveat: ALP is prognostic; on its own it is never a reason to withhold PRRT.\n" in told
    assert "doi 10.2967/jnumed.125.269456." in told


def test_a_patient_of_whom_nothing_is_known_gets_questions_and_no_reassurance(engine):
    told = text(assessed(engine, {"patient": {"id": "nobody", "sex": "unknown"}}))
    assert "No rule fires. A question is not a reassurance." in told
    assert "- ALP: ALP with the laboratory's upper limit was not told: it decides whether ALP is raised. (asked by " in told
    assert "Notices" not in told
    assert "Sources" not in told


def test_an_entry_that_was_not_used_is_noticed(engine, skeletal):
    told = text(assessed(engine, {**skeletal, "as_of": "2026-03-01"}))
    assert "Notices\n  - Not used, because it is dated after 2026-03-01: " in told


def test_where_nothing_is_missing_nothing_is_asked(engine, skeletal):
    assert "Missing\n" not in text(dataclasses.replace(assessed(engine, skeletal), verdicts=()))


def test_a_source_without_a_doi_has_none(engine):
    told = {
        "as_of": "2026-03-10",
        "patient": {"id": "demo", "sex": "female"},
        "treatments": [],
        "plan": {"next_cycle_on": "2026-03-11"},
        "laboratory": [
            {"analyte": "alkaline_phosphatase", "value": 90, "unit": "U/L", "upper_limit": 120, "taken_on": "2025-12-01"}
        ],
    }
    line = next(line for line in text(assessed(engine, told)).splitlines() if "- prrt-cds: " in line)
    assert "doi" not in line


def test_colour_changes_no_word(engine, skeletal):
    assessment = assessed(engine, skeletal)
    coloured = text(assessment, force_terminal=True, color_system="standard")
    assert "\x1b[" in coloured
    assert "ALP 1.52 x ULN is above 1" in coloured


def test_an_identifier_in_square_brackets_is_shown_as_it_is(engine, skeletal):
    skeletal["patient"]["id"] = "[red]17[/red]"
    assert text(assessed(engine, skeletal)).startswith("PRRT assessment of [red]17[/red] as of 2026-03-10\n")
