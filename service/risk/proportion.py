"""A proportion in each of two groups, with Jeffreys intervals."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted


class GroupedProportion(BaseEstimator):
    """Mean and equal-tailed interval of a proportion, by a yes-or-no feature.

    Parameters
    ----------
    prior : float, default=0.5
        Both parameters of the Beta prior; 0.5 is Jeffreys' prior.
    level : float, default=0.95
        Probability inside the interval.

    Attributes
    ----------
    mean_, lower_, upper_ : ndarray of shape (2,)
        Posterior mean and interval (no unit), for the feature 0 and 1.
    """

    def __init__(self, prior: float = 0.5, level: float = 0.95) -> None:
        self.prior = prior
        self.level = level

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:  # noqa: N803  # scikit-learn's name
        """Count. X of shape (n_samples, 1) holds 0 or 1, y of shape (n_samples,) whether it happened."""
        from scipy.stats import beta  # noqa: PLC0415  # only training needs it; it is slow to import

        group, happened = np.asarray(X)[:, 0].astype(bool), np.asarray(y).astype(bool)
        yes = np.array([happened[group == each].sum() for each in (False, True)]) + self.prior
        no = np.array([(~happened[group == each]).sum() for each in (False, True)]) + self.prior
        tail = (1 - self.level) / 2
        self.mean_ = yes / (yes + no)
        self.lower_ = beta.ppf(tail, yes, no)
        self.upper_ = beta.ppf(1 - tail, yes, no)
        return self

    def predict_interval(self, row: ArrayLike) -> NDArray[np.float64]:
        """Mean, lower and upper bound for one patient; `row` has shape (1,) and holds 0 or 1."""
        check_is_fitted(self)
        group = int(np.asarray(row)[0])
        return np.array([self.mean_[group], self.lower_[group], self.upper_[group]])
