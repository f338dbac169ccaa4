"""An ensemble of Weibull proportional-hazards models: survival with an interval.

S(t | x) = exp(-((t / scale) ** shape) * exp(x . coef)), one such curve per member. The point
estimate is the mean over members, the interval the quantiles of members.
"""

from collections.abc import Iterable
from itertools import product
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from service.risk.weibull import WeibullFit, fit_weibull

Floats = NDArray[np.float64]


class WeibullPHEnsemble(BaseEstimator):
    """Ensemble of Weibull proportional-hazards models.

    Parameters
    ----------
    n_members : int, default=1000
        Members that `fit` makes by bootstrap. `fit_cohorts` makes one per cohort.
    entry : float, default=0.0
        Months at which everyone is known to be alive (delayed entry). Predictions are then
        conditional on it: S(entry + t) / S(entry), with t in months from the entry.
    random_state : int, RandomState instance or None, default=None
        Seed of the bootstrap.

    Attributes
    ----------
    shape_, scale_ : ndarray of shape (n_members,)
        Weibull shape (no unit) and scale (months) of each member.
    coef_ : ndarray of shape (n_members, n_features)
        Log hazard ratio per unit of each feature.
    prevalence_ : ndarray of shape (n_members, n_features)
        Mean of each feature in the member's cohort.
    n_features_in_ : int
        Number of features seen in fit.
    """

    def __init__(self, n_members: int = 1000, entry: float = 0.0, random_state: Any = None) -> None:
        self.n_members = n_members
        self.entry = entry
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.positive_only = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:  # noqa: N803  # scikit-learn's name
        """Fit one member to the data and the others to bootstrap resamples of it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            Months to the event, or a structured array with the fields `event` (bool) and
            `time` (months; from time zero, not from the entry).

        Returns
        -------
        self : WeibullPHEnsemble
            The fitted ensemble.
        """
        features = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        event, months = _target(y, len(features), self.entry)
        random = check_random_state(self.random_state)
        fits = [fit_weibull(features, months, event, self.entry)]
        prevalences = [features.mean(axis=0)]
        for _ in range(self.n_members - 1):
            drawn = random.randint(0, len(features), len(features))
            fits.append(fit_weibull(features[drawn], months[drawn], event[drawn], self.entry))
            prevalences.append(features[drawn].mean(axis=0))
        return self._keep(fits, prevalences)

    def fit_cohorts(self, cohorts: Iterable[tuple[Floats, Floats, NDArray[np.bool_]]]) -> Self:
        """Fit one member to each cohort: (features, months, event), arrays of the cohort's length."""
        fits: list[WeibullFit] = []
        prevalences: list[Floats] = []
        for features, months, event in cohorts:
            fits.append(fit_weibull(features, months, event, self.entry))
            prevalences.append(features.mean(axis=0))
        self.n_features_in_ = len(prevalences[0])
        return self._keep(fits, prevalences)

    def _keep(self, fits: list[WeibullFit], prevalences: list[Floats]) -> Self:
        self.shape_ = np.array([fit.shape for fit in fits])
        self.scale_ = np.array([fit.scale for fit in fits])
        self.coef_ = np.array([fit.coef for fit in fits])
        self.prevalence_ = np.array(prevalences)
        return self

    def predict(self, X: ArrayLike) -> Floats:  # noqa: N803  # scikit-learn's name
        """Mean log hazard relative to x = 0: higher is worse.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features; none may be unknown here.

        Returns
        -------
        log_hazard : ndarray of shape (n_samples,)
            Mean over members of x . coef.
        """
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(features @ self.coef_.mean(axis=0))

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
        check_is_fitted(self)
        features = np.asarray(row, dtype=np.float64)
        hazard = self.baseline_cumulative_hazard(months)
        unknown = np.flatnonzero(np.isnan(features))
        survival = np.zeros_like(hazard)
        for values in product((0.0, 1.0), repeat=len(unknown)):
            features = features.copy()
            features[unknown] = values
            shares = np.where(np.array(values, dtype=bool), self.prevalence_[:, unknown], 1 - self.prevalence_[:, unknown])
            survival += shares.prod(axis=1) * np.exp(-hazard * np.exp(self.coef_ @ features))
        return survival

    def baseline_cumulative_hazard(self, months: ArrayLike) -> Floats:
        """Cumulative hazard from the entry at x = 0; shape (n_times, n_members), no unit."""
        times = np.asarray(months, dtype=np.float64)[:, None] + self.entry
        return np.asarray((times / self.scale_) ** self.shape_ - (self.entry / self.scale_) ** self.shape_)

    def log_hazard_contributions(self, row: ArrayLike) -> Floats:
        """Coef * (x - prevalence) of each member, shape (n_members, n_features); nan where x is unknown."""
        check_is_fitted(self)
        return np.asarray(self.coef_ * (np.asarray(row, dtype=np.float64) - self.prevalence_))


def _target(y: ArrayLike, length: int, entry: float) -> tuple[NDArray[np.bool_], Floats]:
    """Event and months of a target, checked. Raises ValueError."""
    if y is None:
        raise ValueError("This estimator requires y to be passed, but the target y is None")
    target = np.asarray(y)
    if target.dtype.names:
        event, months = target["event"].astype(bool), target["time"].astype(np.float64)
    else:
        months = np.asarray(column_or_1d(target, warn=True), dtype=np.float64)
        event = np.ones(months.shape, dtype=bool)
    if len(months) != length:
        raise ValueError(f"y must have shape ({length},)")
    if not np.isfinite(months).all() or (months <= entry).any():
        raise ValueError(f"Months must be finite and above the entry of {entry}; y holds others (NaN, infinity or too small)")
    if not event.any():
        raise ValueError("No event was observed; a hazard cannot be estimated")
    return event, months
