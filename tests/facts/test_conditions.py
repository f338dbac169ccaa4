"""Plain conditions: true, false, or not told; what was not told is never false."""

from datetime import date

import pytest

from service.facts.conditions import is_well_differentiated, last_given
from service.patient.disease import Disease
from tests.patients import facts_of, lab, patient

ON = "2026-03-02"


def conditions(**parts):
    return facts_of(**parts).conditions


def uptake(**told):
    return {"disease": {"sstr_imaging": told}}


def person(**told):
    return {"patient": {"id": "demo-1", "sex": "female", **told}}


def comorbidities(*kinds):
    return {"comorbidities": [{"kind": kind} for kind in kinds]}


def test_of_a_patient_of_whom_nothing_was_told_nothing_is_false_but_what_the_us_label_does_not_ask():
    found = dict(conditions())
    assert found.pop("outside_the_eu_label") is False
    assert set(found.values()) == {None}


@pytest.mark.parametrize("condition", ["pregnant", "breast_feeding"])
@pytest.mark.parametrize(
    ("sex", "told", "holds"),
    [
        ("female", True, True),
        ("female", False, False),
        ("female", None, None),
        ("other", True, True),
        ("other", None, None),
        ("unknown", False, False),
        ("unknown", None, None),
        ("male", None, False),
        ("male", False, False),
        ("male", True, True),  # told: never passed over
    ],
)
def test_of_pregnancy_and_breast_feeding_only_men_need_not_be_asked(condition, sex, told, holds):
    given = {"id": "demo-1", "sex": sex} | ({} if told is None else {condition: told})
    assert conditions(patient=given)[condition] is holds


@pytest.mark.parametrize(
    ("disease", "well"),
    [
        ({}, None),
        ({"grade": 1}, True),
        ({"grade": 2}, True),
        ({"grade": 3}, None),
        ({"differentiation": "well"}, True),
        ({"differentiation": "poor"}, False),
        ({"differentiation": "well", "grade": 3}, True),
        ({"differentiation": "poor", "grade": 3}, False),
        ({"differentiation": "poor", "grade": 1}, False),  # as told, against the grade
    ],
)
def test_differentiation_is_as_told_and_else_by_the_grade(disease, well):
    assert is_well_differentiated(Disease(**disease)) is well
    assert conditions(disease=disease)["poorly_differentiated"] is (None if well is None else not well)


@pytest.mark.parametrize(
    ("disease", "holds"),
    [
        ({}, None),
        ({"grade": 3}, None),
        ({"differentiation": "well"}, None),
        ({"differentiation": "well", "grade": 3}, True),
        ({"differentiation": "poor", "grade": 3}, False),
        ({"differentiation": "well", "grade": 2}, False),
        ({"grade": 1}, False),
    ],
)
def test_high_grade_needs_the_grade_and_the_differentiation(disease, holds):
    assert conditions(disease=disease)["well_differentiated_grade_3"] is holds


@pytest.mark.parametrize(
    ("told", "holds"), [({}, None), ({"fdg_positive_sstr_negative": True}, True), ({"fdg_positive_sstr_negative": False}, False)]
)
def test_discordant_disease_is_as_told(told, holds):
    assert conditions(**uptake(**told))["discordant"] is holds


@pytest.mark.parametrize(
    ("told", "holds"), [({}, None), ({"all_lesions_positive": True}, False), ({"all_lesions_positive": False}, True)]
)
def test_a_lesion_without_uptake_is_the_opposite_of_all_positive(told, holds):
    assert conditions(**uptake(**told))["not_all_positive"] is holds


def test_imaging_that_was_not_told_leaves_both_open():
    found = conditions(disease={"grade": 2})
    assert (found["discordant"], found["not_all_positive"]) == (None, None)


@pytest.mark.parametrize("kind", ["carcinoid_heart_disease", "hydronephrosis", "bowel_obstruction", "hypertension", "diabetes"])
def test_a_list_of_comorbidities_is_complete_and_none_is_a_question(kind):
    assert conditions()[kind] is None
    assert conditions(**comorbidities())[kind] is False
    assert conditions(**comorbidities(kind))[kind] is True
    other = "diabetes" if kind != "diabetes" else "hypertension"
    assert conditions(**comorbidities(other))[kind] is False
    assert conditions(**comorbidities(other), told_in_part=["comorbidities"])[kind] is None
    assert conditions(**comorbidities(kind), told_in_part=["comorbidities"])[kind] is True


@pytest.mark.parametrize(
    ("disease", "holds"),
    [
        ({}, None),
        ({"metastases": []}, False),
        ({"metastases": [{"site": "liver"}]}, False),
        ({"metastases": [{"site": "brain"}]}, True),
        ({"metastases": [{"site": "brain"}], "metastases_complete": False}, True),
        ({"metastases": [{"site": "liver"}], "metastases_complete": False}, None),
        ({"metastases": [{"site": "liver"}], "metastases_complete": True}, False),
    ],
)
def test_brain_metastases_are_read_from_the_sites(disease, holds):
    assert conditions(disease=disease)["brain_metastases"] is holds


