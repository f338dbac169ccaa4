"""From what a paper prints to draws of parameters."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from service.evidence import Record

Floats = NDArray[np.float64]
Draw = Callable[[int], Floats]


@dataclass(frozen=True, slots=True)
class LogHazardRatio:
    """A normal distribution of a log hazard ratio."""

    mean: float
    sd: float

    @property
    def interval(self) -> tuple[float, float, float]:
        """Hazard ratio with its 95 % interval."""
        return tuple(np.exp(self.mean + self.sd * norm.ppf([0.5, 0.025, 0.975])))  # type: ignore[return-value]  # three floats

    def shrunk(self, prior_sd: float | None) -> "LogHazardRatio":
        """Combined with a prior N(0, prior_sd^2); None leaves it as it is."""
        if prior_sd is None:
            return self
        weight = 1 / self.sd**2
        precision = weight + 1 / prior_sd**2
        return LogHazardRatio(self.mean * weight / precision, precision**-0.5)

    def less_bias(self, bias_log: float, bias_sd: float) -> "LogHazardRatio":
        """Corrected by a bias N(bias_log, bias_sd^2) on the log scale."""
        return LogHazardRatio(self.mean - bias_log, float(np.hypot(self.sd, bias_sd)))


def number(record: Record, name: str) -> float:
    """A parameter of a record, as a float."""
    return float(record[name].value)


def standard_error(estimate: float, p: float) -> float:
    """SE from a two-sided Wald P value; for "P < p" it is an upper bound."""
    return abs(estimate) / float(norm.isf(p / 2))


def published(record: Record, name: str) -> LogHazardRatio:
    """The log hazard ratio as published, with the SE that its P value implies."""
    log = float(np.log(number(record, f"hazard_ratio_{name}")))
    return LogHazardRatio(log, standard_error(log, number(record, f"p_{name}")))


def used(record: Record, name: str, prior_sd: float | None = None) -> LogHazardRatio:
    """The log hazard ratio as the model uses it: bias-corrected for activity, then shrunk."""
    prior_sd = number(record, "shrinkage_sd") if prior_sd is None else prior_sd
    ratio = published(record, name)
    if name == "activity":
        ratio = ratio.less_bias(float(np.log(number(record, "bias_hazard_ratio"))), number(record, "bias_log_sd"))
    return ratio.shrunk(prior_sd)


def draw_shape(record: Record, random: np.random.Generator, size: int) -> Floats:
    """Weibull shapes (no unit)."""
    return random.lognormal(np.log(number(record, "shape")), number(record, "shape_log_sd"), size)


def draw_median(record: Record, random: np.random.Generator, size: int) -> Floats:
    """Medians of the cohort in months: normal, as its symmetric interval says, and positive."""
    return _within(
        lambda count: random.normal(number(record, "median"), number(record, "median_standard_error"), count), size, 0.0, np.inf
    )


def draw_share(record: Record, name: str, random: np.random.Generator, size: int) -> Floats:
    """Prevalence of a covariate."""
    alpha, beta = number(record, f"share_{name}_alpha"), number(record, f"share_{name}_beta")
    bounds = record.parameters.keys() >= {f"share_{name}_lowest"}
    lowest = number(record, f"share_{name}_lowest") if bounds else 0.0
    highest = number(record, f"share_{name}_highest") if bounds else 1.0
    return _within(lambda count: random.beta(alpha, beta, count), size, lowest, highest)


def _within(draw: Draw, size: int, lowest: float, highest: float) -> Floats:
    """Draws inside the bounds; those outside are drawn again."""
    values = draw(size)
    while (outside := (values <= lowest) | (values >= highest)).any():
        values[outside] = draw(int(outside.sum()))
    return values
