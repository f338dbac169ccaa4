"""Worlds of the MIBG model: two groups whose medians differ by the published difference.

The difference of medians is turned into a log hazard ratio by solving
share * S_better + (1 - share) * S_worse = 1/2 at the landmark median; its standard error comes
from the P value and it is shrunk, as in the other models. Then the baseline is solved anew.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from models.training.cohorts import Truth
from models.training.draws import LogHazardRatio, draw_shape, number, standard_error
from service.evidence import Record

Floats = NDArray[np.float64]
KINDS = ("imaging", "biochemistry", "symptoms")


def worse_median(median: float, shape: float, share: float, difference: float) -> float | None:
    """The median (months) of the worse group; None if no pair of medians differs by that much."""

    def surplus(worse: float) -> float:
        survival = [0.5 ** ((median / months) ** shape) for months in (worse + difference, worse)]
        return share * survival[0] + (1 - share) * survival[1] - 0.5

    lowest, highest = max(1e-6, 1e-6 - difference), 10 * median
    return float(brentq(surplus, lowest, highest, xtol=1e-12)) if surplus(lowest) < 0 < surplus(highest) else None


def published(record: Record, kind: str) -> LogHazardRatio:
    """The log hazard ratio of better against worse at the centre of the priors, with the SE that its P value implies."""
    median, shape = number(record, "median"), number(record, "shape")
    difference = number(record, f"difference_{kind}")
    worse = worse_median(median, shape, number(record, f"share_{kind}"), difference)
    if worse is None:
        raise ValueError(f"No pair of medians around {median} months differs by {difference}")
    log = -shape * float(np.log((worse + difference) / worse))
    return LogHazardRatio(log, standard_error(log, number(record, f"p_{kind}")))


def used(record: Record, kind: str) -> LogHazardRatio:
    """The log hazard ratio as the model uses it, shrunk."""
    return published(record, kind).shrunk(number(record, "shrinkage_sd"))


def mibg_truths(record: Record, kind: str, members: int, random: np.random.Generator) -> list[Truth]:
    """One virtual world per member, with the covariate "better"."""
    ratio = used(record, kind)
    shapes = draw_shape(record, random, members)
    medians = random.lognormal(np.log(number(record, "median")), number(record, "median_log_sd"), members)
    logs = random.normal(ratio.mean, ratio.sd, members)
    share = np.array([number(record, f"share_{kind}")])
    drawn = zip(shapes.tolist(), medians.tolist(), logs, strict=True)
    return [Truth(shape, median, share, np.array([log])) for shape, median, log in drawn]
