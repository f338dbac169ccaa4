"""What fits the ensemble is a scikit-learn estimator, and each curve of the ensemble is a survival."""

from collections import defaultdict
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.utils.estimator_checks import estimator_checks_generator

from models.training.cohorts import Truth, from_start
from models.training.ensembles import survival_ensembles
from models.training.fitters import WeibullEnsembleFitter
from models.training.weibull import NotConvergedError, fit_weibull
from service.evidence import RISK
from service.risk.ensemble import WeibullEnsemble
from service.risk.predict import interval

OS = RISK["overall_survival"]
COVARIATES = ("alp", "male")
CHECKS = defaultdict(list)
for _estimator, _check in estimator_checks_generator(WeibullEnsembleFitter(n_members=2)):
    # The array API, which the estimator does not claim, can only be checked with an environment variable set.
    if (_name := _check.func.__name__) != "check_array_api_input":
        CHECKS[_name].append((_estimator, _check))


def small(seed: int, members: int = 20, patients: int = 500) -> dict[str, WeibullEnsemble]:
    return survival_ensembles(OS, COVARIATES, members, seed, patients)


ENSEMBLES = small(seed=1, members=100)
START, LATER = ENSEMBLES["from_start"], ENSEMBLES["landmark"]
PARAMETERS = ("shape", "scale", "coef", "prevalence")
MONTHS = np.arange(0.0, 61.0)
known = st.sampled_from([0.0, 1.0])
known_or_not = st.sampled_from([0.0, 1.0, np.nan])
each_ensemble = pytest.mark.parametrize("ensemble", [START, LATER], ids=["from the start", "landmark"])


@pytest.mark.parametrize("name", CHECKS)
def test_it_passes_the_checks_of_scikit_learn(name):
    for estimator, check in CHECKS[name]:
        check(estimator)


def test_a_clone_has_the_same_settings_and_is_not_fitted():
    estimator = WeibullEnsembleFitter(n_members=7, entry=12.0, random_state=3)
    assert estimator.get_params() == {"n_members": 7, "entry": 12.0, "random_state": 3}
    fitted = estimator.fit([[0.0], [1.0], [0.0]], [13.0, 14.0, 20.0])
    assert clone(fitted).get_params() == fitted.get_params()
    assert not hasattr(clone(fitted), "ensemble_")


def test_the_same_seed_gives_the_same_parameters_and_another_seed_others():
    first, again, other = small(seed=5), small(seed=5), small(seed=6)
    for question, name in product(("from_start", "landmark"), PARAMETERS):
        parameters = [getattr(each[question], name) for each in (first, again, other)]
        assert parameters[0] == pytest.approx(parameters[1], rel=0, abs=1e-9)
        assert np.abs(parameters[0] - parameters[2]).min() > 0


def test_the_seed_of_the_bootstrap_is_kept_too():
    features, months, _ = from_start(Truth(1.2, 30.0, np.array([0.5]), np.array([0.7])), np.random.default_rng(1), 300)
    first, again, other = (WeibullEnsembleFitter(3, random_state=seed).fit(features, months).ensemble_ for seed in (1, 1, 2))
    assert (first.coef == again.coef).all()
    assert first.coef[0] == other.coef[0], "the first member has all patients"
    assert (first.coef[1:] != other.coef[1:]).all()


def test_a_fit_to_a_large_cohort_is_its_truth():
    truth = Truth(1.45, 44.0, np.array([0.35, 0.55]), np.array([0.5, 0.7]))
    features, months, event = from_start(truth, np.random.default_rng(2), 100_000)
    fit = fit_weibull(features, np.minimum(months, 60.0), event & (months <= 60.0))
    assert (fit.shape, fit.scale) == pytest.approx((truth.shape, truth.scale), rel=0.02)
    assert fit.coef == pytest.approx(truth.coef, abs=0.03)


def test_a_fit_from_the_landmark_does_not_need_those_who_died_before():
    truth = Truth(1.45, 44.0, np.array([0.5]), np.array([0.7]))
    features, months, event = from_start(truth, np.random.default_rng(3), 100_000)
    alive = months > 12.0
    fit = fit_weibull(features[alive], months[alive], event[alive], entry=12.0)
    assert (fit.shape, fit.scale, fit.coef[0]) == pytest.approx((truth.shape, truth.scale, 0.7), rel=0.03)
    assert fit_weibull(features[alive], months[alive], event[alive]).shape > 1.2 * truth.shape, "entry ignored"


@given(row=st.tuples(known_or_not, known_or_not, known_or_not), step=st.floats(0.01, 5.0))
@settings(max_examples=60, deadline=None)
@each_ensemble
def test_survival_starts_at_1_lies_within_0_and_1_and_never_rises(ensemble, row, step):
    survival = ensemble.member_survival(row[: ensemble.coef.shape[1]], MONTHS * step)
    assert survival[0] == pytest.approx(1)
    assert survival.min() >= 0
    assert survival.max() <= 1 + 1e-12
    assert np.diff(survival, axis=0).max() <= 1e-12


