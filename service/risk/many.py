"""Curves with their bands for many patients, in chunks of bounded memory."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from service.risk.populations import Inputs
from service.risk.predict import Predictor

Floats = NDArray[np.float64]


def curves_of_many(
    predictor: Predictor, member: str, patients: Sequence[Mapping[str, bool | None]], chunk: int = 4096
) -> Iterator[Floats]:
    """Estimate, lower and upper bound of every patient, in order.

    Parameters
    ----------
    predictor : Predictor
        Of a question with a time.
    member : str
        Which of its estimators answers.
    patients : sequence of mappings
        Values of the features of each patient, None where unknown.
    chunk : int
        Patients whose curves are in memory at once.

    Yields
    ------
    curves : ndarray of shape (at most chunk, 3, n_months)
        Probabilities by month from the time origin. Distinct inputs are few, and computed once.
    """
    distinct: dict[tuple[bool | None, ...], int] = {}
    rows = np.array([distinct.setdefault(tuple(values.values()), len(distinct)) for values in patients], dtype=np.intp)
    names = predictor.question.features[member]
    estimates = [predictor.estimate(Inputs(dict(zip(names, values, strict=True)), member)) for values in distinct]
    table = np.array([[(band.value, band.lower, band.upper) for band in each.survival] for each in estimates])
    table = np.ascontiguousarray(table.transpose(0, 2, 1)) if estimates else np.empty((0, 3, 0))
    for start in range(0, len(rows), chunk):
        yield table[rows[start : start + chunk]]
