"""From what a paper prints to what a model draws: errors, shrinkage, correction, bounds, the table behind two percentages."""

import numpy as np
import pytest
from scipy.stats import norm

from models.training.draws import LogHazardRatio, draw_median, draw_shape, draw_share, number, published, standard_error, used
from service.evidence import RISK

OS, PFS = RISK["overall_survival"], RISK["progression_free_survival"]
RESPONSE = RISK["response_at_completion"]
PATIENTS_OF_HALPERIN = 51
DRAWS = 20_000


@pytest.mark.parametrize(("name", "error"), [("alp", 0.4985), ("male", 0.4624)])
def test_the_p_value_gives_the_standard_error(name, error):
    found = published(OS, name)
    assert found.sd == pytest.approx(error, abs=5e-5)
    assert 2 * norm.sf(abs(found.mean) / found.sd) == pytest.approx(number(OS, f"p_{name}"))


def test_p_below_0_001_bounds_the_standard_error_by_z_3_29():
    assert 1 / standard_error(1.0, 0.001) == pytest.approx(3.29, abs=0.001)
    assert published(OS, "activity").sd == pytest.approx(abs(np.log(0.11)) / 3.2905, abs=1e-4)
    assert standard_error(1.0, 0.0001) < standard_error(1.0, 0.001), (
        "a smaller P has a smaller error, so the bound is the largest"
    )


@pytest.mark.parametrize(("name", "ratio"), [("alp", 1.64), ("male", 1.96)])
def test_a_prior_around_no_effect_shrinks_a_hazard_ratio(name, ratio):
    assert used(OS, name).interval[0] == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize(("record", "expected"), [(OS, (0.74, 0.33, 1.69)), (PFS, (0.79, 0.36, 1.74))], ids=["OS", "PFS"])
def test_the_activity_is_corrected_for_immortal_time_before_it_is_shrunk(record, expected):
    assert used(record, "activity").interval == pytest.approx(expected, abs=0.005)
    turned_round = published(record, "activity").shrunk(0.5).less_bias(np.log(0.29), 0.35)
    assert turned_round.interval != pytest.approx(expected, abs=0.05)


def test_shrinkage_is_bayes_theorem_for_two_normal_distributions():
    grid = np.linspace(-6, 6, 240_001)
    density = norm.pdf(grid, 0.9, 0.6) * norm.pdf(grid, 0, 0.5)
    density /= density.sum()
    mean = density @ grid
    shrunk = LogHazardRatio(0.9, 0.6).shrunk(0.5)
    assert (shrunk.mean, shrunk.sd) == pytest.approx((mean, np.sqrt(density @ (grid - mean) ** 2)), abs=1e-6)


def test_a_wider_prior_shrinks_less_and_no_prior_not_at_all():
    ratios = [used(OS, "male", prior_sd).mean for prior_sd in (0.25, 0.5, 1.0, np.inf)]
    assert ratios == sorted(ratios)
    assert ratios[-1] == pytest.approx(np.log(3.48))
    assert published(OS, "male").shrunk(None) == published(OS, "male")


def test_a_draw_of_the_median_has_the_published_median_and_interval_and_is_positive():
    medians = draw_median(OS, np.random.default_rng(1), DRAWS)
    assert np.percentile(medians, [2.5, 50, 97.5]) == pytest.approx([32.8, 44, 55.2], abs=0.5)
    assert medians.min() > 0


def test_a_draw_of_the_shape_has_its_centre_and_spread():
    logs = np.log(draw_shape(OS, np.random.default_rng(2), DRAWS))
    assert (logs.mean(), logs.std()) == pytest.approx((np.log(1.45), 0.20), abs=0.006)


def test_the_share_with_a_high_activity_lies_between_the_quartiles_and_the_other_shares_are_free():
    random = np.random.default_rng(3)
    activity, male = draw_share(OS, "activity", random, DRAWS), draw_share(OS, "male", random, DRAWS)
    assert 0.25 < activity.min() < 0.26
    assert 0.48 < activity.max() < 0.50
    assert male.mean() == pytest.approx(11 / 20, abs=0.005)
    assert male.min() < 0.25


def fractions_that_print_as(percentage: str, highest: int) -> list[tuple[int, int]]:
    """Every (numerator, denominator) up to the highest denominator that rounds to the percentage; a half may round either way."""
    wanted = round(float(percentage) * 10)
    every = [(above, below) for below in range(1, highest + 1) for above in range(below + 1)]
    return [(above, below) for above, below in every if 2 * abs(1000 * above - wanted * below) <= below]


def test_only_one_pair_of_separate_groups_among_51_patients_prints_as_70_4_and_11_8_per_cent():
    with_response = fractions_that_print_as("70.4", PATIENTS_OF_HALPERIN)
    with_stable = fractions_that_print_as("11.8", PATIENTS_OF_HALPERIN)
    separate = [(one, two) for one in with_response for two in with_stable if one[1] + two[1] <= PATIENTS_OF_HALPERIN]
    assert separate == [((19, 27), (2, 17))]
    names = ("responders_after_response", "patients_with_response", "responders_after_stable", "patients_with_stable")
    assert tuple(number(RESPONSE, name) for name in names) == (19, 27, 2, 17)


def test_19_of_27_is_unique_alone_and_2_of_17_is_not_unless_the_groups_are_separate():
    assert fractions_that_print_as("70.4", PATIENTS_OF_HALPERIN) == [(19, 27)]
    assert fractions_that_print_as("11.8", PATIENTS_OF_HALPERIN) == [(2, 17), (4, 34), (6, 51)]
