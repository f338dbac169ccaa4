"""A proportion in each of two groups, with an interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class GroupedProportion:
    """Mean and interval of a proportion, by a yes-or-no feature.

    Parameters
    ----------
    mean, lower, upper : ndarray of shape (2,)
        Mean and bounds (no unit), for the feature 0 and 1.
    """

    mean: Floats
    lower: Floats
    upper: Floats

    def predict_interval(self, row: ArrayLike) -> Floats:
        """Mean, lower and upper bound for one patient; `row` has shape (1,) and holds 0 or 1."""
        group = int(np.asarray(row)[0])
        return np.array([self.mean[group], self.lower[group], self.upper[group]])
