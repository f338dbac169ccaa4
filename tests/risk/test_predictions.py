"""What a prediction looks like: a curve that never rises, with its band; medians within the horizon; exact contributions."""

import numpy as np
import pytest

from service.risk.populations import Inputs
from service.risk.predict import Band, Median, Predictor, crossing
from service.risk.questions import QUESTIONS
from tests.reading import engine

PREDICTORS = {name: predictor for model in engine().models for name, predictor in model.predictors.items()}
SURVIVAL = [name for name, question in QUESTIONS.items() if question.horizon_months]


def every_estimate(name):
    predictor = PREDICTORS[name]
    for member, features in QUESTIONS[name].features.items():
        for values in np.ndindex(*[3] * len(features)):
            known = {feature: (False, True, None)[value] for feature, value in zip(features, values, strict=True)}
            yield known, predictor.estimate(Inputs(known, member))


@pytest.mark.parametrize("name", SURVIVAL)
def test_survival_lies_in_its_band_and_never_rises(name):
    for _, estimate in every_estimate(name):
        values = np.array([[band.lower, band.value, band.upper] for band in estimate.survival])
        assert values[0].tolist() == [1.0, 1.0, 1.0]
        assert (values >= 0).all()
        assert (values <= 1).all()
        assert (np.diff(values, axis=0) <= 0).all()
        assert (np.diff(values, axis=1) >= 0).all()


@pytest.mark.parametrize("name", SURVIVAL)
def test_no_horizon_and_no_median_lies_beyond_the_cap(name):
    horizon = QUESTIONS[name].horizon_months
    for _, estimate in every_estimate(name):
        assert estimate.months == tuple(range(horizon + 1))
        assert [months for months, _ in estimate.horizons] == list(range(12, horizon + 1, 12))
        assert all(
            each is None or 0 < each <= horizon
            for each in (estimate.median_months.value, estimate.median_months.lower, estimate.median_months.upper)
        )


def test_the_caps_are_60_months_for_survival_and_36_for_progression():
    assert [QUESTIONS[name].horizon_months for name in SURVIVAL] == [60, 48, 36, 24, 57]


@pytest.mark.parametrize("name", SURVIVAL)
def test_a_contribution_is_the_coefficient_times_the_distance_from_the_prevalence(name):
    for known, estimate in every_estimate(name):
        for (feature, value), contribution in zip(known.items(), estimate.contributions, strict=True):
            assert (contribution.feature, contribution.known) == (feature, value)
            if value is None:
                assert contribution.log_hazard == Band(0.0, 0.0, 0.0)
            else:
                ensemble = PREDICTORS[name].estimators[
                    next(member for member, names in QUESTIONS[name].features.items() if feature in names)
                ]
                column = next(names for names in QUESTIONS[name].features.values() if feature in names).index(feature)
                exact = ensemble.coef[:, column] * (value - ensemble.prevalence[:, column])
                assert contribution.log_hazard.value == pytest.approx(exact.mean(), abs=5e-5)


def test_a_worse_prognosis_has_the_lower_curve():
    survival = {tuple(known.values()): estimate for known, estimate in every_estimate("overall_survival_from_start")}
    assert survival[True, True].survival[36].value < survival[False, True].survival[36].value
    assert survival[False, True].survival[36].value < survival[False, False].survival[36].value


def test_the_bands_of_both_activity_groups_overlap():
    groups = {known["activity_reached"]: estimate for known, estimate in every_estimate("progression_free_survival_landmark_12")}
    assert groups[True].survival[24].lower < groups[False].survival[24].upper
    assert groups[False].survival[24].lower < groups[True].survival[24].upper


def test_a_median_is_read_between_the_months_and_never_beyond_them():
    months = np.array([0.0, 1.0, 2.0])
    survival = np.array([[1.0, 1.0, 1.0], [0.6, 0.9, 0.5], [0.4, 0.8, 0.1]])
    assert crossing(months, survival).tolist() == [pytest.approx(1.5), np.inf, pytest.approx(1.0)]


def test_a_median_beyond_the_horizon_is_not_a_number():
    estimate = next(
        each
        for known, each in every_estimate("overall_survival_from_start")
        if not any(known.values()) and None not in known.values()
    )
    assert isinstance(estimate.median_months, Median)
    assert estimate.median_months.value is None


def test_what_was_computed_once_is_kept():
    predictor = Predictor(PREDICTORS[SURVIVAL[0]].question, PREDICTORS[SURVIVAL[0]].estimators, {})
    inputs = Inputs({"alp_raised": True, "male": False}, "from_start")
    assert predictor.estimate(inputs) is predictor.estimate(inputs)
