"""An assessment in the shapes of the wire contract."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import TypeAdapter
from pydantic_core import to_json

from service.assessment import Assessment, Knowledge
from service.engine import build
from service.evidence import SOURCES, Source
from service.facts import derive_facts
from service.next_cycle import NextCycle
from service.patient.reading import read_patient
from service.presentation.as_json import as_json, source_as_json
from service.presentation.wire import AssessmentOut
from service.rules.alkaline_phosphatase import alkaline_phosphatase
from service.settings import Settings
from service.terminology.quantity import Quantity
from service.verdict import Missing, Verdict, clear, fires, note
from tests.conftest import EXAMPLES

FACTS = derive_facts(read_patient(b'{"patient": {"id": "demo", "sex": "female"}}', date(2026, 3, 10)))
ALP = alkaline_phosphatase.evidence


def assessment(*answers, next_cycle=None):
    verdicts = tuple(Verdict(f"rule_{number}", "Title", answer, ALP) for number, answer in enumerate(answers))
    knowledge = Knowledge("0.1.0", "sha256:0", {"overall_survival": "1.0.0"})
    return Assessment("id", datetime(2026, 3, 10, 9, 12, 44, 999, tzinfo=UTC), FACTS, knowledge, verdicts, next_cycle, (), ())


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_example_has_exactly_the_shape_that_is_documented(example):
    engine = build(Settings())
    told = json.loads(to_json(as_json(engine.assess(engine.read(example.read_bytes())))))
    assert TypeAdapter(AssessmentOut).validate_python(told, strict=True, extra="forbid") == told


def test_times_are_in_utc_and_end_with_z():
    assert as_json(assessment())["created_at"] == "2026-03-10T09:12:44Z"


def test_what_answered_is_told():
    assert as_json(assessment())["knowledge"] == {
        "service": "0.1.0",
        "rules": "sha256:0",
        "models": {"overall_survival": "1.0.0"},
    }


def test_without_a_next_cycle_there_is_no_such_key():
    assert "next_cycle" not in as_json(assessment())


def test_the_next_cycle_is_told_with_its_days_and_its_activity():
    next_cycle = NextCycle(
        decision="proceed",
        cycle=3,
        due_on=date(2026, 3, 16),
        window=(date(2026, 3, 9), date(2026, 3, 23)),
        earliest_on=date(2026, 3, 10),
        activity=Quantity(Decimal("7.40"), "GBq"),
        decided_by=("eligibility", "renal_toxicity"),
        open_questions=("mid_prrt_response",),
    )
    assert as_json(assessment(next_cycle=next_cycle))["next_cycle"] == {
        "decision": "proceed",
        "cycle": 3,
        "due_on": "2026-03-16",
        "window": {"opens_on": "2026-03-09", "closes_on": "2026-03-23"},
        "earliest_on": "2026-03-10",
        "activity": {"value": 7.4, "unit": "GBq"},
        "decided_by": ["eligibility", "renal_toxicity"],
        "open_questions": ["mid_prrt_response"],
    }


def test_what_a_next_cycle_does_not_have_is_null_and_not_absent():
    next_cycle = NextCycle("stop", None, None, None, None, None, ("renal_toxicity",), ())
    assert as_json(assessment(next_cycle=next_cycle))["next_cycle"] == {
        "decision": "stop",
        "cycle": None,
        "due_on": None,
        "window": None,
        "earliest_on": None,
        "activity": None,
        "decided_by": ["renal_toxicity"],
        "open_questions": [],
    }


def test_a_next_cycle_that_is_late_or_decided_with_open_questions_is_noticed():
    window = (date(2026, 3, 9), date(2026, 3, 23))

    def notices(decision, earliest_on, open_questions):
        next_cycle = NextCycle(decision, 3, date(2026, 3, 16), window, earliest_on, None, ("a",), open_questions)
        return as_json(assessment(next_cycle=next_cycle))["notices"]

    late = "The earliest day of the next cycle, 2026-03-24, lies after its window, 2026-03-09 to 2026-03-23."
    asked = "The next cycle was decided with open questions: b, c."
    assert notices("proceed", date(2026, 3, 24), ("b", "c")) == [late, asked]
    assert notices("proceed_reduced", date(2026, 3, 23), ("b", "c")) == [asked]
    assert notices("undetermined", date(2026, 3, 24), ("b", "c")) == [late]
    assert notices("hold", None, ("b", "c")) == []
    assert notices("proceed", date(2026, 3, 23), ()) == []


def test_a_verdict_without_urgency_has_nulls_and_not_absent_keys():
    (verdict,) = as_json(assessment(clear("normal", note("All is well."))))["verdicts"]
    assert verdict == {
        "rule": "rule_0",
        "title": "Title",
        "status": "clear",
        "decision": "normal",
        "urgency": None,
        "advice": None,
        "reasons": [
            {
                "statement": "All is well.",
                "holds": True,
                "observed": None,
                "parameter": None,
                "source": None,
                "locator": None,
                "certainty": None,
            }
        ],
        "caveats": [],
        "missing": [],
    }


def test_a_reason_carries_its_number_with_source_place_and_certainty():
    answer = clear("normal", note("So it is.", ALP["raised"], Quantity(Decimal(182), "xULN", Decimal(120))))
    (verdict,) = as_json(assessment(answer))["verdicts"]
    assert verdict["reasons"][0] == {
        "statement": "So it is.",
        "holds": True,
        "observed": {"value": 1.52, "unit": "xULN"},
        "parameter": "raised",
        "source": "chandekar-2025",
        "locator": "abstract, multivariable Cox; the cut-off is not stated there",
        "certainty": "assumed",
    }


def test_a_value_is_not_rounded_to_the_threshold_that_it_exceeds():
    answer = clear("normal", note("So it is.", ALP["raised"], Quantity(Decimal("120.001"), "xULN", Decimal(120))))
    (verdict,) = as_json(assessment(answer))["verdicts"]
    assert verdict["reasons"][0]["observed"]["value"] == 1.00001


def test_recommendations_come_with_the_most_urgent_first():
    answers = [fires("row", urgency, "Look.", note("So.")) for urgency in ("info", "critical", "warning", "critical")]
    told = as_json(assessment(*answers))
    assert [verdict["rule"] for verdict in told["recommendations"]] == ["rule_1", "rule_3", "rule_2", "rule_0"]
    assert [verdict["rule"] for verdict in told["verdicts"]] == ["rule_0", "rule_1", "rule_2", "rule_3"]


def test_what_two_rules_ask_for_is_asked_once():
    one = clear("row", note("So."), missing=(Missing("gamma_gt", "It tells liver from bone."),))
    other = clear("row", note("So."), missing=(Missing("gamma_gt", "It shows the liver."), Missing("alt", "It shows the liver.")))
    told = as_json(assessment(one, other, one))["missing"]
    assert told == [
        {
            "item": "gamma_gt",
            "why": "It tells liver from bone. It shows the liver.",
            "asked_by": ["rule_0", "rule_1", "rule_2"],
        },
        {"item": "alt", "why": "It shows the liver.", "asked_by": ["rule_1"]},
    ]


def test_sources_are_told_by_id_in_order():
    told = as_json(assessment(clear("row", note("So.", ALP["risen"]), note("So.", ALP["raised"]))))["sources"]
    assert list(told) == ["chandekar-2025", "ruhwedel-2023"]


def test_the_design_of_a_source_says_how_many_patients_it_had():
    assert source_as_json(SOURCES["chandekar-2025"])["design"] == "retrospective, one centre, n = 74"


def test_a_source_without_patients_has_a_design_alone():
    source = Source(id="s", title="T", citation="C", year=2026, design="convention", population="None", limits="Ours")
    assert source_as_json(source)["design"] == "convention"
    assert source_as_json(source)["doi"] is None
