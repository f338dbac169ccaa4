"""The table of codes: each code once, each in a known system, each display beside the code that it belongs to."""

from collections import Counter
from typing import get_args

import pytest

from service import vocabulary as words
from service.terminology.codes import (
    CODES,
    UCUM_UNITS,
    code_of,
    find_code,
    is_another_drug,
    is_another_procedure,
    is_of_no_concern,
)
from service.terminology.units import MEASURANDS

LOINC, SNOMED, ICD = "http://loinc.org", "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
CPT, HCPCS = "http://www.ama-assn.org/go/cpt", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ATC, NDC = "http://www.whocc.no/atc", "http://hl7.org/fhir/sid/ndc"
KNOWN_SYSTEMS = {
    *(LOINC, SNOMED, ICD, ICD_10, ATC, NDC),
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    *(CPT, HCPCS),
    "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "http://terminology.hl7.org/CodeSystem/v2-0074",
}
CONCERNS = tuple(
    f"may be {what}, and so a ground against the dose"
    for what in (
        *("a disease of the blood", "another neoplasm", "a fracture or a cord compression", "a kidney disease"),
        *("a failing liver or ascites", "an anaphylaxis", "a disease of the heart valves", "a transplant"),
    )
)
# What a kind of row may mean: a closed list of the contract, or words that only the reader of FHIR knows.
MEANINGS = {
    "analyte": get_args(words.Analyte),
    "reading": ("ecog", "karnofsky", "ki67_percent", "weight", "pregnant", "disease_status"),
    "pregnancy": ("pregnant", "not_pregnant"),
    "trend": get_args(words.AssessedResponse),
    "evidence": get_args(words.AssessmentKind),
    "response": get_args(words.Response),
    "metastasis": get_args(words.MetastasisSite),
    "secondary": ("secondary",),
    "tumour": ("neuroendocrine_tumour",),
    "primary": get_args(words.PrimarySite),
    "differentiation": get_args(words.Differentiation),
    "functional_syndrome": get_args(words.FunctionalSyndrome),
    "body_site": (*get_args(words.PrimarySite), *get_args(words.MetastasisSite)),
    "comorbidity": get_args(words.ComorbidityKind),
    "radiopharmaceutical": get_args(words.Radiopharmaceutical),
    "drug": get_args(words.TreatmentKind),
    "procedure": get_args(words.TreatmentKind),
    "unnamed_radiopharmaceutical": ("does not say which radiopharmaceutical was given",),
    "ecog_answer": ("0", "1", "2", "3", "4"),
    "route": get_args(words.Route),
    "study": (*get_args(words.Modality), "imaging", "laboratory", "no_imaging", "other_region"),
    "may_be_pregnancy": ("unclear",),
    "marrow_neoplasm": ("myelodysplastic_syndrome", "leukaemia"),
    "pregnancy_test": ("pregnancy_test",),
    "negative": ("negative",),
    "concern": CONCERNS,
    "lasting_concern": CONCERNS,
    "no_concern": ("no_concern",),
    "another_procedure": ("another_procedure",),
}
# A word of the display that each meaning must have: a display beside the wrong code is noticed.
SAID = {
    "metastasis": {"lymph_node": "lymph node", "other": "other"},
    "marrow_neoplasm": {"myelodysplastic_syndrome": "myelodysplastic syndrome", "leukaemia": "leukemia"},
    "primary": {"small_intestine": "small intestine", "colon": ("colon", "cecum"), "lung": "lung"},
    "body_site": {"small_intestine": "small intestin", "lymph_node": "lymph node", "pancreas": "pancrea"},
    "analyte": {
        "alkaline_phosphatase": "alkaline phosphatase [",
        "bone_alkaline_phosphatase": "phosphatase.bone",
        "gamma_gt": "gamma glutamyl",
        "alt": "alanine",
        "ast": "aspartate",
        "haemoglobin": "hemoglobin",
        "creatinine": "creatinine [",
        "creatinine_clearance": "clearance",
        "egfr": "1.73 sq m",
        "chromogranin_a": "chromogranin a [mass",
        "five_hiaa": "5-hydroxyindoleacetate [mass/time",
    },
    "comorbidity": {"hypertension": "hypertensi", "bowel_obstruction": "obstruction"},
    "radiopharmaceutical": {"lutetium_177_dotatate": ("lutathera", "lutetium"), "iodine_131_mibg": "iobenguane"},
}
each_code = pytest.mark.parametrize("row", CODES, ids=lambda row: f"{row.kind} {row.code}")


