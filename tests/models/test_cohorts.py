"""A virtual cohort is what its parameters say: survival in closed form, the published median, the landmark."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from models.training.cohorts import Truth, baseline_hazard_at_half, from_landmark, from_start, landmark_shift, mixture
from models.training.draws import used
from service.evidence import RISK

OS = RISK["overall_survival"]
COEF = np.array([used(OS, name).mean for name in ("alp", "male")])
WORLD = Truth(shape=1.45, median=44.0, prevalence=np.array([0.35, 0.55]), coef=COEF)
BARE = Truth(shape=1.0, median=29.0, prevalence=np.empty(0), coef=np.empty(0))
PATIENTS = 200_000
MONTHS = np.array([6.0, 12.0, 24.0, 48.0, 96.0])
LANDMARK, SHARE, LOG_HAZARD = 12.0, 0.4, -0.3


def survival(world: Truth, features: np.ndarray, months: np.ndarray) -> np.ndarray:
    return np.exp(-((months / world.scale) ** world.shape) * np.exp(features @ world.coef))


def share_beyond(times: np.ndarray, months: np.ndarray) -> np.ndarray:
    return (times[:, None] > months).mean(axis=0)


def test_the_shares_of_the_cells_are_those_of_independent_covariates():
    cells, shares = mixture(np.array([0.35, 0.55]))
    assert cells.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert shares == pytest.approx([0.65 * 0.45, 0.65 * 0.55, 0.35 * 0.45, 0.35 * 0.55])


@pytest.mark.parametrize("cell", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_simulated_survival_of_each_cell_is_the_closed_form(cell):
    features, times, event = from_start(WORLD, np.random.default_rng(1), PATIENTS)
    own = (features == cell).all(axis=1)
    assert event.all()
    assert share_beyond(times[own], MONTHS) == pytest.approx(survival(WORLD, np.array(cell), MONTHS), abs=0.008)


def test_simulated_mean_survival_is_the_integral_of_the_closed_form():
    _, times, _ = from_start(BARE, np.random.default_rng(2), PATIENTS)
    area, _ = quad(lambda month: float(survival(BARE, np.empty(0), np.array(month))), 0, np.inf)
    assert times.mean() == pytest.approx(area, rel=0.01)


@pytest.mark.parametrize("world", [WORLD, BARE], ids=["with covariates", "without"])
def test_half_of_the_cohort_is_alive_at_the_published_median(world):
    cells, shares = mixture(world.prevalence)
    assert shares @ survival(world, cells, np.array(world.median)) == pytest.approx(0.5, abs=1e-12)
    _, times, _ = from_start(world, np.random.default_rng(3), PATIENTS)
    assert np.median(times) == pytest.approx(world.median, rel=0.01)


def test_with_the_median_set_at_the_reference_patient_the_cohort_would_live_30_months_instead_of_44():
    scale = WORLD.median / np.log(2) ** (1 / WORLD.shape)
    cells, shares = mixture(WORLD.prevalence)
    wrong = scale * baseline_hazard_at_half(cells @ COEF, shares) ** (1 / WORLD.shape)
    assert wrong == pytest.approx(30, abs=0.5)


def test_the_cohort_has_the_prevalences_of_the_world():
    features, _, _ = from_start(WORLD, np.random.default_rng(4), PATIENTS)
    assert features.mean(axis=0) == pytest.approx(WORLD.prevalence, abs=0.005)


def test_everyone_at_the_landmark_lived_until_then():
    features, times, event = from_landmark(WORLD, LANDMARK, SHARE, LOG_HAZARD, np.random.default_rng(5), PATIENTS)
    alive = mixture(WORLD.prevalence)[1] @ survival(WORLD, mixture(WORLD.prevalence)[0], np.array(LANDMARK))
    assert times.min() > LANDMARK
    assert event.all()
    assert len(features) / PATIENTS == pytest.approx(alive, abs=0.005)
    assert features[:, -1].mean() == pytest.approx(SHARE, abs=0.005)


def test_the_worse_covariates_are_rarer_among_those_alive_at_the_landmark():
    features, _, _ = from_landmark(WORLD, LANDMARK, SHARE, LOG_HAZARD, np.random.default_rng(6), PATIENTS)
    assert (features[:, :2].mean(axis=0) < WORLD.prevalence - 0.005).all()


@pytest.mark.parametrize("group", [0, 1])
def test_simulated_survival_from_the_landmark_is_the_closed_form_of_each_group(group):
    features, times, _ = from_landmark(BARE, LANDMARK, SHARE, LOG_HAZARD, np.random.default_rng(7), PATIENTS)
    relative = np.exp(LOG_HAZARD * group + landmark_shift(BARE, LANDMARK, SHARE, LOG_HAZARD))
    expected = (survival(BARE, np.empty(0), LANDMARK + MONTHS) / survival(BARE, np.empty(0), np.array(LANDMARK))) ** relative
    assert share_beyond(times[features[:, 0] == group], LANDMARK + MONTHS) == pytest.approx(expected, abs=0.008)


def test_the_groups_at_the_landmark_differ_and_the_median_of_both_together_stays_that_of_the_cohort():
    features, split, _ = from_landmark(WORLD, LANDMARK, SHARE, LOG_HAZARD, np.random.default_rng(8), PATIENTS)
    _, times, _ = from_start(WORLD, np.random.default_rng(9), PATIENTS)
    assert np.median(split) == pytest.approx(np.median(times[times > LANDMARK]), rel=0.01)
    assert np.median(split[features[:, -1] == 1]) > 1.1 * np.median(split[features[:, -1] == 0])


def test_the_shift_counts_those_alive_at_the_landmark_and_not_those_who_started():
    landmark, log_hazard = 36.0, -1.5
    shift = landmark_shift(WORLD, landmark, SHARE, log_hazard)
    cells, shares = mixture(WORLD.prevalence)
    alive = shares * survival(WORLD, cells, np.array(landmark))

    def still_alive(month: float, power: float) -> np.ndarray:
        return (survival(WORLD, cells, np.array(month)) / survival(WORLD, cells, np.array(landmark))) ** power

    half = brentq(lambda month: alive @ still_alive(month, 1.0) / alive.sum() - 0.5, landmark, 500.0)
    groups = SHARE * still_alive(half, np.exp(log_hazard + shift)) + (1 - SHARE) * still_alive(half, np.exp(shift))
    assert alive @ groups / alive.sum() == pytest.approx(0.5, abs=1e-9)


def test_without_an_effect_of_the_group_nothing_is_shifted():
    assert landmark_shift(WORLD, LANDMARK, SHARE, 0.0) == pytest.approx(0, abs=1e-10)
