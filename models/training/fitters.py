"""What fits: scikit-learn estimators, whose fitted attribute is what the service estimates with."""

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from models.training.weibull import WeibullFit, fit_weibull
from service.risk.ensemble import WeibullEnsemble
from service.risk.proportion import GroupedProportion

Floats = NDArray[np.float64]


class WeibullEnsembleFitter(BaseEstimator):
    """Fits an ensemble of Weibull proportional-hazards models.

    Parameters
    ----------
    n_members : int, default=1000
        Members that `fit` makes by bootstrap. `fit_cohorts` makes one per cohort.
    entry : float, default=0.0
        Months at which everyone is known to be alive (delayed entry).
    random_state : int, RandomState instance or None, default=None
        Seed of the bootstrap.

    Attributes
    ----------
    ensemble_ : WeibullEnsemble
        The members.
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
        self : WeibullEnsembleFitter
            With `ensemble_`.
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
        self.ensemble_ = WeibullEnsemble(
            shape=np.array([fit.shape for fit in fits]),
            scale=np.array([fit.scale for fit in fits]),
            coef=np.array([fit.coef for fit in fits]),
            prevalence=np.array(prevalences),
            entry=self.entry,
        )
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
        return np.asarray(features @ self.ensemble_.coef.mean(axis=0))


class GroupedProportionFitter(BaseEstimator):
    """Fits a proportion in each of two groups.

    Parameters
    ----------
    prior : float, default=0.5
        Both parameters of the Beta prior; 0.5 is Jeffreys' prior.
    level : float, default=0.95
        Probability inside the equal-tailed interval.

    Attributes
    ----------
    proportion_ : GroupedProportion
        Posterior mean and interval of each group.
    """

    def __init__(self, prior: float = 0.5, level: float = 0.95) -> None:
        self.prior = prior
        self.level = level

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:  # noqa: N803  # scikit-learn's name
        """Count. X of shape (n_samples, 1) holds 0 or 1, y of shape (n_samples,) whether it happened."""
        group, happened = np.asarray(X)[:, 0].astype(bool), np.asarray(y).astype(bool)
        yes = np.array([happened[group == each].sum() for each in (False, True)]) + self.prior
        no = np.array([(~happened[group == each]).sum() for each in (False, True)]) + self.prior
        tail = (1 - self.level) / 2
        self.proportion_ = GroupedProportion(yes / (yes + no), beta.ppf(tail, yes, no), beta.ppf(1 - tail, yes, no))
        return self


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