def test_each_code_stands_once():
    assert [code for code, times in Counter((row.system, row.code) for row in CODES).items() if times > 1] == []


@each_code
def test_a_code_is_of_a_known_system_and_means_a_word_that_is_known(row):
    assert row.system in KNOWN_SYSTEMS
    assert row.mark in ("verified", "recalled")
    assert row.kind == "not_comparable" or row.means in MEANINGS[row.kind]


@pytest.mark.parametrize("row", [row for row in CODES if row.kind in SAID], ids=lambda row: f"{row.kind} {row.code}")
def test_a_display_says_what_its_code_means(row):
    said = SAID[row.kind].get(row.means, row.means)
    assert any(word in row.display.lower() for word in ([said] if isinstance(said, str) else said))


def test_the_codes_of_liver_and_bone_are_not_confused():
    assert find_code(SNOMED, "94222008").means == "bone"
    assert find_code(SNOMED, "94381002").means == "liver"


def test_a_drug_says_its_agent_and_nothing_else_does():
    assert {row.kind for row in CODES if row.agent} == {"drug"}
    assert [row.display for row in CODES if row.kind == "drug" and row.display.replace(" ", "_") != row.agent] == []


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("C7B.02", "liver"),
        ("C7B02", "liver"),
        ("c7b.02", "liver"),
        ("C7A.012", "small_intestine"),
        ("C7A.1", "poor"),
        ("C7A.8", "neuroendocrine_tumour"),
        ("C7B.8", "secondary"),
        ("E11.9", "diabetes"),
        ("C77", "lymph_node"),
    ],
)
def test_an_icd_code_is_known_with_and_without_its_dot_and_by_the_longest_row(code, means):
    found = find_code(ICD, code)
    assert (found.means, found.code) == (means, code)


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (ICD, "S7"),
        (ICD, ""),
        (ICD, "I10.9"),
        (ICD, "E11.9 with a name"),
        (ICD, "E11.12345"),
        (ICD, "E11" * 1000),
        (LOINC, "6768-60"),
        (LOINC, "67686"),
        (SNOMED, "9422200"),
        (ATC, "V10XX05"),
        (ATC, "v10xx04"),
        (SNOMED, "6768-6"),
        ("", "6768-6"),
        ("http://loinc.org/", "6768-6"),
    ],
)
def test_whatever_is_not_in_the_table_means_nothing(system, code):
    assert find_code(system, code) is None


@pytest.mark.parametrize(
    ("system", "code", "is_another"),
    [
        (ATC, "V10XX05", True),
        (ATC, "N02BE01", True),
        (ATC, "V10XX04", False),
        (ATC, "V10XX", False),
        (ATC, "V10", False),
        (ATC, "", False),
        (NDC, "69488-0003", False),
        (NDC, "0054-3120", True),
        (SNOMED, "387517004", False),
        ("urn:other", "paracetamol", False),
        ("", "", False),
    ],
)
def test_a_code_is_of_another_drug_only_where_the_radiopharmaceuticals_are_known(system, code, is_another):
    assert is_another_drug(system, code) is is_another