@pytest.mark.parametrize(
    ("syndrome", "holds"), [(None, None), ("none", False), ("carcinoid", True), ("insulinoma", True), ("other", True)]
)
def test_no_functional_syndrome_is_something_to_tell(syndrome, holds):
    told = {} if syndrome is None else {"functional_syndrome": syndrome}
    assert conditions(disease=told)["functional_syndrome"] is holds


@pytest.mark.parametrize(
    ("site", "holds"), [(None, None), ("lung", True), ("thymus", True), ("pancreas", False), ("small_intestine", False)]
)
def test_lung_and_thymus_are_outside_the_label(site, holds):
    told = {} if site is None else {"primary_site": site}
    assert conditions(disease=told)["primary_outside_the_label"] is holds


@pytest.mark.parametrize(
    ("grade", "progressive", "outside"),
    [
        (1, True, False),
        (2, True, False),
        (3, True, True),
        (None, True, None),
        (1, False, True),
        (2, False, True),
        (3, False, True),
        (None, False, True),
        (1, None, None),
        (2, None, None),
        (3, None, True),
        (None, None, None),
    ],
)
def test_one_ground_is_enough_to_be_outside_the_eu_label_and_both_are_needed_to_be_inside(grade, progressive, outside):
    told = {"grade": grade, "progressive_on_somatostatin_analogue": progressive}
    disease = {name: value for name, value in told.items() if value is not None}
    assert conditions(disease=disease, options={"jurisdiction": "eu"})["outside_the_eu_label"] is outside
    assert conditions(disease=disease)["outside_the_eu_label"] is False


FEW, ENOUGH, NO_LIMIT, ABSENT = "few", "enough", "no limit", "absent"


def count(analyte, told):
    if told == ABSENT:
        return []
    value = 0.9 if told == FEW else 1.0  # at the limit is enough
    return [lab(analyte, value, "10*9/L", ON, **({} if told == NO_LIMIT else {"lower_limit": 1.0}))]


@pytest.mark.parametrize(
    ("lymphocytes", "neutrophils", "alone"),
    [
        (FEW, ENOUGH, True),
        (FEW, FEW, False),
        (ENOUGH, ENOUGH, False),
        (ENOUGH, FEW, False),
        (FEW, ABSENT, None),
        (FEW, NO_LIMIT, None),
        (ABSENT, ENOUGH, None),
        (NO_LIMIT, ENOUGH, None),
        (ABSENT, ABSENT, None),
        (NO_LIMIT, NO_LIMIT, None),
        (ENOUGH, ABSENT, False),  # enough of one is an answer, whatever the other
        (ENOUGH, NO_LIMIT, False),
        (ABSENT, FEW, False),
        (NO_LIMIT, FEW, False),
    ],
)
def test_lymphopenia_alone_needs_few_lymphocytes_and_enough_neutrophils(lymphocytes, neutrophils, alone):
    told = [*count("lymphocytes", lymphocytes), *count("neutrophils", neutrophils)]
    assert conditions(laboratory=told)["lymphopenia_alone"] is alone


def test_the_last_day_of_several_treatments_of_some_kinds():
    told = [
        {"kind": "chemotherapy", "given_on": "2025-06-01"},
        {"kind": "sirt", "given_on": "2025-08-01"},
        {"kind": "chemotherapy", "given_on": "2025-07-01"},
        {"kind": "surgery", "given_on": "2026-01-01"},
    ]
    state = patient(treatments=told)
    assert last_given(state, "chemotherapy") == date(2025, 7, 1)
    assert last_given(state, "chemotherapy", "sirt") == date(2025, 8, 1)
    assert last_given(state, "targeted_therapy") is None
    assert last_given(patient(), "chemotherapy") is None


@pytest.mark.parametrize(
    ("taken_on", "alone"), [("2026-02-02", True), ("2026-02-01", None), ("2026-03-30", True), ("2026-03-31", None)]
)
def test_lymphocytes_and_neutrophils_count_up_to_28_days_from_the_leukocytes(taken_on, alone):
    told = [
        lab("leukocytes", 1.9, "10*9/L", "2026-03-02"),
        lab("lymphocytes", 0.4, "10*9/L", taken_on, lower_limit=1.0),
        lab("neutrophils", 3, "10*9/L", "2026-03-02", lower_limit=1.8),
    ]
    assert conditions(laboratory=told, as_of="2026-04-10")["lymphopenia_alone"] is alone


@pytest.mark.parametrize(
    ("detail", "named"),
    [
        ("Acute myeloid leukaemia", True),
        ("leukemia", True),
        ("myelodysplastic_syndrome", True),
        ("suspected t-MN", True),
        ("AML", True),
        ("calmly", False),
        (None, False),
    ],
)
def test_a_neoplasm_of_the_marrow_is_known_by_the_words_in_use(detail, named):
    event = {"occurred_on": "2026-02-02", "kind": "adverse_event"} | ({"detail": detail} if detail else {})
    assert conditions(events=[event])["marrow_neoplasm"] is named
    assert conditions()["marrow_neoplasm"] is None
