"""What may be a cycle and was not read: while there is any, cycles are told only in part."""

import pytest

from service.intake.cycles import MAY_BE_CYCLE
from service.intake.lists import MOST
from tests.intake.cycles import in_part, lacks_cycles, procedure, unread
from tests.intake.hospital import ATC, LUTETIUM, SNOMED, administration, amount, coded, reasons

CPT, HCPCS = "http://www.ama-assn.org/go/cpt", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
OCTREOTIDE, UNKNOWN = coded("H01CB02", ATC), coded("N02BE01", ATC)
GENERIC = [("440252007", SNOMED), ("79101", CPT)]
CYCLE_LIKE = [*GENERIC, ("A9513", HCPCS), ("A9590", HCPCS)]
WITHOUT_DOSE = {"dosage": None}


# administrations that were not read


@pytest.mark.parametrize("status", ["in-progress", "on-hold", "stopped", "unknown", "given", None])
def test_an_administration_of_which_something_may_have_been_given_may_be_a_cycle(status):
    assert lacks_cycles(unread(status=status))


@pytest.mark.parametrize("status", ["not-done", "entered-in-error"])
def test_what_was_not_given_is_no_cycle(status):
    assert not lacks_cycles(unread(status=status))
    assert not lacks_cycles(unread(status=status, medicationCodeableConcept=None))


@pytest.mark.parametrize(
    "more",
    [
        {"effectiveDateTime": None},
        {"effectiveDateTime": "2025"},
        {"effectiveDateTime": "2025-06"},
        {"effectiveDateTime": "1800-01-01"},
        {"effectiveDateTime": "1961-04-01"},  # before the birth
        {"modifierExtension": [{"url": "x"}]},
        {"subject": None},
        {"medicationCodeableConcept": {"coding": [*LUTETIUM["coding"], *OCTREOTIDE["coding"]]}},
    ],
)
def test_an_administration_of_a_radiopharmaceutical_that_is_not_used_is_missing(more):
    assert lacks_cycles(unread(**more))


def test_two_versions_of_an_administration_are_missing_and_of_one_that_was_not_done_none_is():
    assert lacks_cycles(unread(), unread(dosage={"dose": amount(3.7, "GBq")}))
    assert not lacks_cycles(unread(status="not-done"), unread(status="entered-in-error"))


def test_an_administration_to_somebody_else_is_no_cycle_of_this_patient():
    assert not lacks_cycles(unread(status="in-progress", subject={"reference": "Patient/p2"}))


@pytest.mark.parametrize(("on", "lacks"), [("2026-03-10", True), ("2026-03-11", False)])
def test_what_is_dated_after_the_day_of_the_question_is_not_missing(on, lacks):
    assert lacks_cycles(unread(status="in-progress", effectiveDateTime=on)) is lacks


@pytest.mark.parametrize(
    ("more", "lacks"),
    [
        ({"medicationCodeableConcept": None}, True),
        ({"medicationCodeableConcept": {"text": "x"}}, True),
        ({"medicationCodeableConcept": coded("12345", "urn:pharmacy")}, True),
        ({"medicationCodeableConcept": coded("387517004", SNOMED)}, True),
        ({"medicationCodeableConcept": coded("V10X", ATC)}, True),
        ({"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/x"}}, True),
        ({"medicationCodeableConcept": UNKNOWN}, False),
        ({"medicationCodeableConcept": coded("161", RXNORM)}, False),
        ({"medicationCodeableConcept": coded("V10XX05", ATC)}, False),
        ({"medicationCodeableConcept": UNKNOWN, "dosage": {"dose": amount(500, "mg")}}, False),
        ({"medicationCodeableConcept": UNKNOWN, "dosage": {"dose": amount(7400, "MBq")}}, True),
        ({"medicationCodeableConcept": UNKNOWN, "dosage": {"dose": amount(200, "millicurie", "mCi")}}, True),
        ({"medicationCodeableConcept": OCTREOTIDE, "effectiveDateTime": None}, False),
    ],
)
def test_a_drug_that_is_not_known_may_be_a_cycle_unless_it_is_known_to_be_another(more, lacks):
    assert lacks_cycles(unread(**(WITHOUT_DOSE | more))) is lacks


@pytest.mark.parametrize(("code", "lacks"), [(UNKNOWN, False), ({"text": "x"}, True)])
def test_the_code_of_a_drug_may_stand_in_a_medication(code, lacks):
    medication = {"resourceType": "Medication", "id": "m", "code": code}
    given = unread(medicationCodeableConcept=None, medicationReference={"reference": "Medication/m"}, dosage=None)
    assert lacks_cycles(given, medication) is lacks


def test_of_more_treatments_than_fit_a_cycle_that_is_left_out_is_missing(monkeypatch):
    monkeypatch.setitem(MOST, "treatments", 1)
    assert in_part(administration(), unread(effectiveDateTime="2025-11-01")) == ("radiopharmaceuticals", "other_treatments")
    octreotide = unread(medicationCodeableConcept=OCTREOTIDE, effectiveDateTime="2025-11-01")
    assert in_part(administration(), octreotide) == ("other_treatments",)


