"""Conditions of which the state has no field: a neoplasm of the marrow, and what was not read."""

from datetime import date

import pytest

from tests.intake.hospital import ICD, PATIENT, SNOMED, administration, coded, condition, lab, read, reasons
from tests.intake.test_later_dates import ASKED_TODAY

ICD_10 = "http://hl7.org/fhir/sid/icd-10"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
UNKNOWN = "has no code that is known; whether it is a ground against the dose is not known"
BLOOD, NEOPLASM = (f"may be {what}, and so a ground against the dose" for what in ("a disease of the blood", "another neoplasm"))
CARCINOMA = {"code": {"text": "Poorly differentiated neuroendocrine carcinoma"}}


def is_open(*resources):
    return "conditions" in (read(*resources).state.told_in_part or ())


@pytest.mark.parametrize(
    ("code", "system", "detail"),
    [
        ("109995007", SNOMED, "myelodysplastic_syndrome"),
        ("D46.9", ICD, "myelodysplastic_syndrome"),
        ("D46.9", ICD_10, "myelodysplastic_syndrome"),
        ("C92.0", ICD_10, "leukaemia"),
        ("91861009", SNOMED, "leukaemia"),
    ],
)
def test_a_neoplasm_of_the_marrow_is_an_event_of_its_name(code, system, detail):
    intake = read(condition(code, system, onsetDateTime="2026-01-02"))
    (event,) = intake.state.events
    assert (event.occurred_on, event.kind, event.detail) == (date(2026, 1, 2), "adverse_event", detail)
    assert [used.resource for used in intake.used if used.item == "/events/0"] == ["Condition/c"]
    assert not is_open(condition(code, system))


@pytest.mark.parametrize(
    ("told", "on"),
    [
        ({}, "2026-03-10"),
        ({"recordedDate": "2026-02-03T08:00:00Z"}, "2026-02-03"),
        ({"onsetDateTime": "2025"}, "2026-03-10"),
        ({"onsetDateTime": "1800-01-01"}, "2026-03-10"),
        ({"onsetDateTime": "1961-04-01"}, "2026-03-10"),  # before the birth
        ({"onsetDateTime": "2026-03-11"}, "2026-03-10"),
    ],
)
def test_a_neoplasm_of_the_marrow_without_a_day_that_can_be_right_is_there_on_the_day_of_the_question(told, on):
    (event,) = read(condition("D46.9", ICD, **told)).state.events
    stands = f"{event.occurred_on}" in (told.get("recordedDate") or "")
    told_on = "" if stands else f" ({_real_day(told)})"
    assert (f"{event.occurred_on}", event.detail) == (on, f"myelodysplastic_syndrome{told_on}")


def _real_day(told):
    onset = told.get("onsetDateTime", "")
    return f"dated {onset}" if len(onset) == 10 and onset > "1900" else "undated"


def test_a_neoplasm_of_the_marrow_after_a_day_that_our_own_state_asks_about_stays_later():
    later = condition("D46.9", ICD, onsetDateTime="2026-03-11")
    assert read(later, ASKED_TODAY).state.events[0].occurred_on == date(2026, 3, 11)
    unborn = {name: told for name, told in PATIENT.items() if name != "birthDate"}
    assert read(later, patient=unborn).state.events[0].occurred_on == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("code", "system", "reason"),
    [
        ("D69.6", ICD, BLOOD),
        ("302215000", SNOMED, BLOOD),
        ("C83.3", ICD_10, NEOPLASM),
        ("C50.9", ICD, NEOPLASM),
        ("D47.1", ICD, NEOPLASM),
        ("1", SNOMED, UNKNOWN),
        ("S32.0", ICD, "may be a fracture or a cord compression, and so a ground against the dose"),
        ("G95.29", ICD, "may be a fracture or a cord compression, and so a ground against the dose"),
        ("N18.5", ICD_10, "may be a kidney disease, and so a ground against the dose"),
        ("R18.8", ICD, "may be a failing liver or ascites, and so a ground against the dose"),
        ("T88.6", ICD, "may be an anaphylaxis, and so a ground against the dose"),
        ("I36.1", ICD, "may be a disease of the heart valves, and so a ground against the dose"),
        ("Z94.84", ICD, "may be a transplant, and so a ground against the dose"),
        ("271299001", SNOMED, UNKNOWN),  # a code of the table that is of no condition
        ("D46.9", "urn:hospital", UNKNOWN),
        ("238.75", ICD, UNKNOWN),
    ],
)
def test_a_condition_that_was_not_read_and_may_be_a_ground_against_the_dose_is_a_question(code, system, reason):
    found = condition(code, system, clinicalStatus=coded("active", CLINICAL))
    assert reasons(found) == [reason]
    assert is_open(found)


def test_a_condition_in_words_alone_is_a_question_and_its_words_are_not_repeated():
    assert reasons(condition("") | CARCINOMA) == [UNKNOWN]
    assert is_open(condition("") | CARCINOMA)


@pytest.mark.parametrize(
    ("code", "system"), [("E78.5", ICD), ("M17.9", ICD_10), ("D50.9", ICD), ("55822004", SNOMED), ("I10", ICD)]
)
def test_a_condition_that_no_rule_asks_for_is_no_question(code, system):
    assert not is_open(condition(code, system))


