"""From evidence to fitted ensembles."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from models.training.cohorts import PATIENTS, Cohort, Truth, from_landmark, from_start
from models.training.draws import draw_median, draw_shape, draw_share, number, used
from models.training.fitters import WeibullEnsembleFitter
from service.evidence import Record
from service.risk.ensemble import WeibullEnsemble

Floats = NDArray[np.float64]
MEMBERS = 1000
SEED = 20260310


def truths(record: Record, covariates: tuple[str, ...], members: int, random: np.random.Generator) -> list[Truth]:
    """One virtual world per member, from the draws of a record."""
    shapes = draw_shape(record, random, members)
    medians = draw_median(record, random, members)
    shares = np.column_stack([draw_share(record, name, random, members) for name in covariates] or [np.empty((members, 0))])
    ratios = [used(record, name) for name in covariates]
    coefs = np.column_stack([random.normal(each.mean, each.sd, members) for each in ratios] or [np.empty((members, 0))])
    return [Truth(*each) for each in zip(shapes.tolist(), medians.tolist(), shares, coefs, strict=True)]


def from_start_ensemble(worlds: list[Truth], random: np.random.Generator, patients: int = PATIENTS) -> WeibullEnsemble:
    """One member per world, fitted to a cohort followed from time zero."""
    cohorts = (from_start(world, random, patients) for world in _shown(worlds, "from the start"))
    return WeibullEnsembleFitter(len(worlds)).fit_cohorts(cohorts).ensemble_


def landmark_ensemble(
    record: Record, worlds: list[Truth], random: np.random.Generator, patients: int = PATIENTS
) -> WeibullEnsemble:
    """One member per world, fitted to those alive at the landmark, with the activity term."""
    landmark = number(record, "landmark")
    shares = draw_share(record, "activity", random, len(worlds))
    ratio = used(record, "activity")
    log_hazards = random.normal(ratio.mean, ratio.sd, len(worlds))
    drawn = zip(_shown(worlds, "landmark"), shares, log_hazards, strict=True)
    cohorts: Iterator[Cohort] = (
        from_landmark(world, landmark, share, log_hazard, random, patients) for world, share, log_hazard in drawn
    )
    return WeibullEnsembleFitter(len(worlds), entry=landmark).fit_cohorts(cohorts).ensemble_


def survival_ensembles(
    record: Record, covariates: tuple[str, ...], members: int = MEMBERS, seed: int = SEED, patients: int = PATIENTS
) -> dict[str, WeibullEnsemble]:
    """The ensembles of both questions of a survival model, by member name. Same seed, same parameters."""
    random = np.random.default_rng(seed)
    worlds = truths(record, covariates, members, random)
    return {
        "from_start": from_start_ensemble(worlds, random, patients),
        "landmark": landmark_ensemble(record, worlds, random, patients),
    }


def _shown(worlds: list[Truth], what: str) -> Iterator[Truth]:
    yield from track(worlds, description=f"{what:>16}")
