"""The numbers that the facts are computed by, and that every number can be traced."""

from decimal import Decimal
from importlib.resources import files
from typing import get_args

import pytest

from service.evidence import CRITERIA, GRADINGS, SOURCES, load
from service.terminology.units import MEASURANDS
from service.vocabulary import Analyte, CtcaeVersion

RULES = sorted(entry.name.removesuffix(".yaml") for entry in files("service.evidence").iterdir() if entry.name.endswith(".yaml"))
RULES.remove("sources")
RECORDS = [*(load(stem) for stem in RULES), *CRITERIA.values()]

CRITERIA_AS_PRINTED = [
    ("course", "longest_gap", "26", "wk"),
    ("course", "planned_cycles", "4", "1"),
    ("course", "planned_activity", "7.4", "GBq"),
    ("course", "interval", "8", "wk"),
    ("course", "reduced_activity", "3.7", "GBq"),
    ("course", "accuracy", "5", "%"),
    ("course", "interval_tolerance", "1", "wk"),
    ("dose_modification", "thrombocytopenia_grade", "2", "1"),
    ("dose_modification", "anaemia_grade", "3", "1"),
    ("dose_modification", "neutropenia_grade", "3", "1"),
    ("dose_modification", "other_grade", "3", "1"),
    ("dose_modification", "hypersensitivity_grade", "3", "1"),
    ("dose_modification", "transfusion_window", "28", "d"),
    ("dose_modification", "lowest_clearance", "40", "mL/min"),
    ("dose_modification", "creatinine_rise", "40", "%"),
    ("dose_modification", "clearance_fall", "-40", "%"),
    ("dose_modification", "highest_bilirubin", "3", "xULN"),
    ("dose_modification", "lowest_albumin", "30", "g/L"),
    ("dose_modification", "highest_inr", "1.5", "1"),
    ("dose_modification", "back_at_baseline", "10", "%"),
    ("dose_modification", "longest_delay", "16", "wk"),
    ("dose_modification", "longest_interval", "16", "wk"),
    ("dose_modification", "asked_before_due", "14", "d"),
    ("dose_modification", "oldest", "28", "d"),
    ("dosimetry", "alpha_beta", "2.5", "Gy"),
    ("dosimetry", "repair_half_life", "2.8", "h"),
    ("dosimetry", "effective_half_life", "50", "h"),
    ("follow_up", "fresh", "4", "wk"),
    ("follow_up", "asked_before_dose", "14", "d"),
    ("follow_up", "blood_count_in_course", "6", "wk"),
    ("follow_up", "imaging_after_cycle", "2", "1"),
    ("follow_up", "counts_early", "14", "d"),
    ("follow_up", "blood_count_first", "1", "mo"),
    ("follow_up", "blood_count_second", "3", "mo"),
    ("follow_up", "blood_count_third", "6", "mo"),
    ("follow_up", "blood_count_yearly", "12", "mo"),
    ("follow_up", "eu_blood_count", "4", "wk"),
    ("follow_up", "eu_soon", "3", "mo"),
    ("follow_up", "eu_blood_count_later", "6", "mo"),
    ("follow_up", "imaging_first", "3", "mo"),
    ("follow_up", "imaging_second", "6", "mo"),
    ("follow_up", "sstr_pet", "3", "mo"),
    ("kidney", "age_constant", "140", "a"),
    ("kidney", "creatinine_constant", "72", "1"),
    ("kidney", "female_factor", "0.85", "1"),
    ("kidney", "adult_age", "18", "a"),
    ("recist_1_1", "partial_response", "-30", "%"),
    ("recist_1_1", "progression_relative", "20", "%"),
    ("recist_1_1", "progression_absolute", "5", "mm"),
    ("recist_1_1", "normal_node", "10", "mm"),
    ("recist_1_1", "measurable_lesion", "10", "mm"),
    ("recist_1_1", "measurable_node", "15", "mm"),
    ("recist_1_1", "most_targets", "5", "1"),
    ("recist_1_1", "most_targets_of_an_organ", "2", "1"),
]


@pytest.mark.parametrize(("record", "name", "value", "unit"), CRITERIA_AS_PRINTED)
def test_a_criterion_is_the_printed_one(record, name, value, unit):
    assert (CRITERIA[record][name].value, CRITERIA[record][name].unit) == (Decimal(value), unit)


def test_every_criterion_stands_in_this_table():
    declared = {(record.id, number.id) for record in CRITERIA.values() for number in record.numbers}
    assert declared == {row[:2] for row in CRITERIA_AS_PRINTED}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_every_number_says_what_it_means_and_where_it_stands(record):
    for number in record.numbers:
        assert number.source in SOURCES
        assert number.meaning
        assert number.locator
        assert number.unit


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_what_this_service_assumes_is_called_assumed(record):
    assert all((number.source == "prrt-cds") <= (number.kind == "assumed") for number in record.numbers)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_an_interval_of_confidence_holds_its_estimate_and_says_whose_it_is(record):
    for finding in record.findings.values():
        assert (finding.ci is None) == (finding.ci_kind is None)
        if finding.ci:
            assert finding.ci[0] <= finding.value <= finding.ci[1]


@pytest.mark.parametrize("version", GRADINGS)
def test_a_grading_is_sourced_and_grades_known_analytes_in_their_canonical_unit(version):
    grading = GRADINGS[version]
    assert grading.source in SOURCES
    assert grading.version == version
    assert set(grading.terms) <= set(get_args(Analyte))
    assert all(term.unit == MEASURANDS[analyte].unit for analyte, term in grading.terms.items())


def test_every_version_that_may_be_asked_for_has_its_grading():
    assert set(GRADINGS) == set(CtcaeVersion.__args__)


def test_an_identifier_is_a_rule_or_a_source_and_never_both():
    assert not {record.id for record in RECORDS} & set(SOURCES)
