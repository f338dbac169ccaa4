"""From a published difference of medians to a hazard ratio, with the median of all who could be judged."""

import numpy as np
import pytest

from models.training.cohorts import mixture
from models.training.draws import number, standard_error
from models.training.mibg import KINDS, mibg_truths, published, used, worse_median
from service.evidence import RISK

MIBG = RISK["mibg_overall_survival"]
each_kind = pytest.mark.parametrize("kind", KINDS)


def worse(kind: str, median: float) -> float | None:
    return worse_median(median, 1.0, number(MIBG, f"share_{kind}"), number(MIBG, f"difference_{kind}"))


@pytest.mark.parametrize(
    ("kind", "at_40", "at_29"), [("symptoms", 22, 12.5), ("imaging", 18, 8.0), ("biochemistry", 12, 0.6)], ids=str
)
def test_the_worse_group_lives_shorter_the_shorter_everyone_lives(kind, at_40, at_29):
    assert worse(kind, 40.0) == pytest.approx(at_40, abs=0.5)
    assert worse(kind, 29.0) == pytest.approx(at_29, abs=0.05)


@each_kind
@pytest.mark.parametrize("shape", [0.8, 1.0, 1.5])
def test_half_of_both_groups_together_are_alive_at_the_median(kind, shape):
    share, difference = number(MIBG, f"share_{kind}"), number(MIBG, f"difference_{kind}")
    shorter = worse_median(40.0, shape, share, difference)
    survival = 0.5 ** ((40.0 / np.array([shorter + difference, shorter])) ** shape)
    assert survival @ [share, 1 - share] == pytest.approx(0.5, abs=1e-9)


def test_a_difference_that_no_pair_of_medians_can_have_gives_none():
    assert worse_median(40.0, 1.0, 0.8, 60.0) is None


def test_no_difference_leaves_both_groups_at_the_median_and_a_negative_one_turns_them_round():
    assert worse_median(40.0, 1.0, 0.7, 0.0) == pytest.approx(40)
    assert worse_median(40.0, 1.0, 0.5, -20.0) == pytest.approx(20 + worse_median(40.0, 1.0, 0.5, 20.0))


@each_kind
def test_the_published_difference_comes_back_before_shrinkage(kind):
    ratio = np.exp(-published(MIBG, kind).mean)  # of the better median over the worse, at shape 1
    shorter = worse_median_by_ratio(40.0, ratio, number(MIBG, f"share_{kind}"))
    assert shorter * ratio - shorter == pytest.approx(number(MIBG, f"difference_{kind}"))


def worse_median_by_ratio(median: float, ratio: float, share: float) -> float:
    """By bisection on the worse group's median, as an independent route."""
    low, high = 1e-9, 10 * median
    for _ in range(80):
        middle = (low + high) / 2
        survival = 0.5 ** (median / np.array([middle * ratio, middle]))
        low, high = (middle, high) if survival @ [share, 1 - share] < 0.5 else (low, middle)
    return low


@pytest.mark.parametrize(
    ("kind", "hazard_ratio"),
    [("imaging", (0.48, 0.28, 0.80)), ("biochemistry", (0.59, 0.27, 1.31)), ("symptoms", (0.51, 0.32, 0.80))],
)
def test_shrinkage_pulls_the_better_group_towards_the_other_and_never_past_it(kind, hazard_ratio):
    before, after = published(MIBG, kind), used(MIBG, kind)
    assert before.mean < after.mean < 0
    assert before.sd == pytest.approx(standard_error(before.mean, number(MIBG, f"p_{kind}")))
    assert after.interval == pytest.approx(hazard_ratio, abs=0.006)


@each_kind
def test_the_worlds_are_drawn_from_the_shrunk_ratio(kind):
    drawn = np.array([world.coef[0] for world in mibg_truths(MIBG, kind, 4000, np.random.default_rng(2))])
    assert drawn.mean() == pytest.approx(used(MIBG, kind).mean, abs=0.03)
    assert drawn.std() == pytest.approx(used(MIBG, kind).sd, rel=0.05)


def test_a_record_whose_difference_is_impossible_is_refused():
    impossible = MIBG.model_copy(
        update={"parameters": MIBG.parameters | {"median": MIBG["median"].model_copy(update={"value": 20})}}
    )
    with pytest.raises(ValueError, match="No pair of medians"):
        published(impossible, "biochemistry")


@each_kind
def test_a_world_has_the_prior_median_and_the_published_share(kind):
    worlds = mibg_truths(MIBG, kind, 200, np.random.default_rng(3))
    assert np.median([world.median for world in worlds]) == pytest.approx(40, abs=2)
    for world in worlds[:20]:
        cells, shares = mixture(world.prevalence)
        survival = np.exp(-((world.median / world.scale) ** world.shape) * np.exp(cells @ world.coef))
        assert shares[1] == number(MIBG, f"share_{kind}")
        assert shares @ survival == pytest.approx(0.5, abs=1e-9)