@given(row=st.tuples(known_or_not, known_or_not, known_or_not))
@settings(max_examples=30, deadline=None)
@each_ensemble
def test_the_estimate_lies_in_its_interval(ensemble, row):
    survival = ensemble.member_survival(row[: ensemble.coef.shape[1]], MONTHS)
    lower, upper = interval(survival)
    assert (lower <= survival.mean(axis=1) + 1e-12).all()
    assert (survival.mean(axis=1) <= upper + 1e-12).all()


@given(row=st.tuples(known_or_not, known_or_not, known_or_not))
@settings(max_examples=30, deadline=None)
@each_ensemble
def test_an_unknown_is_averaged_over_its_prevalence(ensemble, row):
    features = np.array(row[: ensemble.coef.shape[1]])
    mixture = np.zeros((len(MONTHS), len(ensemble.shape)))
    for cell in product((0.0, 1.0), repeat=len(features)):
        agrees = np.isnan(features) | (features == cell)
        chances = np.where(np.array(cell) == 1, ensemble.prevalence, 1 - ensemble.prevalence)
        weight = np.where(np.isnan(features), chances, 1.0).prod(axis=1)
        hazard = ((ensemble.entry + MONTHS)[:, None] / ensemble.scale) ** ensemble.shape
        hazard -= (ensemble.entry / ensemble.scale) ** ensemble.shape
        mixture += agrees.all() * weight * np.exp(-hazard * np.exp(ensemble.coef @ np.array(cell)))
    assert ensemble.member_survival(features, MONTHS) == pytest.approx(mixture, abs=1e-12)


def test_an_average_over_an_unknown_is_not_the_patient_with_the_mean_covariate():
    averaged = START.member_survival([np.nan, 1.0], [60.0]).mean()
    mean_patient = START.member_survival([START.prevalence[:, 0].mean(), 1.0], [60.0]).mean()
    assert abs(averaged - mean_patient) > 0.002


@given(row=st.tuples(known, known), entry=st.floats(0.5, 36.0))
@settings(max_examples=30, deadline=None)
def test_survival_from_the_landmark_is_survival_from_the_start_given_that_one_lived_so_far(row, entry):
    conditional = replace(START, entry=entry).member_survival(row, MONTHS)
    from_the_start = START.member_survival(row, np.r_[entry, entry + MONTHS])
    assert conditional == pytest.approx(from_the_start[1:] / from_the_start[0], abs=1e-12)


def test_a_higher_prediction_is_a_shorter_survival():
    rows = np.array(list(product((0.0, 1.0), repeat=2)))
    features, months, _ = from_start(Truth(1.2, 30.0, np.array([0.5, 0.5]), np.array([0.7, 0.3])), np.random.default_rng(1), 300)
    fitted = WeibullEnsembleFitter(3, random_state=1).fit(features, months)
    alive = [fitted.ensemble_.member_survival(row, [36.0]).mean() for row in rows]
    assert np.argsort(fitted.predict(rows)).tolist() == np.argsort(alive)[::-1].tolist()


def test_contributions_are_the_distance_from_the_average_patient_and_add_up_to_it():
    row = np.array([1.0, 0.0])
    terms = START.log_hazard_contributions(row)
    expected = START.coef @ row - (START.coef * START.prevalence).sum(axis=1)
    assert terms.sum(axis=1) == pytest.approx(expected)
    assert np.isnan(START.log_hazard_contributions([np.nan, 0.0])).tolist() == [[True, False]] * len(START.shape)


@pytest.mark.parametrize(
    ("months", "event", "entry", "why"),
    [
        ([13.0, 12.0, 20.0], [True, True, True], 12.0, "above the entry"),
        ([13.0, 14.0, 20.0], [False, False, False], 0.0, "No event"),
        ([13.0, 14.0], [True, True], 0.0, "shape"),
    ],
)
def test_a_target_that_cannot_be_fitted_is_refused(months, event, entry, why):
    target = np.array(list(zip(event, months, strict=True)), dtype=[("event", bool), ("time", float)])
    with pytest.raises(ValueError, match=why):
        WeibullEnsembleFitter(1, entry=entry).fit([[0.0], [1.0], [0.0]], target)


def test_a_fit_that_does_not_converge_is_no_fit(monkeypatch):
    monkeypatch.setattr("models.training.weibull._MOST_STEPS", 1)
    features, months, event = from_start(Truth(1.2, 30.0, np.array([0.4]), np.array([0.5])), np.random.default_rng(4), 200)
    with pytest.raises(NotConvergedError):
        fit_weibull(features, months, event)