def test_one_code_says_what_a_condition_is_that_has_others():
    both = {"coding": [*coded("1", SNOMED)["coding"], *coded("E78.5", ICD)["coding"]]}
    assert not is_open(condition("") | {"code": both})
    concerning = {"coding": [*coded("55822004", SNOMED)["coding"], *coded("C50.9", ICD)["coding"]]}
    assert is_open(condition("") | {"code": concerning})


def test_our_own_extension_says_what_a_condition_in_words_is():
    told = [{"url": "urn:prrt-cds:fhir:disease", "extension": [{"url": "grade", "valueInteger": 2}]}]
    assert not is_open(condition("", extension=told) | CARCINOMA)
    assert not is_open(condition("", extension=told, modifierExtension=[]) | CARCINOMA)


def standing(**words):
    systems = {"clinicalStatus": CLINICAL, "verificationStatus": VERIFICATION}
    return {name: coded(word, systems[name]) for name, word in words.items()}


@pytest.mark.parametrize(
    ("code", "more", "open_"),
    [
        ("D46.9", standing(verificationStatus="provisional"), True),
        ("D46.9", standing(clinicalStatus="remission"), True),
        ("C7A.1", standing(verificationStatus="differential"), True),
        ("C50.9", standing(verificationStatus="unconfirmed"), True),
        ("C50.9", {"modifierExtension": []}, True),
        ("C50.9", {"clinicalStatus": {"text": "active"}}, True),
        ("C50.9", {"subject": None}, True),
        ("C50.9", standing(clinicalStatus="remission"), False),
        ("O80", standing(verificationStatus="provisional"), False),
        ("I10", standing(verificationStatus="provisional"), False),
        ("D46.9", standing(clinicalStatus="resolved"), True),
        ("C92.0", standing(clinicalStatus="inactive"), True),
        ("Z94.84", standing(clinicalStatus="resolved"), True),
        ("N18.5", standing(clinicalStatus="resolved"), False),
        ("D46.9", standing(verificationStatus="refuted"), False),
        ("D46.9", standing(verificationStatus="entered-in-error"), False),
        ("D46.9", {"abatementDateTime": "2026-01-01"}, True),
        ("D46.9", {"subject": {"reference": "Patient/p2"}}, False),
    ],
)
def test_a_condition_that_is_suspected_is_a_question_and_one_that_is_over_is_none(code, more, open_):
    assert is_open(condition(code, ICD, **more)) is open_
    assert read(condition(code, ICD, **more)).state.events is None


def test_what_is_asked_about_conditions_needs_no_other_list():
    assert read(lab(), condition("C50.9", ICD)).state.told_in_part == ("conditions",)


def named(name, code, system=SNOMED, **more):
    return condition(code, system, **more) | {"id": name}


def test_conditions_of_one_reason_are_one_sentence_with_their_number():
    told = [named("a", "C50.9", ICD), named("b", "1"), named("c", "C61", ICD), named("d", "2"), named("e", "N19", ICD)]
    assert [(each.resource, each.reason) for each in read(*told).not_used] == [
        ("Condition/a and 1 more", NEOPLASM),
        ("Condition/c", "has no code that is read"),
        ("Condition/b and 1 more", UNKNOWN.replace("has", "have").replace("it is a ground", "they are grounds")),
        ("Condition/d", "has no code that is read"),
        ("Condition/e", "may be a kidney disease, and so a ground against the dose"),
    ]


@pytest.mark.parametrize(
    ("told", "open_"),
    [
        ({"code": coded("1", SNOMED, display="Served in armed forces (finding)")}, False),
        ({"code": coded("1", SNOMED, display="Refugee (person)")}, False),
        ({"code": coded("1", SNOMED) | {"text": "Educated to high school level (finding)"}}, False),
        ({"code": coded("1", SNOMED), "category": [coded("sdoh", "x")]}, False),
        ({"code": coded("1", SNOMED, display="Stress fracture (disorder)")}, True),
        ({"code": coded("1", SNOMED, display="Cord compression (finding)")}, True),
        ({"code": coded("C50.9", ICD), "category": [coded("sdoh", "x")]}, True),
        ({"code": {"text": "Stress (finding)"}}, True),
    ],
)
def test_the_circumstances_of_a_patient_are_no_question(told, open_):
    assert is_open(condition("") | told) is open_


@pytest.mark.parametrize(
    ("code", "since", "taken_on", "open_"),
    [
        ("D64.9", {"onsetDateTime": "2026-02-01"}, "2026-03-02", False),
        ("D64.9", {"recordedDate": "2026-02-01"}, "2026-03-02", False),
        ("D64.9", {"onsetDateTime": "2026-03-02"}, "2026-03-02", True),
        ("D64.9", {}, "2026-03-02", True),
        ("D64.9", {"onsetDateTime": "2025-02-01"}, "2026-01-19", True),  # of the day of the last dose
        ("D64.9", {"onsetDateTime": "2026-02-01"}, "2026-03-11", True),
        ("D64.3", {"onsetDateTime": "2026-02-01"}, "2026-03-02", True),
        ("D69.6", {"onsetDateTime": "2026-02-01"}, "2026-03-02", True),  # haemoglobin is no count of platelets
    ],
)
def test_a_newer_count_answers_what_a_diagnosis_of_it_leaves_open(code, since, taken_on, open_):
    haemoglobin = lab("718-7", 12, "g/dL", effectiveDateTime=taken_on)
    told = (condition(code, ICD, **since), administration(), haemoglobin)
    assert is_open(*told) is open_
    assert ("is left to haemoglobin, which was measured since" in reasons(*told)) is not open_
