"""Observations that are no laboratory values: performance, weight, Ki-67, pregnancy, a judged course."""

from datetime import date
from decimal import Decimal

import pytest

from service.intake.trace import NotUsed
from service.intake.unread_imaging import EVIDENCE_TYPE
from tests.intake.hospital import SNOMED, amount, coded, lab, read, reasons

ECOG, KARNOFSKY, WEIGHT, KI67, PREGNANCY, STATUS = "89247-1", "89243-0", "29463-7", "29593-1", "82810-3", "97509-4"
NOT_LAST = "is not the last on or before the day of the question about "


def score(code, value, on="2026-03-09", **more):
    return lab(code, valueQuantity=None, valueInteger=value, effectiveDateTime=on, id=f"{code}-{on}", **more)


def answer(code, concept, on="2026-03-10", **more):
    return lab(
        code, valueQuantity=None, valueCodeableConcept=coded(concept, SNOMED), effectiveDateTime=on, id=f"{code}-{on}", **more
    )


def weight(value, unit, on="2026-03-02", code=None):
    return lab(
        WEIGHT, valueQuantity=amount(value, unit, code), effectiveDateTime=on, id=f"w-{on}-{unit.strip('[]')}".replace("_", "")
    )


def test_performance_is_read_from_whole_numbers():
    performance = read(score(ECOG, 1), score(KARNOFSKY, 80)).state.performance
    assert (performance.ecog, performance.karnofsky, performance.recorded_on) == (1, 80, date(2026, 3, 9))


@pytest.mark.parametrize(("value", "unit"), [(1, "{score}"), (1.0, "{score}"), (1, "1")])
def test_a_score_may_be_a_quantity_without_a_unit_of_measurement(value, unit):
    assert read(lab(ECOG, value, unit)).state.performance.ecog == 1


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (score(ECOG, 5), "ecog must be at most 4"),
        (score(KARNOFSKY, 85), "karnofsky must be a multiple of 10"),
        (score(ECOG, "1"), "ecog must be a whole number"),
        (score(ECOG, True), "ecog must be a whole number"),
        (lab(ECOG, 1.5, "{score}"), "ecog must be a whole number"),
        (lab(ECOG, 1, "%"), "has a unit, and a score has none"),
        (score(ECOG, 1, "1800-01-01"), "recorded_on must be a date of the calendar, written YYYY-MM-DD"),
    ],
)
def test_a_score_that_cannot_be_is_not_used(resource, reason):
    intake = read(resource)
    assert intake.state.performance is None
    assert [each.reason for each in intake.not_used] == [reason]


@pytest.mark.parametrize(("code", "grade"), [("LA9622-7", 0), ("LA9623-5", 1), ("LA9624-3", 2), ("LA9625-0", 3), ("LA9626-8", 4)])
def test_a_grade_of_ecog_may_be_an_answer_of_loinc(code, grade):
    answered = lab(ECOG, valueQuantity=None, valueCodeableConcept=coded(code))
    assert read(answered).state.performance.ecog == grade


@pytest.mark.parametrize(("code", "answer"), [(ECOG, "LA9627-6"), (ECOG, "LA1"), (KARNOFSKY, "LA9622-7")])
def test_a_score_answered_in_other_words_is_not_used(code, answer):
    assert reasons(lab(code, valueQuantity=None, valueCodeableConcept=coded(answer))) == ["has no answer that is read"]


def test_scores_of_different_days_are_not_put_together():
    intake = read(score(ECOG, 2, "2026-01-05"), score(KARNOFSKY, 80, "2026-03-09"))
    assert (intake.state.performance.ecog, intake.state.performance.karnofsky) == (None, 80)
    assert intake.not_used == (NotUsed(f"Observation/{ECOG}-2026-01-05", f"{NOT_LAST}performance"),)


def test_the_last_score_on_or_before_the_day_of_the_question_counts():
    intake = read(score(ECOG, 0, "2026-01-05"), score(ECOG, 1, "2026-03-10"))
    assert (intake.state.performance.ecog, len(intake.not_used)) == (1, 1)


def test_scores_that_disagree_are_not_used():
    intake = read(score(ECOG, 0), score(ECOG, 1) | {"id": "other"})
    assert intake.state.performance is None
    assert {each.reason for each in intake.not_used} == {"does not agree with another resource about ecog; neither is used"}


