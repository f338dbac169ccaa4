"""Conditions: sites of spread, the primary tumour, what else is wrong; and when a condition says nothing."""

import pytest

from service.intake.trace import NotUsed, Used
from tests.intake.hospital import ICD, PATIENT, SNOMED, coded, condition, lab, read, reasons

EXTENSION = "urn:prrt-cds:fhir"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def sites(*conditions):
    return [found.site for found in read(*conditions).state.disease.metastases]


def named(name, resource):
    return resource | {"id": name}


@pytest.mark.parametrize(
    ("code", "system", "site"),
    [
        ("94222008", SNOMED, "bone"),
        ("94381002", SNOMED, "liver"),
        ("C7B.02", ICD, "liver"),
        ("C7B02", ICD, "liver"),
        ("C7B.03", ICD, "bone"),
        ("C7B.01", ICD, "lymph_node"),
        ("C77.2", ICD, "lymph_node"),
        ("C79.51", ICD, "bone"),
        ("C78.01", ICD, "lung"),
    ],
)
def test_a_site_of_spread_is_known_by_its_code(code, system, site):
    assert sites(condition(code, system)) == [site]


def test_a_site_that_several_conditions_name_stands_once_with_every_trace():
    intake = read(named("a", condition("94381002")), named("b", condition("C7B.02", ICD)), named("c", condition("94222008")))
    assert [found.site for found in intake.state.disease.metastases] == ["liver", "bone"]
    assert intake.state.disease.metastases_complete is False
    assert [used.resource for used in intake.used if used.item == "/disease/metastases/0"] == ["Condition/a", "Condition/b"]


def test_a_metastasis_without_a_site_takes_the_body_site():
    assert sites(condition("128462008", bodySite=[coded("10200004", SNOMED)])) == ["liver"]


@pytest.mark.parametrize("body", [[], [coded("10200004", SNOMED), coded("272673000", SNOMED)], [coded("15776009", SNOMED)]])
def test_a_metastasis_of_no_clear_site_is_not_used(body):
    assert reasons(condition("128462008", bodySite=body)) == ["does not say one site of spread that is read"]
    assert reasons(condition("C7B.8", ICD, bodySite=body)) == ["does not say one site of spread that is read"]


@pytest.mark.parametrize(
    ("code", "field", "word"),
    [
        ("C7A.012", "primary_site", "small_intestine"),
        ("C7A.026", "primary_site", "rectum"),
        ("C25.4", "primary_site", "pancreas"),
        ("C7A.1", "differentiation", "poor"),
        ("E34.0", "functional_syndrome", "carcinoid"),
        ("E34.00", "functional_syndrome", "carcinoid"),
    ],
)
def test_a_code_says_one_thing_about_the_tumour(code, field, word):
    assert getattr(read(condition(code, ICD)).state.disease, field) == word


def test_a_neuroendocrine_tumour_takes_its_site_from_the_body_site():
    tumour = condition("255046005", bodySite=[coded("15776009", SNOMED)])
    assert read(tumour).state.disease.primary_site == "pancreas"
    assert reasons(condition("255046005")) == ["does not say one site of the primary tumour that is read"]
    assert reasons(condition("C7A.8", ICD)) == ["does not say one site of the primary tumour that is read"]


def test_two_primary_sites_are_neither_used():
    intake = read(named("a", condition("C7A.012", ICD)), named("b", condition("C25.4", ICD)))
    assert intake.state.disease is None
    reason = "does not agree with another resource about primary_site; neither is used"
    assert intake.not_used == (NotUsed("Condition/a", reason), NotUsed("Condition/b", reason))


@pytest.mark.parametrize(
    ("code", "system", "kind"),
    [
        ("I10", ICD, "hypertension"),
        ("59621000", SNOMED, "hypertension"),
        ("E11.9", ICD, "diabetes"),
        ("43064006", SNOMED, "hydronephrosis"),
    ],
)
def test_a_comorbidity_is_known_by_its_code(code, system, kind):
    intake = read(condition(code, system, onsetDateTime="2020-01-02"))
    assert [found.kind for found in intake.state.comorbidities] == [kind]
    assert Used("Condition/c", "/comorbidities/0", "2020-01-02", code) in intake.used


def test_a_comorbidity_that_is_said_again_stands_once():
    intake = read(named("a", condition("I10", ICD)), named("b", condition("38341003")))
    assert len(intake.state.comorbidities) == 1
    assert intake.not_used == (NotUsed("Condition/b", "says again what another condition says"),)


@pytest.mark.parametrize("word", ["active", "recurrence", "relapse"])
def test_an_active_condition_is_used(word):
    assert sites(condition("94222008", clinicalStatus=coded(word, CLINICAL), verificationStatus=coded("confirmed", VERIFICATION)))


