"""An ensemble of Weibull proportional-hazards models: survival with an interval.

S(t | x) = exp(-((t / scale) ** shape) * exp(x . coef)), one such curve per member. The point
estimate is the mean over members, the interval the quantiles of members.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class WeibullEnsemble:
    """The members of a fitted ensemble.

    Parameters
    ----------
    shape, scale : ndarray of shape (n_members,)
        Weibull shape (no unit) and scale (months) of each member.
    coef : ndarray of shape (n_members, n_features)
        Log hazard ratio per unit of each feature.
    prevalence : ndarray of shape (n_members, n_features)
        Mean of each feature in the member's cohort.
    entry : float
        Months at which everyone is known to be alive. Survival is conditional on it:
        S(entry + t) / S(entry), with t in months from the entry.
    """

    shape: Floats
    scale: Floats
    coef: Floats
    prevalence: Floats
    entry: float

    def member_survival(self, row: ArrayLike, months: ArrayLike) -> Floats:
        """Survival of one patient by each member.

        Parameters
        ----------
        row : array-like of shape (n_features,)
            Features, 0 or 1; nan is unknown and is averaged over its prevalence.
        months : array-like of shape (n_times,)
            Months from the entry.

        Returns
        -------
        survival : ndarray of shape (n_times, n_members)
            S(entry + t) / S(entry), in [0, 1], never rising.
        """
        features = np.asarray(row, dtype=np.float64)
        hazard = self.baseline_cumulative_hazard(months)
        unknown = np.flatnonzero(np.isnan(features))
        survival = np.zeros_like(hazard)
        for values in product((0.0, 1.0), repeat=len(unknown)):
            features = features.copy()
            features[unknown] = values
            shares = np.where(np.array(values, dtype=bool), self.prevalence[:, unknown], 1 - self.prevalence[:, unknown])
            survival += shares.prod(axis=1) * np.exp(-hazard * np.exp(self.coef @ features))
        return survival

    def baseline_cumulative_hazard(self, months: ArrayLike) -> Floats:
        """Cumulative hazard from the entry at x = 0; shape (n_times, n_members), no unit."""
        times = np.asarray(months, dtype=np.float64)[:, None] + self.entry
        return np.asarray((times / self.scale) ** self.shape - (self.entry / self.scale) ** self.shape)

    def log_hazard_contributions(self, row: ArrayLike) -> Floats:
        """Coef * (x - prevalence) of each member, shape (n_members, n_features); nan where x is unknown."""
        return np.asarray(self.coef * (np.asarray(row, dtype=np.float64) - self.prevalence))
