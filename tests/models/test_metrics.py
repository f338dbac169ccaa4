"""Own code against scikit-survival and lifelines, on the 686 patients of GBSG2 that come with lifelines."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter, WeibullAFTFitter
from lifelines.datasets import load_gbsg2
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.metrics import brier_score, concordance_index_censored, concordance_index_ipcw, integrated_brier_score
from sksurv.nonparametric import kaplan_meier_estimator

from models.training import metrics
from models.training.fitters import WeibullEnsembleFitter
from models.training.weibull import fit_weibull

GBSG2 = load_gbsg2()
MONTHS = GBSG2["time"].to_numpy() / 30.4375
EVENT = GBSG2["cens"].to_numpy().astype(bool)
TIED_RISK = GBSG2["pnodes"].to_numpy().astype(float)
LOG_HAZARD = 0.06 * TIED_RISK - 0.0015 * GBSG2["progrec"].to_numpy()
HORIZONS = np.arange(6.0, 73.0, 6.0)
SURVIVAL = np.exp(-((HORIZONS / 70) ** 1.4) * np.exp(LOG_HAZARD)[:, None])
ROUGH_MONTHS = np.ceil(MONTHS / 6) * 6  # many ties, also of an event with a censoring
EQUAL = {"rel": 0, "abs": 1e-9}

each_time = pytest.mark.parametrize("months", [MONTHS, ROUGH_MONTHS], ids=["days", "half-years"])
each_risk = pytest.mark.parametrize("risk", [LOG_HAZARD, TIED_RISK], ids=["log hazard", "tied risk"])


def structured(months: np.ndarray, event: np.ndarray) -> np.ndarray:
    return np.array(list(zip(event, months, strict=True)), dtype=[("event", bool), ("time", float)])


def frame(months: np.ndarray, **columns: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"months": months, "event": EVENT, **columns})


@each_time
@each_risk
def test_harrells_c_is_that_of_scikit_survival(months, risk):
    assert metrics.harrell_c(months, EVENT, risk) == pytest.approx(concordance_index_censored(EVENT, months, risk)[0], **EQUAL)


@each_time
@each_risk
@pytest.mark.parametrize("tau", [24.0, 60.0])
def test_unos_c_is_that_of_scikit_survival(months, risk, tau):
    target = structured(months, EVENT)
    assert metrics.uno_c(months, EVENT, risk, tau) == pytest.approx(concordance_index_ipcw(target, target, risk, tau)[0], **EQUAL)


def test_the_weights_may_come_from_other_patients():
    train, test = np.arange(len(MONTHS)) % 3 > 0, np.arange(len(MONTHS)) % 3 == 0
    reference = structured(MONTHS[train], EVENT[train]), structured(MONTHS[test], EVENT[test])
    sample, censoring = (MONTHS[test], EVENT[test]), (MONTHS[train], EVENT[train])
    uno = concordance_index_ipcw(*reference, LOG_HAZARD[test], 60.0)[0]
    brier = brier_score(*reference, SURVIVAL[test], HORIZONS)[1]
    assert metrics.uno_c(*sample, LOG_HAZARD[test], 60.0, censoring) == pytest.approx(uno, **EQUAL)
    assert metrics.brier_score(*sample, SURVIVAL[test], HORIZONS, censoring) == pytest.approx(brier, **EQUAL)
    assert metrics.uno_c(*sample, LOG_HAZARD[test], 60.0) != pytest.approx(uno, **EQUAL)


@each_time
def test_the_brier_score_is_that_of_scikit_survival(months):
    target = structured(months, EVENT)
    expected = brier_score(target, target, SURVIVAL, HORIZONS)[1]
    assert metrics.brier_score(months, EVENT, SURVIVAL, HORIZONS) == pytest.approx(expected, **EQUAL)


@each_time
def test_the_integrated_brier_score_is_that_of_scikit_survival(months):
    target = structured(months, EVENT)
    horizons = HORIZONS[[0, 1, 3, 7, 11]]  # uneven steps
    predicted = SURVIVAL[:, [0, 1, 3, 7, 11]]
    expected = integrated_brier_score(target, target, predicted, horizons)
    assert metrics.integrated_brier_score(months, EVENT, predicted, horizons) == pytest.approx(expected, **EQUAL)


@each_time
def test_survival_is_that_of_kaplan_and_meier_in_both_libraries(months):
    times, survival = kaplan_meier_estimator(EVENT, months)
    lifelines = KaplanMeierFitter().fit(months, EVENT).survival_function_at_times(times).to_numpy()
    assert metrics.kaplan_meier(months, EVENT, times) == pytest.approx(survival, **EQUAL)
    assert metrics.kaplan_meier(months, EVENT, times) == pytest.approx(lifelines, **EQUAL)


@each_time
@each_risk
def test_the_calibration_slope_is_the_cox_coefficient_of_both_libraries(months, risk):
    found = metrics.calibration_slope(months, EVENT, risk)
    fitter = CoxPHFitter().fit(frame(months, risk=risk), "months", "event", fit_options={"precision": 1e-13})
    other = CoxPHSurvivalAnalysis(ties="efron", tol=1e-14).fit(risk[:, None], structured(months, EVENT))
    assert found == pytest.approx(fitter.params_["risk"], **EQUAL)
    assert found == pytest.approx(other.coef_[0], **EQUAL)


@pytest.mark.parametrize("horizon", [12.0, 24.0, 60.0])
def test_observed_over_expected_is_that_of_lifelines_kaplan_meier(horizon):
    observed = 1 - KaplanMeierFitter().fit(MONTHS, EVENT).predict(horizon)
    predicted = np.exp(-((horizon / 70) ** 1.4) * np.exp(LOG_HAZARD))
    found = metrics.observed_expected(MONTHS, EVENT, predicted, horizon)
    assert found == pytest.approx(observed / np.mean(1 - predicted), **EQUAL)


def test_a_prediction_that_is_twice_too_extreme_has_half_the_slope():
    once = metrics.calibration_slope(MONTHS, EVENT, LOG_HAZARD)
    assert metrics.calibration_slope(MONTHS, EVENT, 2 * LOG_HAZARD) == pytest.approx(once / 2)


def test_a_prediction_of_half_the_events_has_twice_the_observed():
    predicted = np.full(len(MONTHS), 1 - (1 - metrics.kaplan_meier(MONTHS, EVENT, [24.0])[0]) / 2)
    assert metrics.observed_expected(MONTHS, EVENT, predicted, 24.0) == pytest.approx(2)


def test_the_same_prediction_for_everyone_has_no_slope_and_the_concordance_of_chance():
    same = np.ones(len(MONTHS))
    assert np.isnan(metrics.calibration_slope(MONTHS, EVENT, same))
    assert metrics.harrell_c(MONTHS, EVENT, same) == metrics.uno_c(MONTHS, EVENT, same, 60.0) == 0.5


def test_a_prediction_that_separates_the_events_has_no_finite_slope():
    with pytest.raises(ValueError, match="separates"):
        metrics.calibration_slope([1.0, 2.0, 3.0, 4.0], [True, True, False, False], [2.0, 1.0, 0.0, 0.0])


def test_a_weight_is_not_made_up_where_everyone_is_censored():
    with pytest.raises(ValueError, match="choose an earlier one"):
        metrics.brier_score([1.0, 2.0, 3.0], [True, False, False], np.full((3, 1), 0.5), [3.0])


def weibull_of_lifelines(months: np.ndarray, entry: float) -> tuple[float, float, np.ndarray]:
    """Shape, scale and log hazard ratios: an accelerated-failure coefficient b is a log hazard ratio of -shape * b."""
    data = frame(months, nodes=TIED_RISK / 10, older=(GBSG2["age"] > 50).to_numpy().astype(float))[months > entry]
    entries = {"entry_col": "entry"} if entry else {}
    data = data.assign(entry=entry) if entry else data
    fitter = WeibullAFTFitter().fit(data, "months", "event", fit_options={"ftol": 1e-14}, **entries)
    shape = float(np.exp(fitter.params_["rho_", "Intercept"]))
    slopes = fitter.params_["lambda_"][["nodes", "older"]].to_numpy()
    return shape, float(np.exp(fitter.params_["lambda_", "Intercept"])), -shape * slopes


@pytest.mark.parametrize("entry", [0.0, 12.0])
def test_a_fitted_weibull_model_is_that_of_lifelines_also_with_delayed_entry(entry):
    shape, scale, coef = weibull_of_lifelines(MONTHS, entry)
    under = np.greater(MONTHS, entry)
    features = np.column_stack([TIED_RISK / 10, (GBSG2["age"] > 50).to_numpy().astype(float)])[under]
    fit = fit_weibull(features, MONTHS[under], EVENT[under], entry)
    assert (fit.shape, fit.scale) == pytest.approx((shape, scale), rel=1e-5)
    assert fit.coef == pytest.approx(coef, rel=1e-5, abs=1e-5)
    member = WeibullEnsembleFitter(1, entry=entry).fit(features, structured(MONTHS[under], EVENT[under])).ensemble_
    assert (member.shape[0], member.scale[0]) == (fit.shape, fit.scale)
