"""What is told only in part: nothing of a hospital is complete, and what may be a cycle is never passed over."""

import pytest

from service.intake.lists import MOST
from tests.intake.hospital import (
    ATC,
    ICD,
    LUTETIUM,
    SNOMED,
    SUBJECT,
    administration,
    amount,
    coded,
    condition,
    read,
    reasons,
)

CPT, HCPCS = "http://www.ama-assn.org/go/cpt", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
EXTENSION = "urn:prrt-cds:fhir"
OCTREOTIDE, UNKNOWN = coded("H01CB02", ATC), coded("N02BE01", ATC)
GENERIC = [("440252007", SNOMED), ("79101", CPT)]
CYCLE_LIKE = [*GENERIC, ("A9513", HCPCS), ("A9590", HCPCS)]
WITHOUT_DOSE = {"dosage": None}
CT = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "status": "final",
    "subject": SUBJECT,
    "effectiveDateTime": "2026-03-05",
    "category": [coded("CT", "http://terminology.hl7.org/CodeSystem/v2-0074")],
    "conclusionCode": [coded("C18213", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl")],
}


def in_part(*resources, **how):
    return read(*resources, **how).state.told_in_part


def unread(**more):
    """An administration beside the one that is read."""
    return administration(id="other", **more)


def procedure(code, system, **more):
    told = {"resourceType": "Procedure", "id": "p", "status": "completed", "subject": SUBJECT, "code": coded(code, system)}
    return told | {"performedDateTime": "2025-06-01"} | more


def lacks_cycles(*resources):
    """Whether cycles may be missing beside one that is read."""
    return "radiopharmaceuticals" in in_part(administration(), *resources)


def state(*told, words=None):
    """Our own Basic resource that says which lists are told."""
    nested = [{"url": "told", "extension": [{"url": "entry", "valueString": name} for name in told]}]
    if words is not None:
        entries = [{"url": "entry", "valueString": word} for word in words]
        nested.append({"url": "told_in_part"} | ({"extension": entries} if entries else {"valueCode": "empty-list"}))
    extension = [{"url": f"{EXTENSION}:state", "extension": nested}]
    return {"resourceType": "Basic", "id": "s", "subject": SUBJECT, "code": coded("state", EXTENSION), "extension": extension}


# what a hospital sends


def test_of_what_a_hospital_sends_no_list_is_complete():
    assert in_part() is None
    assert in_part(administration()) == ("other_treatments",)
    assert in_part(condition("I10", ICD)) == ("comorbidities",)
    assert in_part(CT) == ("imaging",)
    assert in_part(administration(), condition("I10", ICD), CT) == ("other_treatments", "comorbidities", "imaging")


def test_treatments_without_a_radiopharmaceutical_say_nothing_about_cycles():
    octreotide = administration(medicationCodeableConcept=OCTREOTIDE)
    assert in_part(octreotide) == ("radiopharmaceuticals", "other_treatments")
    assert in_part(octreotide, unread()) == ("other_treatments",)


def test_metastases_that_conditions_name_need_not_be_all():
    assert read(condition("94222008")).state.disease.metastases_complete is False
    assert read(condition("C7A.012", ICD)).state.disease.metastases_complete is None


def test_our_own_state_says_whether_the_metastases_are_all():
    assert read(condition("94222008"), state("metastases")).state.disease.metastases_complete is None
    extension = [{"url": f"{EXTENSION}:disease", "extension": [{"url": "metastases_complete", "valueBoolean": True}]}]
    tumour = condition("255046005", extension=extension) | {"id": "t"}
    assert read(condition("94222008"), tumour).state.disease.metastases_complete is True


# our own state


def test_what_our_own_state_tells_is_complete():
    everything = (administration(), condition("I10", ICD), CT)
    assert in_part(*everything, state("treatments", "comorbidities", "imaging")) is None
    assert in_part(*everything, state("treatments")) == ("comorbidities", "imaging")
    octreotide = administration(medicationCodeableConcept=OCTREOTIDE)
    assert in_part(octreotide, state("treatments")) is None


@pytest.mark.parametrize("words", [[], ["imaging"], ["imaging", "comorbidities", "imaging"], ["other_treatments"]])
def test_what_our_own_state_tells_in_part_is_told_as_it_says(words):
    assert in_part(administration(), state("treatments", words=words)) == tuple(words)


def test_what_our_own_state_tells_in_part_is_joined_by_what_else_cannot_be_complete():
    told = state("treatments", words=["imaging", "imaging", "imaging", "imaging"])
    assert in_part(condition("I10", ICD), told) == ("imaging", "comorbidities")


@pytest.mark.parametrize("words", [["imaging", "canary"], ["imaging"] * 5])
def test_what_our_own_state_tells_in_part_and_is_not_read_makes_nothing_complete(words):
    intake = read(administration(), state("treatments", words=words))
    assert intake.state.told_in_part == ("radiopharmaceuticals", "other_treatments", "comorbidities", "imaging")
    assert [each.reason for each in intake.not_used] == [
        "tells in part something that is not read; so nothing counts as complete"
    ]


def test_what_tells_in_part_and_is_no_list_makes_nothing_complete():
    told = state("treatments")
    told["extension"][0]["extension"].append({"url": "told_in_part", "valueString": "imaging"})
    assert len(in_part(told)) == 4


def test_our_own_state_does_not_speak_for_a_cycle_beside_it_that_was_not_read():
    assert in_part(unread(status="in-progress"), state("treatments")) == ("radiopharmaceuticals",)


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


def test_a_procedure_that_names_two_treatments_may_be_a_cycle():
    both = {"coding": [*coded("79445", CPT)["coding"], *coded("A9513", HCPCS)["coding"]]}
    assert lacks_cycles(procedure("", "") | {"code": both})


@pytest.mark.parametrize(("code", "system"), [("44140", CPT), ("37243", CPT), ("79445", CPT)])
def test_a_procedure_of_another_kind_is_no_cycle(code, system):
    assert not lacks_cycles(procedure(code, system, status="in-progress"))


# searches that could not be had


def cut(*resources):
    return {"resourceType": "Bundle", "type": "searchset", "total": 9, "entry": [{"resource": each} for each in resources]}


@pytest.mark.parametrize(
    ("bundle", "lacks"),
    [
        (cut(unread(effectiveDateTime="2025-11-01")), True),
        (cut(procedure("44140", CPT)), True),
        (cut(), True),
        (cut({}), True),
        (cut(condition("I10", ICD)), False),
    ],
)
def test_of_a_search_that_was_cut_cycles_may_be_missing(bundle, lacks):
    assert lacks_cycles(bundle) is lacks
    assert in_part(administration(), bundle, state("treatments", "comorbidities")) is None


@pytest.mark.parametrize(("key", "lacks"), [("treatments", True), ("procedures", True), ("conditions", False)])
def test_of_a_search_that_could_not_be_had_cycles_may_be_missing(key, lacks):
    detail = {"coding": [{"system": "urn:prrt-cds:fetching", "code": "too-slow"}]}
    note = {"resourceType": "OperationOutcome", "id": key, "issue": [{"details": detail}]}
    assert lacks_cycles(note) is lacks
    assert reasons(note) == ["did not come in time"]
