"""From inputs to an estimate: curve, horizons, median, contributions, each with its interval.

Few distinct inputs exist, so that each is computed once and kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from service.risk.ensemble import WeibullEnsemble
from service.risk.populations import Inputs
from service.risk.proportion import GroupedProportion
from service.risk.questions import Question

Floats = NDArray[np.float64]
Estimator = WeibullEnsemble | GroupedProportion
LEVEL = (2.5, 97.5)
HORIZON_STEP_MONTHS = 12
_HALF = 0.5
_PLACES = 4  # of a probability, for reading; an interval of the ensemble is not known better


@dataclass(frozen=True, slots=True)
class Band:
    """A number with its 95 % interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Median:
    """A median in months with its 95 % interval; None where it lies beyond the longest horizon."""

    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Contribution:
    """How far one feature moves the log hazard from the average patient: coef * (x - prevalence)."""

    feature: str
    known: bool | None  # None: unknown, averaged over its prevalence
    log_hazard: Band


@dataclass(frozen=True)
class Estimate:
    """The answer to one question. Months count from the time origin of the question."""

    months: tuple[int, ...]
    survival: tuple[Band, ...]
    probability: Band | None  # of an outcome without a time
    median_months: Median | None
    contributions: tuple[Contribution, ...]

    @cached_property
    def horizons(self) -> tuple[tuple[int, Band], ...]:
        """Every twelfth month within the longest horizon."""
        return tuple(
            (month, band)
            for month, band in zip(self.months, self.survival, strict=True)
            if month and not month % HORIZON_STEP_MONTHS
        )


@dataclass(frozen=True)
class Predictor:
    """The estimators of one question, by member name, with what was computed already."""

    question: Question
    estimators: Mapping[str, Estimator]
    kept: dict[tuple[object, ...], Estimate]

    def estimate(self, inputs: Inputs) -> Estimate:
        """The estimate for applicable inputs."""
        key = (inputs.member, *inputs.values.items())
        if key not in self.kept:
            self.kept[key] = self._computed(inputs)
        return self.kept[key]

    def _computed(self, inputs: Inputs) -> Estimate:
        estimator = self.estimators[inputs.member]
        row = np.array([np.nan if known is None else float(known) for known in inputs.values.values()])
        if isinstance(estimator, GroupedProportion):
            mean, lower, upper = estimator.predict_interval(row).round(_PLACES).tolist()
            return Estimate((), (), Band(mean, lower, upper), None, ())
        months = np.arange((self.question.horizon_months or 0) + 1, dtype=np.float64)
        members = estimator.member_survival(row, months)
        mean, (lower, upper) = members.mean(axis=1), interval(members)
        curve = tuple(Band(*each) for each in np.column_stack([mean, lower, upper]).round(_PLACES).tolist())
        return Estimate(
            tuple(map(int, months.tolist())),
            curve,
            None,
            _median(months, mean, members),
            _contributions(estimator, inputs.values, row),
        )


def interval(members: Floats) -> Floats:
    """The 95 % interval over the last axis; shape (2, ...)."""
    return np.percentile(members, LEVEL, axis=-1)


def _median(months: Floats, mean: Floats, members: Floats) -> Median:
    """Where survival crosses one half; None beyond the last month. Linear between months."""
    crossings = crossing(months, members)
    lower, upper = np.percentile(crossings, LEVEL, method="inverted_cdf").tolist()
    value = crossing(months, mean[:, None]).tolist()[0]
    return Median(*(round(each, 1) if np.isfinite(each) else None for each in (value, lower, upper)))


def crossing(months: Floats, survival: Floats) -> Floats:
    """Months at which each column of `survival` (n_times, n_members) falls to one half; infinite if it does not."""
    above = (survival > _HALF).sum(axis=0)
    reached = above < len(months)
    later = np.minimum(above, len(months) - 1)
    columns = np.arange(survival.shape[1])
    high, low = survival[later - 1, columns], survival[later, columns]
    between = months[later - 1] + (high - _HALF) / np.where(high > low, high - low, 1.0)
    return np.where(reached, between, np.inf)


def _contributions(estimator: WeibullEnsemble, values: Mapping[str, bool | None], row: Floats) -> tuple[Contribution, ...]:
    terms = estimator.log_hazard_contributions(row)
    found: list[Contribution] = []
    for (name, known), term in zip(values.items(), terms.T, strict=True):
        if known is None:
            band = Band(0.0, 0.0, 0.0)
        else:
            lower, upper = interval(term).round(_PLACES).tolist()
            band = Band(round(float(term.mean()), _PLACES), lower, upper)
        found.append(Contribution(name, known, band))
    return tuple(found)