# procedures that were not read


@pytest.mark.parametrize(("code", "system"), GENERIC)
def test_a_procedure_that_does_not_name_its_radiopharmaceutical_may_be_a_cycle(code, system):
    assert lacks_cycles(procedure(code, system))
    assert in_part(procedure(code, system)) == ("radiopharmaceuticals",)


@pytest.mark.parametrize(("code", "system"), CYCLE_LIKE)
def test_a_procedure_of_a_radiopharmaceutical_that_is_not_used_may_be_a_cycle(code, system):
    for more in ({"status": "in-progress"}, {"performedDateTime": "2025"}, {"modifierExtension": []}, {"status": "stopped"}):
        assert lacks_cycles(procedure(code, system, **more))
    for status in ("preparation", "not-done", "entered-in-error"):
        assert not lacks_cycles(procedure(code, system, status=status))


@pytest.mark.parametrize(("code", "system"), GENERIC)
def test_a_procedure_on_the_day_of_a_treatment_with_radiation_is_the_record_of_it(code, system):
    assert not lacks_cycles(procedure(code, system, performedDateTime="2026-01-19"))
    assert not lacks_cycles(procedure(code, system, performedDateTime="2026-01-19", status="in-progress"))
    assert lacks_cycles(procedure(code, system, performedDateTime="2026-01-20"))
    sirt = procedure("79445", CPT, id="sirt")
    assert not lacks_cycles(procedure(code, system), sirt)


def test_another_administration_of_that_day_that_was_not_read_stays_missing():
    assert lacks_cycles(unread(effectiveDateTime="2026-01-19", status="in-progress"))


IN_WORDS = {"text": "PRRT"}
CATEGORY = {"category": coded("387713003", SNOMED)}


@pytest.mark.parametrize(
    ("more", "lacks"),
    [
        ({"code": IN_WORDS}, True),
        ({"code": None}, True),
        ({"code": {"text": "Appendectomy (procedure)"}}, False),
        ({"code": coded("1", SNOMED, display="Physical therapy procedure (regime/therapy)")}, False),
        ({"code": {"text": "Wound care"}, "performedDateTime": None}, False),
        ({"code": {"text": "Hip replacement"}}, False),
        ({"code": {"text": "Hospice care (procedure)"}}, False),
        ({"code": {"text": "Infusion therapy"}}, True),
        ({"code": {"text": "Radioligand therapy after appendectomy"}}, True),
        ({"code": {"text": "?"}}, True),
        ({"code": coded("12345", "urn:hospital")}, True),
        ({"code": coded("1", SNOMED)}, True),
        ({"code": coded("79999", CPT)}, True),
        ({"code": coded("A9699", HCPCS)}, True),
        ({"code": coded("1", SNOMED), "category": coded("108290001", SNOMED)}, True),
        ({"code": IN_WORDS} | CATEGORY, False),
        ({"code": coded("1", SNOMED)} | CATEGORY, False),
        ({"code": coded("73761001", SNOMED)}, False),
        ({"code": coded("44140", CPT)}, False),
        ({"code": coded("79999", CPT)} | CATEGORY, True),
        ({"code": IN_WORDS, "status": "not-done"}, False),
        ({"code": IN_WORDS, "status": "in-progress"}, True),
        ({"code": IN_WORDS, "performedDateTime": None}, True),
        ({"code": IN_WORDS, "performedDateTime": "2026-01-19"}, False),  # the day of the administration that was read
    ],
)
def test_a_procedure_that_is_not_known_may_be_a_cycle_unless_it_is_known_to_be_another(more, lacks):
    assert lacks_cycles(procedure("", "") | more) is lacks


def test_a_procedure_that_may_be_a_cycle_is_named_with_its_day():
    assert reasons(procedure("1", SNOMED)) == [f"of 2025-06-01 {MAY_BE_CYCLE}"]
    assert reasons(procedure("1", SNOMED, performedDateTime="2025")) == [f"undated {MAY_BE_CYCLE}"]


@pytest.mark.parametrize(("kind", "lacks"), [("surgery", False), ("radiopharmaceutical", True)])
def test_our_own_extension_says_what_a_procedure_in_words_was(kind, lacks):
    told = [{"url": "urn:prrt-cds:fhir:treatments", "extension": [{"url": "kind", "valueString": kind}]}]
    assert lacks_cycles(procedure("", "", status="in-progress", extension=told) | {"code": IN_WORDS}) is lacks


def test_a_procedure_that_names_two_treatments_may_be_a_cycle():
    both = {"coding": [*coded("79445", CPT)["coding"], *coded("A9513", HCPCS)["coding"]]}
    assert lacks_cycles(procedure("", "") | {"code": both})


@pytest.mark.parametrize(("code", "system"), [("44140", CPT), ("37243", CPT), ("79445", CPT)])
def test_a_procedure_of_another_kind_is_no_cycle(code, system):
    assert not lacks_cycles(procedure(code, system, status="in-progress"))
