"""A critical verdict on shaky ground says so in the notices."""

from datetime import UTC, date, datetime
from decimal import Decimal

from service.assessment import Assessment, Knowledge
from service.evidence import Parameter, Record
from service.facts import derive_facts
from service.patient.reading import read_patient
from service.verdict import Verdict, clear, fires, note

KNOWLEDGE = Knowledge("0.1.0", "sha256:0", {})
PATIENT = b'{"patient": {"id": "demo", "sex": "female"}}'


def number(kind):
    return Parameter(
        id="limit",
        meaning="Limit",
        value=Decimal(1),
        unit="1",
        source="prrt-cds",
        locator="here",
        kind=kind,
        reviewed_on=date(2026, 3, 1),
    )


def notices(answer, reviewed_on=date(2026, 3, 1)):
    verdict = Verdict("stem", "Title", answer, Record(id="stem", claim="Claim", reviewed_on=reviewed_on))
    facts = derive_facts(read_patient(PATIENT, date(2026, 3, 10)))
    return Assessment("id", datetime(2026, 3, 10, tzinfo=UTC), facts, KNOWLEDGE, (verdict,), None, (), ()).notices


def test_a_critical_verdict_on_a_recalled_number_is_noticed():
    answer = fires("row", "critical", "Hold.", note("So.", number("recalled")))
    assert notices(answer) == ("Title: this critical verdict rests on a recalled number, not yet read in its primary document.",)


def test_a_critical_verdict_on_a_record_reviewed_over_a_year_ago_is_noticed():
    answer = fires("row", "critical", "Hold.", note("So.", number("reported")))
    assert notices(answer, date(2025, 3, 9)) == ("Title: this critical verdict rests on a record last reviewed on 2025-03-09.",)


def test_a_record_reviewed_a_year_ago_to_the_day_is_no_matter():
    assert notices(fires("row", "critical", "Hold.", note("So.")), date(2025, 3, 10)) == ()


def test_both_may_be_the_matter():
    answer = fires("row", "critical", "Hold.", note("So.", number("recalled")))
    assert len(notices(answer, date(2025, 3, 9))) == 2


def test_a_critical_verdict_on_firm_ground_is_not_noticed():
    assert notices(fires("row", "critical", "Hold.", note("So."), note("So.", number("reported")))) == ()


def test_a_verdict_that_is_not_critical_may_stand_on_shaky_ground():
    assert notices(fires("row", "warning", "Look.", note("So.", number("recalled"))), date(2020, 1, 1)) == ()
    assert notices(clear("row", note("So.", number("recalled"))), date(2020, 1, 1)) == ()