@pytest.mark.parametrize(
    ("value", "unit", "code"), [(172, "lbs", "[lb_av]"), (172, "lb", None), (78, "kg", "kg"), (78000, "g", "g")]
)
def test_weight_is_read_in_any_unit_of_the_table(value, unit, code):
    intake = read(weight(value, unit, code=code))
    assert intake.state.patient.weight.value == value
    assert intake.state.patient.weight.quantity.amount.quantize(Decimal(1)) == 78
    assert (intake.used[-1].item, intake.used[-1].unit) == ("/patient/weight", code or unit)


def test_the_last_weight_counts():
    intake = read(weight(80, "kg", "2026-01-01"), weight(78, "kg"))
    assert intake.state.patient.weight.value == 78
    assert [each.reason for each in intake.not_used] == [f"{NOT_LAST}weight"]


def test_a_weight_that_cannot_be_is_not_used():
    assert reasons(weight(900, "kg")) == ["value is not plausible for weight: the plausible range is 2 to 400 kg"]
    assert reasons(weight(78, "kg", "1800-01-01")) == ["measured_on must be a date of the calendar, written YYYY-MM-DD"]


def test_two_weights_of_one_day_that_disagree_are_neither_used():
    intake = read(weight(78, "kg"), weight(172, "[lb_av]"))
    assert (intake.state.patient.weight, len(intake.not_used)) == (None, 2)


def test_ki67_is_per_cent():
    assert read(lab(KI67, 8, "%")).state.disease.ki67_percent == 8
    assert reasons(lab(KI67, 0.08, "1")) == ["has a unit that is not per cent"]
    assert reasons(lab(KI67, 101, "%")) == ["ki67_percent must be at most 100"]


def test_pregnancy_counts_whenever_it_was_recorded():
    assert read(answer(PREGNANCY, "77386006", "2026-01-02")).state.patient.pregnant is True
    assert read(answer(PREGNANCY, "77386006")).state.patient.pregnant is True


def test_that_somebody_is_not_pregnant_counts_only_on_that_day():
    assert read(answer(PREGNANCY, "60001007")).state.patient.pregnant is False
    intake = read(answer(PREGNANCY, "60001007", "2026-03-09"))
    assert intake.state.patient.pregnant is None
    assert [each.reason for each in intake.not_used] == [
        "says that there was no pregnancy on another day than that of the question"
    ]


def test_an_older_pregnancy_does_not_come_back_when_the_last_answer_is_too_old():
    assert (
        read(answer(PREGNANCY, "77386006", "2024-01-02"), answer(PREGNANCY, "60001007", "2026-03-09")).state.patient.pregnant
        is None
    )


@pytest.mark.parametrize("concept", ["1", "94222008"])
def test_an_answer_that_is_not_known_is_not_used(concept):
    assert reasons(answer(PREGNANCY, concept)) == ["has no answer that is read"]
    assert reasons(answer(STATUS, concept)) == ["has no answer that is read"]


def status(trend, *evidence):
    extensions = [{"url": EVIDENCE_TYPE, "valueCodeableConcept": coded(code, SNOMED)} for code in evidence]
    return answer(STATUS, trend, "2026-01-05", extension=[*extensions, {"url": "other"}])


@pytest.mark.parametrize(
    ("trend", "response"), [("268910001", "response"), ("359746009", "stable"), ("271299001", "progression")]
)
@pytest.mark.parametrize(
    ("evidence", "kind"), [("363679005", "imaging"), ("250724005", "biochemical"), ("711015009", "symptomatic")]
)
def test_a_course_that_a_clinician_judged_is_an_assessment_of_response(trend, response, evidence, kind):
    (judged,) = read(status(trend, evidence)).state.assessments_of_response
    assert (judged.assessed_on, judged.kind, judged.response) == (date(2026, 1, 5), kind, response)


def test_a_course_judged_on_two_kinds_of_evidence_is_two_assessments():
    assert len(read(status("359746009", "363679005", "250724005")).state.assessments_of_response) == 2


def test_a_course_of_which_the_evidence_is_not_known_is_not_used():
    assert reasons(status("359746009")) == ["does not say on what evidence it rests"]
    assert reasons(status("359746009", "252416005")) == ["rests on evidence that is not read"]
    assert reasons(answer(STATUS, "359746009", "1800-01-01", extension=status("1", "363679005")["extension"])) == [
        "assessed_on must be a date of the calendar, written YYYY-MM-DD"
    ]
