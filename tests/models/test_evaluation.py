"""What `evaluation.json` says: recovery, coverage, guarantee time, sensitivity, measures that are never a performance."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.training.cohorts import Truth
from models.training.ensembles import from_start_ensemble, survival_ensembles, truths
from models.training.evaluate import (
    PATIENTS,
    VIRTUAL_NOTE,
    Report,
    cohort_medians,
    coverage,
    evaluate,
    evaluate_mibg,
    guarantee_time,
    null_cohort,
    true_survival,
)
from models.training.mibg import KINDS, mibg_truths
from service.evidence import RISK
from service.risk.ensemble import WeibullEnsemble

OS, PFS, MIBG = RISK["overall_survival"], RISK["progression_free_survival"], RISK["mibg_overall_survival"]
COVARIATES = ("alp", "male")
Ensembles = dict[str, WeibullEnsemble]
MEMBERS, SIZE = 1000, 1000
HORIZONS = np.array([12.0, 24.0, 36.0, 48.0, 60.0])
each_model = pytest.mark.parametrize("model", ["OS", "PFS", *KINDS])
each_study = pytest.mark.parametrize("model", ["OS", "PFS"])


@cache
def survival() -> Ensembles:
    return survival_ensembles(OS, COVARIATES, MEMBERS, 1, SIZE)


@cache
def progression() -> Ensembles:
    return survival_ensembles(PFS, (), MEMBERS, 2, SIZE)


@cache
def evaluated() -> dict[str, Report]:
    random = np.random.default_rng(3)
    responses = {kind: from_start_ensemble(mibg_truths(MIBG, kind, MEMBERS, random), random, SIZE) for kind in KINDS}
    studies = {"OS": evaluate(OS, COVARIATES, survival()), "PFS": evaluate(PFS, (), progression())}
    return {**studies, **evaluate_mibg(MIBG, responses)}


def numbers(report) -> list[float]:
    if isinstance(report, dict | list):
        return [number for each in (report.values() if isinstance(report, dict) else report) for number in numbers(each)]
    return [report] if isinstance(report, int | float) else []


@each_model
def test_an_evaluation_is_json_with_four_decimals(model):
    report = evaluated()[model]
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert [number for number in numbers(report) if round(number, 4) != number] == []
    assert len(numbers(report)) > 30


def test_the_same_seed_gives_the_same_evaluation_and_another_seed_another():
    assert evaluate(PFS, (), progression()) == evaluated()["PFS"]
    assert evaluate(PFS, (), progression(), seed=4)["coverage"] != evaluated()["PFS"]["coverage"]


@pytest.mark.parametrize(("ensemble", "months", "error"), [(survival, 44, 5.71), (progression, 29, 5.59)], ids=["OS", "PFS"])
def test_the_median_of_the_cohort_is_the_published_one_within_monte_carlo_error(ensemble, months, error):
    medians = cohort_medians(ensemble()["from_start"])
    assert medians.mean() == pytest.approx(months, abs=3 * error / MEMBERS**0.5)
    assert medians.std() == pytest.approx(error, rel=0.15)


def test_with_the_baseline_set_at_the_reference_patient_the_cohort_would_have_30_months(monkeypatch):
    monkeypatch.setattr(Truth, "scale", property(lambda world: world.median / np.log(2) ** (1 / world.shape)))
    medians = cohort_medians(survival_ensembles(OS, COVARIATES, MEMBERS, 1, SIZE)["from_start"])
    assert medians.mean() == pytest.approx(30.5, abs=1.5)


@each_model
def test_the_hazard_ratios_used_are_those_recovered(model):
    for ratios in evaluated()[model]["recovery"]["hazard_ratios"].values():
        used, recovered = np.log(ratios["used"]), np.log(ratios["recovered"])
        assert recovered[0] == pytest.approx(used[0], abs=0.1)
        assert recovered[2] - recovered[1] == pytest.approx(used[2] - used[1], rel=0.2)


@each_model
def test_the_interval_contains_the_truth_in_95_of_100_worlds_at_each_horizon(model):
    found = [
        each for horizons in evaluated()[model]["coverage"].values() if isinstance(horizons, dict) for each in horizons.values()
    ]
    assert len(found) >= 4
    assert all(0.92 < each["all"] < 0.98 for each in found)
    assert all(0.90 < each["lowest"] <= each["all"] for each in found)


def test_an_interval_of_half_the_width_contains_the_truth_in_only_two_thirds_of_worlds():
    worlds = truths(OS, COVARIATES, 500, np.random.default_rng(5))
    ensemble = survival()["from_start"]
    shape, scale = (np.sqrt(each * np.exp(np.log(each).mean())) for each in (ensemble.shape, ensemble.scale))
    narrow = replace(ensemble, shape=shape, scale=scale, coef=(ensemble.coef + ensemble.coef.mean(axis=0)) / 2)
    found = coverage(narrow, true_survival(worlds, HORIZONS), HORIZONS)
    assert np.mean([each["all"] for each in found.values()]) == pytest.approx(0.67, abs=0.05)


@pytest.mark.parametrize("worse", [1.0, 4.0])
def test_the_cohort_without_effect_has_the_medians_of_the_study(worse):
    progression, death = null_cohort(worse, np.random.default_rng(6), 100_000)
    assert (np.median(progression), np.median(death)) == pytest.approx((29, 44), rel=0.02)
    assert (death >= progression).all()


def test_activity_without_any_effect_looks_protective_naively_and_does_nothing_at_the_landmark():
    report = guarantee_time(np.random.default_rng(7))["death_hazard_x1_after_progression"]
    assert numbers(report["naive"]) == pytest.approx([0.28, 0.44, 0.71, 0.26, 0.40, 0.60], abs=0.03)
    assert numbers(report["landmark"]) == pytest.approx(np.ones(6), abs=0.05)


def test_among_all_alive_at_the_landmark_a_bias_is_left_where_progression_shortens_life():
    landmark = guarantee_time(np.random.default_rng(8))["death_hazard_x4_after_progression"]["landmark"]["12"]
    assert landmark["overall_survival"] == pytest.approx(1, abs=0.05)
    assert landmark["overall_survival_of_all_alive"] == pytest.approx(0.83, abs=0.04)


@each_study
def test_the_assumed_bias_lies_among_the_naive_hazard_ratios_of_the_cohort_without_effect(model):
    naive = numbers(evaluated()[model]["guarantee_time"]["death_hazard_x1_after_progression"]["naive"])
    assert min(naive) < 0.29 < max(naive)


@each_model
def test_a_wider_prior_moves_each_hazard_ratio_away_from_1(model):
    by_sd = evaluated()[model]["sensitivity"]
    assert list(by_sd) == ["0.25", "0.5", "1", "none"]
    for name in by_sd["none"]:
        distances = [abs(np.log(by_sd[sd][name][0])) for sd in by_sd]
        assert distances == sorted(distances)
    for name, ratios in evaluated()[model]["recovery"]["hazard_ratios"].items():
        assert by_sd["0.5"][name] == ratios["used"]


@each_study
def test_uncorrected_the_activity_would_look_far_more_protective(model):
    by_sd = evaluated()[model]["sensitivity"]
    assert all(ratios["activity_uncorrected"][0] < 0.85 * ratios["activity"][0] for ratios in by_sd.values())
    assert by_sd["none"]["activity_uncorrected"] == evaluated()[model]["recovery"]["hazard_ratios"]["activity"]["published"]


@each_model
def test_the_measures_on_a_virtual_cohort_are_labelled_as_no_performance(model):
    report = evaluated()[model]["virtual_cohort"]
    assert report["note"] == VIRTUAL_NOTE == "Simulated patients: a test of the code, never a performance."
    assert PATIENTS / 3 < report["events"] < PATIENTS
    assert 0.45 < report["harrell_c"] < 0.7
    assert 0 < report["integrated_brier_score"] < 0.25
    assert list(report["observed_expected"].values())[-1] == pytest.approx(1, abs=0.2)


def test_without_covariates_there_is_nothing_to_discriminate():
    report = evaluated()["PFS"]["virtual_cohort"]
    assert (report["harrell_c"], report["uno_c"], report["calibration_slope"]) == (0.5, 0.5, None)


@pytest.mark.parametrize("kind", KINDS)
def test_the_recovered_difference_of_medians_is_smaller_than_the_published_one(kind):
    difference = evaluated()[kind]["recovery"]["difference_of_medians_months"]
    assert 0 < difference["recovered"][0] < difference["published"]