@pytest.mark.parametrize(
    ("name", "word"),
    [(("clinicalStatus"), word) for word in ("inactive", "remission", "resolved")]
    + [("verificationStatus", word) for word in ("unconfirmed", "provisional", "differential", "refuted", "entered-in-error")],
)
def test_a_condition_that_is_over_or_not_confirmed_says_nothing(name, word):
    intake = read(condition("94222008", **{name: coded(word, CLINICAL)}))
    assert intake.state.disease is None
    assert intake.not_used == (NotUsed("Condition/c", f"has {name} {word}"),)


@pytest.mark.parametrize("word", [{"text": "active"}, None, "active", {"coding": [{"code": "active"}, {"code": "resolved"}]}])
def test_a_status_that_is_not_understood_says_nothing(word):
    assert reasons(condition("94222008", clinicalStatus=word)) == ["has a clinicalStatus that is not read"]


@pytest.mark.parametrize("abated", [{"abatementDateTime": "2020-01-01"}, {"abatementBoolean": True}, {"abatementAge": None}])
def test_a_condition_that_has_abated_says_nothing(abated):
    assert reasons(condition("94222008", **abated)) == ["says that it is over"]


PREGNANCY = [("72892002", SNOMED), ("77386006", SNOMED), ("Z33.1", ICD), ("Z33.3", ICD)]


def not_pregnant(on):
    answer = {"valueQuantity": None, "valueCodeableConcept": coded("60001007", SNOMED)}
    return lab("82810-3", effectiveDateTime=on, **answer)


@pytest.mark.parametrize(("code", "system"), PREGNANCY)
def test_a_pregnancy_that_is_active_lasts_until_the_day_of_the_question(code, system):
    assert read(condition(code, system)).state.patient.pregnant is True
    begun = condition(code, system, onsetDateTime="2025-12-01", clinicalStatus=coded("active", CLINICAL))
    assert read(begun, not_pregnant("2026-03-09")).state.patient.pregnant is True


def test_a_pregnancy_that_another_answer_of_the_day_denies_is_not_known():
    intake = read(condition("77386006", onsetDateTime="2025-12-01"), not_pregnant("2026-03-10"))
    assert intake.state.patient.pregnant is None
    reason = "does not agree with another resource about pregnant; neither is used"
    assert {each.reason for each in intake.not_used} == {reason}


def test_a_pregnancy_that_is_over_says_nothing_and_no_condition_says_that_there_is_none():
    assert read(condition("77386006", abatementDateTime="2026-01-01")).state.patient.pregnant is None
    assert reasons(condition("60001007")) == ["has no code that is read"]


@pytest.mark.parametrize(("code", "system"), [("Z33.2", ICD), ("O80", ICD), ("Z34.90", ICD), ("Z3A.20", ICD)])
def test_what_is_of_a_pregnancy_says_neither_that_there_is_one_nor_that_there_is_none(code, system):
    found = condition(code, system)
    assert read(found).state.patient.pregnant is None
    assert read(found, not_pregnant("2026-03-10")).state.patient.pregnant is None
    assert read(found, named("other", condition("77386006"))).state.patient.pregnant is True
    suspected = condition("77386006", verificationStatus=coded("provisional", VERIFICATION))
    assert read(suspected, not_pregnant("2026-03-10")).state.patient.pregnant is None
    assert read(found | {"abatementDateTime": "2026-01-02"}, not_pregnant("2026-03-10")).state.patient.pregnant is False


def test_what_is_of_a_pregnancy_opens_breast_feeding_too():
    told = [{"url": "breast_feeding", "valueBoolean": False}]
    patient = PATIENT | {"extension": [{"url": f"{EXTENSION}:patient", "extension": told}]}
    assert read(patient=patient).state.patient.breast_feeding is False
    assert read(condition("O92.7", ICD), patient=patient).state.patient.breast_feeding is None


def test_a_code_never_reads_its_display():
    assert sites(condition("94222008") | {"code": coded("94222008", SNOMED, display="Metastasis to liver")}) == ["bone"]


def test_no_list_becomes_complete_by_being_read():
    state = read().state
    assert (state.laboratory, state.treatments, state.comorbidities, state.disease) == (None, None, None, None)


def test_what_two_of_our_own_conditions_say_otherwise_about_a_site_is_left_out():
    def ours(name, count):
        extension = [{"url": "lesion_count", "valueInteger": count}, {"url": "dominant", "valueBoolean": True}]
        return named(name, condition("94381002", extension=[{"url": f"{EXTENSION}:metastases", "extension": extension}]))

    intake = read(ours("a", 3), ours("b", 4))
    (liver,) = intake.state.disease.metastases
    assert (liver.lesion_count, liver.dominant) == (None, True)
    assert [each.resource for each in intake.not_used] == ["Condition/b"]


def test_a_site_whose_extension_does_not_fit_is_used_without_it():
    extension = [{"url": "lesion_count", "valueInteger": 0}, {"url": "involvement_percent", "valueDecimal": 30}]
    ours = condition("94381002", extension=[{"url": f"{EXTENSION}:metastases", "extension": extension}])
    intake = read(ours)
    assert intake.state.disease.metastases[0].involvement_percent == 30
    assert intake.not_used == (NotUsed("Condition/c", "lesion_count must be at least 1"),)
