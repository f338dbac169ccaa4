"""Virtual cohorts: one per member, simulated from one draw of the evidence parameters.

The published hazard ratios are conditional and the published median is marginal. So the
baseline is solved on the covariate mixture, so that the median of the cohort is the published
one; set at the reference patient it would come out far too short.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]
Cohort = tuple[Floats, Floats, NDArray[np.bool_]]  # features (n, p), months (n,), event (n,)
PATIENTS = 20_000


@dataclass(frozen=True, slots=True)
class Truth:
    """The parameters of one virtual world: shape, median (months), prevalences and log hazard ratios."""

    shape: float
    median: float
    prevalence: Floats
    coef: Floats

    @property
    def scale(self) -> float:
        """The scale (months) with which the mixture over covariates has the median."""
        cells, shares = mixture(self.prevalence)
        return self.median / baseline_hazard_at_half(cells @ self.coef, shares) ** (1 / self.shape)


def mixture(prevalence: Floats) -> tuple[Floats, Floats]:
    """Every cell of independent yes-or-no covariates (n_cells, p), and its share (n_cells,)."""
    cells = np.array(list(product((0.0, 1.0), repeat=len(prevalence))))
    return cells, np.where(cells == 1, prevalence, 1 - prevalence).prod(axis=1)


def baseline_hazard_at_half(log_hazards: Floats, shares: Floats) -> float:
    """The cumulative hazard h with sum(shares * exp(-h * exp(log_hazards))) = 1/2."""
    root = brentq(lambda log_h: shares @ np.exp(-np.exp(log_h + log_hazards)) - 0.5, -30.0, 30.0, xtol=1e-13)
    return float(np.exp(root))


def from_start(truth: Truth, random: np.random.Generator, patients: int = PATIENTS) -> Cohort:
    """A cohort followed from time zero to the event."""
    features = (random.random((patients, len(truth.prevalence))) < truth.prevalence).astype(float)
    hazard = random.exponential(size=patients) / np.exp(features @ truth.coef)
    return features, truth.scale * hazard ** (1 / truth.shape), np.ones(patients, dtype=bool)


def from_landmark(
    truth: Truth, landmark: float, share: float, log_hazard: float, random: np.random.Generator, patients: int = PATIENTS
) -> Cohort:
    """Those alive at the landmark, with one more covariate (the last) that acts from there on.

    The hazard after the landmark is shifted so that the median residual time of the mixture is
    that of the cohort: the covariate tells groups apart and adds no survival of its own.
    """
    features, months, _ = from_start(truth, random, patients)
    features = features[months > landmark]
    group = (random.random(len(features)) < share).astype(float)
    shift = landmark_shift(truth, landmark, share, log_hazard)
    relative = np.exp(features @ truth.coef + log_hazard * group + shift)
    hazard = (landmark / truth.scale) ** truth.shape + random.exponential(size=len(features)) / relative
    later = truth.scale * hazard ** (1 / truth.shape)
    return np.column_stack([features, group]), later, np.ones(len(features), dtype=bool)


def landmark_shift(truth: Truth, landmark: float, share: float, log_hazard: float) -> float:
    """The shift of the log hazard after the landmark that keeps the median residual time of the cohort."""
    cells, shares = mixture(truth.prevalence)
    risks = cells @ truth.coef
    survivors = shares * np.exp(-((landmark / truth.scale) ** truth.shape) * np.exp(risks))
    survivors /= survivors.sum()
    half = baseline_hazard_at_half(risks, survivors)
    with_group = np.concatenate([risks, risks + log_hazard])
    weights = np.concatenate([survivors * (1 - share), survivors * share])
    return float(np.log(baseline_hazard_at_half(with_group, weights) / half))