@pytest.mark.parametrize(
    ("system", "code", "kind"),
    [
        (ICD_10, "C79.3", "metastasis"),
        (ICD_10, "I10", "comorbidity"),
        (ICD_10, "D46.9", "marrow_neoplasm"),
        (ICD, "C92.00", "marrow_neoplasm"),
        (ICD_10, "C17.9", "concern"),
        (ICD, "D69.6", "concern"),
        (ICD, "Z94.0", "concern"),
        (ICD, "Z94.84", "lasting_concern"),
        (ICD, "Z33.1", "pregnancy"),
        (ICD, "Z33.2", "may_be_pregnancy"),
        (ICD_10, "O80", "may_be_pregnancy"),
        (ICD_10, "C7A.012", "concern"),
    ],
)
def test_a_block_of_icd_10_is_known_by_its_longest_row(system, code, kind):
    assert find_code(system, code).kind == kind


@pytest.mark.parametrize(
    ("system", "code", "is_of_none"),
    [
        *[(ICD, code, True) for code in ("E78.5", "M17.11", "k21.9", "D17", "D50.9")],
        (ICD_10, "E78.5", True),
        *[(ICD, code, False) for code in ("", "E", "hypertension", "250.00", "E78.5 x")],
        (SNOMED, "E78.5", False),
        ("urn:other", "E78.5", False),
    ],
)
def test_only_a_code_of_icd_10_without_a_row_is_of_no_concern_by_itself(system, code, is_of_none):
    assert is_of_no_concern(system, code) is is_of_none
    assert not is_of_none or find_code(system, code) is None


@pytest.mark.parametrize(
    ("system", "code", "is_another"),
    [(CPT, "44140", True), (HCPCS, "J1453", True), (CPT, "", False), (SNOMED, "44140", False), ("urn:other", "44140", False)],
)
def test_a_code_is_of_another_procedure_only_in_a_system_of_procedures(system, code, is_another):
    assert is_another_procedure(system, code) is is_another


def test_a_count_answers_only_for_what_it_counts():
    assert {row.answered_by for row in CODES if row.answered_by} == {"haemoglobin", "platelets"}
    assert {row.kind for row in CODES if row.answered_by} == {"concern"}
    assert find_code(ICD, "D64.3").answered_by is None  # sideroblastic anaemia is more than a count


def test_a_system_may_be_named_by_another_of_its_addresses():
    assert find_code("urn:oid:2.16.840.1.113883.6.96", "94222008").system == SNOMED


def test_both_spellings_of_a_national_drug_code_are_known():
    assert find_code(NDC, "69488-0003-01").means == find_code(NDC, "69488-003-01").means == "lutetium_177_dotatate"


def test_a_code_is_written_for_every_analyte_and_every_site_of_spread():
    assert [analyte for analyte in get_args(words.Analyte) if code_of("analyte", analyte) is None] == []
    assert [site for site in get_args(words.MetastasisSite) if code_of("metastasis", site) is None] == []
    assert [row.code for row in (code_of("analyte", analyte) for analyte in get_args(words.Analyte)) if row.prefix] == []


def test_a_code_that_is_written_is_no_prefix():
    kinds = {"metastasis": words.MetastasisSite, "comorbidity": words.ComorbidityKind, "route": words.Route}
    written = [code_of(kind, word) for kind, list_of_words in kinds.items() for word in get_args(list_of_words)]
    assert [row.code for row in written if row and row.prefix] == []
    assert code_of("drug", "somatostatin_analogue", "lanreotide").code == "H01CB03"
    assert code_of("drug", "somatostatin_analogue") is None


def test_what_a_code_completes_becomes_a_unit_of_its_table():
    assert {row.means for row in CODES if row.read_as} == {"egfr"}
    for row in CODES:
        assert set(row.read_as.values()) <= set(MEASURANDS["egfr"].factors)
        assert not set(row.read_as) & set(MEASURANDS["egfr"].factors)


def test_a_unit_of_ucum_is_a_unit_of_some_table():
    assert {unit for measurand in MEASURANDS.values() for unit in measurand.factors} >= UCUM_UNITS
