"""Measures of a survival prediction, with right censoring: discrimination, accuracy, calibration.

Months count from the time origin of the prediction. Own code, from the definitions in the
papers; `tests/models/test_metrics.py` compares it with scikit-survival and lifelines.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Sample = tuple[ArrayLike, ArrayLike]  # months (n,), event (n,)
_TIED = 1e-8
_STEEPEST = 16.0  # log hazard per standard deviation, which only a separated covariate reaches


def kaplan_meier(months: ArrayLike, event: ArrayLike, at: ArrayLike) -> Floats:
    """Survival by the product-limit estimator (Kaplan and Meier, J Am Stat Assoc 1958;53:457).

    Parameters
    ----------
    months : array-like of shape (n_samples,)
        Months to event or censoring.
    event : array-like of shape (n_samples,)
        Whether the event was observed.
    at : array-like of shape (n_times,)
        Months at which survival is wanted.

    Returns
    -------
    survival : ndarray of shape (n_times,)
        Just after each of the months; no unit.
    """
    times, died, _, at_risk = _life_table(*_sample(months, event))
    return _steps(times, np.cumprod(1 - died / at_risk), at)


def censoring_free(sample: Sample, at: ArrayLike) -> Floats:
    """Share not yet censored, G(t): the product-limit estimator with the roles exchanged.

    Of an event and a censoring at the same time the event came first (Graf et al., Stat Med 1999;18:2529).

    Parameters
    ----------
    sample : tuple of months and event, array-likes of shape (n_samples,)
        The patients whose censoring is described.
    at : array-like of shape (n_times,)
        Months at which the share (just after each; no unit) is wanted.
    """
    times, died, lost, at_risk = _life_table(*_sample(*sample))
    left = at_risk - died
    factors = 1 - np.divide(lost, left, out=np.zeros(len(times)), where=left > 0)
    return _steps(times, np.cumprod(factors), at)


def harrell_c(months: ArrayLike, event: ArrayLike, risk: ArrayLike) -> float:
    """Concordance of risk and order of events (Harrell et al., Stat Med 1996;15:361).

    Of two patients the one with an event before the other's time should have the higher risk. A
    censoring at the time of an event counts as later. Equal risks count one half.

    Parameters
    ----------
    months, event, risk : array-like of shape (n_samples,)
        Months to event or censoring; whether the event was observed; predicted risk (any unit, higher is worse).

    Returns
    -------
    c : float
        0.5 is chance, 1 is perfect; no unit.
    """
    times, happened = _sample(months, event)
    return _concordance(times, happened, np.asarray(risk, dtype=np.float64), np.ones(len(times)))


def uno_c(months: ArrayLike, event: ArrayLike, risk: ArrayLike, tau: float, censoring: Sample | None = None) -> float:
    """Concordance up to a horizon that does not depend on the censoring (Uno et al., Stat Med 2011;30:1105).

    Parameters
    ----------
    months, event, risk : array-like of shape (n_samples,)
        As in `harrell_c`.
    tau : float
        Months; only events before it count.
    censoring : tuple of months and event, optional
        The patients whose censoring gives the weights 1 / G(t)^2; these patients where not told.

    Returns
    -------
    c : float
        0.5 is chance, 1 is perfect; no unit.
    """
    times, happened = _sample(months, event)
    counted = happened & (times < tau)
    weights = np.zeros(len(times))
    weights[counted] = _inverse(censoring_free(censoring or (times, happened), times[counted])) ** 2
    return _concordance(times, happened, np.asarray(risk, dtype=np.float64), weights)


def brier_score(
    months: ArrayLike, event: ArrayLike, survival: ArrayLike, at: ArrayLike, censoring: Sample | None = None
) -> Floats:
    """Squared error of predicted survival, weighted for censoring (Graf et al., Stat Med 1999;18:2529).

    Parameters
    ----------
    months, event : array-like of shape (n_samples,)
        As in `harrell_c`.
    survival : array-like of shape (n_samples, n_times)
        Predicted survival at each of the months of `at`; no unit.
    at : array-like of shape (n_times,)
        Months, below the longest follow-up.
    censoring : tuple of months and event, optional
        The patients whose censoring gives the weights 1 / G(t); these patients where not told.

    Returns
    -------
    score : ndarray of shape (n_times,)
        0 is perfect, 0.25 is what a prediction of one half has; no unit.
    """
    times, happened = _sample(months, event)
    horizons, predicted = np.asarray(at, dtype=np.float64), np.asarray(survival, dtype=np.float64)
    reference = censoring or (times, happened)
    weights = np.zeros(len(times))
    counted = happened & (times <= horizons.max())
    weights[counted] = _inverse(censoring_free(reference, times[counted]))
    gone = (times[:, None] <= horizons) * weights[:, None]
    there = (times[:, None] > horizons) * _inverse(censoring_free(reference, horizons))
    return np.asarray((gone * predicted**2 + there * (1 - predicted) ** 2).mean(axis=0))


def integrated_brier_score(
    months: ArrayLike, event: ArrayLike, survival: ArrayLike, at: ArrayLike, censoring: Sample | None = None
) -> float:
    """Mean Brier score from the first to the last of the months, by the trapezoidal rule; as `brier_score`."""
    horizons = np.asarray(at, dtype=np.float64)
    scores = brier_score(months, event, survival, horizons, censoring)
    return float(np.trapezoid(scores, horizons) / (horizons[-1] - horizons[0]))


def calibration_slope(months: ArrayLike, event: ArrayLike, log_hazard: ArrayLike) -> float:
    """Cox coefficient of the predicted log hazard (van Houwelingen, Stat Med 2000;19:3401).

    Below 1: predictions are too extreme. Ties as in Efron (J Am Stat Assoc 1977;72:557). Of a
    yes-or-no covariate in its place it is the log hazard ratio.

    Parameters
    ----------
    months, event : array-like of shape (n_samples,)
        As in `harrell_c`.
    log_hazard : array-like of shape (n_samples,)
        Predicted log hazard; no unit.

    Returns
    -------
    slope : float
        1 is perfect; nan where all predictions are the same; no unit.
    """
    times, happened = _sample(months, event)
    predictor = np.asarray(log_hazard, dtype=np.float64)
    spread = float(predictor.std())
    if spread <= _TIED:
        return float("nan")
    partial = _PartialLikelihood(times, happened, (predictor - predictor.mean()) / spread)
    bound = 1.0
    while partial.score(bound) > 0 or partial.score(-bound) < 0:
        bound *= 2
        if bound > _STEEPEST:
            raise ValueError("The slope has no finite estimate: the prediction separates the events.")
    return float(brentq(partial.score, -bound, bound, xtol=1e-14)) / spread


def observed_expected(months: ArrayLike, event: ArrayLike, survival: ArrayLike, horizon: float) -> float:
    """Observed over expected events by a horizon (Debray et al., BMJ 2017;356:i6460).

    Parameters
    ----------
    months, event : array-like of shape (n_samples,)
        As in `harrell_c`.
    survival : array-like of shape (n_samples,)
        Predicted survival at the horizon; no unit.
    horizon : float
        Months. Observed is one minus the Kaplan-Meier estimate there.

    Returns
    -------
    ratio : float
        1 is perfect, above 1 is more events than predicted; no unit.
    """
    observed = 1 - kaplan_meier(months, event, [horizon])[0]
    return float(observed / (1 - np.asarray(survival, dtype=np.float64)).mean())


def _sample(months: ArrayLike, event: ArrayLike) -> tuple[Floats, Flags]:
    return np.asarray(months, dtype=np.float64), np.asarray(event).astype(bool)


def _life_table(months: Floats, event: Flags) -> tuple[Floats, Floats, Floats, Floats]:
    """Distinct times; events, censorings and patients at risk at each."""
    times, group = np.unique(months, return_inverse=True)
    died, lost = (np.bincount(group, each, len(times)).astype(np.float64) for each in (event, ~event))
    return times, died, lost, (died + lost)[::-1].cumsum()[::-1]


def _steps(times: Floats, values: NDArray[np.floating], at: ArrayLike) -> Floats:
    """A right-continuous step function that starts at 1."""
    return np.asarray(np.r_[1.0, values][np.searchsorted(times, np.asarray(at, dtype=np.float64), side="right")])


def _inverse(share: Floats) -> Floats:
    if (share <= 0).any():
        raise ValueError("Nobody is left uncensored at a time that needs a weight; choose an earlier one.")
    return np.asarray(1 / share)


def _concordance(months: Floats, event: Flags, risk: Floats, weights: Floats) -> float:
    first = np.flatnonzero(event & (weights > 0))
    later = (months > months[first, None]) | ((months == months[first, None]) & ~event)
    ahead = risk[first, None] - risk
    agreed = np.where(np.abs(ahead) <= _TIED, 0.5, ahead > 0)
    return float((weights[first, None] * later * agreed).sum() / (weights[first, None] * later).sum())


class _PartialLikelihood:
    """Cox's partial likelihood of one covariate, ties by Efron."""

    def __init__(self, months: Floats, event: Flags, covariate: Floats) -> None:
        order = np.lexsort((~event, months))
        self.covariate, months, self.event = covariate[order], months[order], event[order]
        at, self.group, counts = np.unique(months[self.event], return_inverse=True, return_counts=True)
        self.start = np.searchsorted(months, at)
        rank = np.arange(len(self.group)) - np.r_[0, counts.cumsum()[:-1]][self.group]
        self.fraction = rank / counts[self.group]

    def score(self, slope: float) -> float:
        """First derivative of the log likelihood; it falls with the slope."""
        relative = np.exp(slope * self.covariate)
        return float((self.covariate[self.event] - self._at_risk(relative * self.covariate) / self._at_risk(relative)).sum())

    def _at_risk(self, terms: Floats) -> Floats:
        """Sum of terms over those at risk at each event, less the fraction of its ties that went before."""
        tied = np.bincount(self.group, terms[self.event])
        risk = terms[::-1].cumsum()[::-1][self.start]
        return np.asarray(risk[self.group] - self.fraction * tied[self.group])
