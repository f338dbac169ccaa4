"""Maximum likelihood of one Weibull proportional-hazards model, with right censoring and delayed entry."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_MOST_STEPS = 60
_TOLERANCE = 1e-10
# A weak ridge, in units of one observation, keeps a separated covariate finite.
_RIDGE = 1e-6


class NotConvergedError(ValueError):
    """The data have no maximum of the likelihood that can be found."""


@dataclass(frozen=True, slots=True)
class WeibullFit:
    """Shape (no unit), scale (months) and log hazard ratios."""

    shape: float
    scale: float
    coef: Floats


def fit_weibull(features: Floats, months: Floats, event: NDArray[np.bool_], entry: float = 0.0) -> WeibullFit:
    """Newton's method with step halving on (log shape, intercept, coef).

    Parameters
    ----------
    features : ndarray of shape (n_samples, n_features)
        Features.
    months : ndarray of shape (n_samples,)
        Months from time zero to event or censoring, above `entry`.
    event : ndarray of shape (n_samples,)
        Whether the event was observed.
    entry : float
        Months from which on each sample was observed.
    """
    unit = float(np.median(months))
    problem = _Likelihood(np.column_stack([np.ones(len(months)), features]), months / unit, event, entry / unit)
    theta = np.zeros(features.shape[1] + 2)
    theta[1] = np.log(event.sum() / problem.exposure(1.0).sum())
    value = problem.value(theta)
    for _ in range(_MOST_STEPS):
        gradient, information = problem.derivatives(theta)
        step = np.linalg.solve(information, gradient)
        while (new := problem.value(theta + step)) < value and np.abs(step).max() > _TOLERANCE:
            step = step / 2
        theta, value = theta + step, new
        if np.abs(step).max() <= _TOLERANCE:
            break
    else:
        raise NotConvergedError(f"no maximum within {_MOST_STEPS} steps of Newton's method")
    shape = float(np.exp(theta[0]))
    return WeibullFit(shape, float(unit * np.exp(-theta[1] / shape)), theta[2:])


class _Likelihood:
    """Log likelihood in theta = (log shape, intercept, coef), of times in a unit near their median."""

    def __init__(self, design: Floats, times: Floats, event: NDArray[np.bool_], entry: float) -> None:
        self.design, self.times, self.event, self.entry = design, times, event, entry
        self.log_times = np.log(times)
        self.log_entry = np.log(entry) if entry else 0.0
        self.event_sums = design[event].sum(axis=0)
        self.event_log_times = self.log_times[event].sum()
        self.ridge = np.r_[0.0, 0.0, np.full(design.shape[1] - 1, _RIDGE)]

    def exposure(self, shape: float) -> Floats:
        """T ** shape - entry ** shape."""
        return np.asarray(self.times**shape - self.entry**shape)

    def value(self, theta: Floats) -> float:
        """Log likelihood, less the ridge. Minus infinity where it cannot be computed."""
        with np.errstate(over="ignore", invalid="ignore"):
            shape = np.exp(theta[0])
            hazard = self.exposure(shape) * np.exp(self.design @ theta[1:])
            value = self.event.sum() * theta[0] + (shape - 1) * self.event_log_times + self.event_sums @ theta[1:]
            total = value - hazard.sum() - self.ridge @ theta**2 / 2
        return float(total) if np.isfinite(total) else -np.inf

    def derivatives(self, theta: Floats) -> tuple[Floats, Floats]:
        """Gradient, and the negative of the second derivatives."""
        shape = np.exp(theta[0])
        relative = np.exp(self.design @ theta[1:])
        late, early = self.times**shape * relative, self.entry**shape * relative if self.entry else 0.0
        hazard = late - early
        first = shape * (late * self.log_times - early * self.log_entry)
        second = shape**2 * (late * self.log_times**2 - early * self.log_entry**2)
        gradient = np.r_[self.event.sum() + shape * self.event_log_times - first.sum(), self.event_sums - self.design.T @ hazard]
        cross = self.design.T @ first
        information = np.block(
            [
                [np.array([[first.sum() + second.sum() - shape * self.event_log_times]]), cross[None, :]],
                [cross[:, None], (self.design * hazard[:, None]).T @ self.design],
            ]
        )
        return gradient - self.ridge * theta, information + np.diag(self.ridge)
