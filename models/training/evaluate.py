"""What is known of a survival model: the content of its `evaluation.json`.

No patient stands behind any figure. The cohorts without effect show why the published
association with activity is corrected; the other parts test the code, and what the priors do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from models.training import metrics
from models.training.cohorts import Truth, baseline_hazard_at_half, from_start, landmark_shift, mixture
from models.training.draws import LogHazardRatio, draw_share, number, published, used
from models.training.ensembles import SEED, truths
from models.training.mibg import mibg_truths
from models.training.mibg import published as published_of_mibg
from service.evidence import Record
from service.risk.ensemble import WeibullEnsemble
from service.risk.predict import HORIZON_STEP_MONTHS, LEVEL, interval

Floats = NDArray[np.float64]
Report = dict[str, Any]
UNSEEN = 1000  # added to a training seed, so that the worlds of the evaluation are not those of the training
WORLDS = 1000
PATIENTS, NULL_PATIENTS = 500, 50_000
FOLLOW_UPS = {"36": 36.0, "60": 60.0, "complete": np.inf}  # months
PRIOR_SDS = {"0.25": 0.25, "0.5": 0.5, "1": 1.0, "none": np.inf}
COVERAGE_NOTE = "Worlds from the prior of the training itself: a test of the code, not of the prior."
VIRTUAL_NOTE = "Simulated patients: a test of the code, never a performance."
NULL_NOTE = (
    "Activity has no effect in these cohorts. Cox hazard ratios of 29.6 GBq or more, by follow-up and by landmark in months."
)
_PLACES = 4
_CYCLE_GBQ, _CYCLE_MONTHS, _DROPOUT = 5.55, 10 * 7 / 30.4375, 0.10
_REACHED_GBQ, _LANDMARKS = 29.6, (12.0, 15.0)
_PROGRESSION_MEDIAN, _SURVIVAL_MEDIAN = 29.0, 44.0  # months
_WORSE = (1.0, 4.0)  # hazard of death after progression, times that before


def evaluate(
    record: Record, covariates: tuple[str, ...], ensembles: Mapping[str, WeibullEnsemble], seed: int = SEED + UNSEEN
) -> Report:
    """The evaluation of a survival model with the ensembles `from_start` and `landmark`."""
    random = np.random.default_rng(seed)
    start, later = ensembles["from_start"], ensembles["landmark"]
    worlds = truths(record, covariates, WORLDS, random)
    horizon, named = number(record, "horizon"), (*covariates, "activity")
    by_sd = {label: {name: used(record, name, sd) for name in named} for label, sd in PRIOR_SDS.items()}
    for label, sd in PRIOR_SDS.items():
        by_sd[label]["activity_uncorrected"] = published(record, "activity").shrunk(sd)
    recovered = dict(zip(named, later.coef.T, strict=True))
    return {
        "recovery": {
            "median_months": {"published": number(record, "median"), "recovered": _band(cohort_medians(start))},
            "hazard_ratios": {
                name: {"published": _ratio(published(record, name)), **_used_and_recovered(used(record, name), coef)}
                for name, coef in recovered.items()
            },
        },
        "coverage": {
            "note": COVERAGE_NOTE,
            "from_start": coverage(start, true_survival(worlds, _horizons(horizon)), _horizons(horizon)),
            "landmark": landmark_coverage(record, later, worlds, random),
        },
        "guarantee_time": guarantee_time(random),
        "sensitivity": _sensitivity(by_sd),
        "virtual_cohort": virtual_cohort(start, _centre(worlds), horizon, random),
    }


def evaluate_mibg(record: Record, ensembles: Mapping[str, WeibullEnsemble], seed: int = SEED + UNSEEN) -> Report:
    """The evaluation of the MIBG model, by kind of response."""
    random = np.random.default_rng(seed)
    return {kind: _evaluate_kind(record, kind, ensemble, random) for kind, ensemble in ensembles.items()}


def _evaluate_kind(record: Record, kind: str, ensemble: WeibullEnsemble, random: np.random.Generator) -> Report:
    implied = published_of_mibg(record, kind)
    worlds = mibg_truths(record, kind, WORLDS, random)
    months = _horizons(number(record, "horizon") - number(record, "landmark"))
    coef, shrunk = ensemble.coef[:, 0], implied.shrunk(number(record, "shrinkage_sd"))
    worse = ensemble.scale * np.log(2) ** (1 / ensemble.shape)
    return {
        "recovery": {
            "median_months": {"prior": number(record, "median"), "recovered": _band(cohort_medians(ensemble))},
            "difference_of_medians_months": {
                "published": number(record, f"difference_{kind}"),
                "recovered": _band(worse * np.exp(-coef / ensemble.shape) - worse),
            },
            "hazard_ratios": {f"better_{kind}": {"implied": _ratio(implied), **_used_and_recovered(shrunk, coef)}},
        },
        "coverage": {"note": COVERAGE_NOTE, "landmark": coverage(ensemble, true_survival(worlds, months), months)},
        "sensitivity": _sensitivity({label: {f"better_{kind}": implied.shrunk(sd)} for label, sd in PRIOR_SDS.items()}),
        "virtual_cohort": virtual_cohort(ensemble, _centre(worlds), months[-1], random),
    }


def cohort_medians(ensemble: WeibullEnsemble) -> Floats:
    """The median in months of each member's whole cohort, shape (n_members,)."""
    halves = [
        baseline_hazard_at_half(cells @ coef, shares)
        for coef, (cells, shares) in zip(ensemble.coef, map(mixture, ensemble.prevalence), strict=True)
    ]
    return np.asarray(ensemble.scale * np.array(halves) ** (1 / ensemble.shape))


def true_survival(worlds: Sequence[Truth], months: Floats) -> Floats:
    """Closed form, shape (n_worlds, n_cells, n_times), with the cells in the order of `mixture`."""
    return np.array([survival_of_cells(world, world.coef, months) for world in worlds])


def survival_of_cells(world: Truth, coef: Floats, months: Floats, entry: float = 0.0, shift: float = 0.0) -> Floats:
    """S(entry + t) / S(entry) of each cell, shape (n_cells, n_times); `shift` moves the log hazard after the entry."""
    hazard = ((entry + months) / world.scale) ** world.shape - (entry / world.scale) ** world.shape
    return np.asarray(np.exp(-np.exp(mixture(coef)[0] @ coef + shift)[:, None] * hazard))


def coverage(ensemble: WeibullEnsemble, truth: Floats, months: Floats) -> Report:
    """How often the interval contains the truth (n_worlds, n_cells, n_times), by months: over all cells and in the worst."""
    cells, _ = mixture(ensemble.prevalence[0])
    bounds = np.array([interval(ensemble.member_survival(cell, months)) for cell in cells])
    inside = ((bounds[:, 0] <= truth) & (truth <= bounds[:, 1])).mean(axis=0)
    return {
        f"{month:g}": {"all": round(float(each.mean()), _PLACES), "lowest": round(float(each.min()), _PLACES)}
        for month, each in zip(months, inside.T, strict=True)
    }


def landmark_coverage(record: Record, ensemble: WeibullEnsemble, worlds: Sequence[Truth], random: np.random.Generator) -> Report:
    """`coverage` of S(landmark + t) / S(landmark), with the activity as the last covariate."""
    landmark = number(record, "landmark")
    months = _horizons(number(record, "horizon") - landmark)
    ratio, size = used(record, "activity"), len(worlds)
    drawn = zip(worlds, draw_share(record, "activity", random, size), random.normal(ratio.mean, ratio.sd, size), strict=True)
    truth = [
        survival_of_cells(world, np.r_[world.coef, log], months, landmark, landmark_shift(world, landmark, share, log))
        for world, share, log in drawn
    ]
    return coverage(ensemble, np.array(truth), months)


def guarantee_time(random: np.random.Generator, patients: int = NULL_PATIENTS) -> Report:
    """Hazard ratios of activity in cohorts in which it has no effect: cycles are given until progression, death or dropout.

    Naive: ever 29.6 GBq against never, from time zero, censored uniformly up to the follow-up.
    Landmark: received by then, of those progression-free; for survival also of all those alive.
    """
    cohorts = {f"death_hazard_x{worse:g}_after_progression": _null(worse, random, patients) for worse in _WORSE}
    return {"note": NULL_NOTE, **cohorts}


def _null(worse: float, random: np.random.Generator, patients: int) -> Report:
    progression, death = null_cohort(worse, random, patients)
    received = np.minimum(random.geometric(_DROPOUT, patients), progression // _CYCLE_MONTHS + 1)
    ever = received * _CYCLE_GBQ >= _REACHED_GBQ
    naive: Report = {"overall_survival": {}, "progression_free_survival": {}}
    for label, last in FOLLOW_UPS.items():
        until = last * random.uniform(0.2, 1.0, patients)
        for name, months in zip(naive, (death, progression), strict=True):
            naive[name][label] = _cox(np.minimum(months, until), ever, months <= until)
    landmarks: Report = {}
    for landmark in _LANDMARKS:
        by_then = np.minimum(received, landmark // _CYCLE_MONTHS + 1) * _CYCLE_GBQ >= _REACHED_GBQ
        free, alive = progression > landmark, death > landmark
        landmarks[f"{landmark:g}"] = {
            "overall_survival": _cox(death[free], by_then[free]),
            "overall_survival_of_all_alive": _cox(death[alive], by_then[alive]),
            "progression_free_survival": _cox(progression[free], by_then[free]),
        }
    return {"share_reached": round(float(ever.mean()), _PLACES), "naive": naive, "landmark": landmarks}


def null_cohort(worse: float, random: np.random.Generator, patients: int) -> tuple[Floats, Floats]:
    """Months to progression or death, and to death, with the medians of the study.

    Hazards are constant; that of death is `worse` times as high after progression.
    """
    first = np.log(2) / _PROGRESSION_MEDIAN

    def surplus(before: float) -> float:
        event_free, after = np.exp(-first * _SURVIVAL_MEDIAN), worse * before
        lived_on = (event_free - np.exp(-after * _SURVIVAL_MEDIAN)) / (after - first)
        return float(event_free + (first - before) * lived_on - 0.5)

    before = float(brentq(surplus, 1e-6, first * (1 - 1e-9), xtol=1e-12))
    progression = random.exponential(1 / first, patients)
    died_at_once = random.random(patients) < before / first
    return progression, progression + np.where(died_at_once, 0.0, random.exponential(1 / (worse * before), patients))


def virtual_cohort(ensemble: WeibullEnsemble, world: Truth, horizon: float, random: np.random.Generator) -> Report:
    """Every measure on one simulated cohort, with censoring."""
    features, to_event, _ = from_start(world, random, PATIENTS)
    until = random.uniform(HORIZON_STEP_MONTHS, 1.5 * horizon, PATIENTS)
    months, event = np.minimum(to_event, until), to_event <= until
    grid = np.arange(1.0, horizon + 1)
    rows, which = np.unique(features, axis=0, return_inverse=True)
    predicted = np.array([ensemble.member_survival(row, grid).mean(axis=1) for row in rows])[which]
    risk = features @ ensemble.coef.mean(axis=0)
    brier, slope = metrics.brier_score(months, event, predicted, grid), metrics.calibration_slope(months, event, risk)
    at = _horizons(horizon).astype(int)
    return {
        "note": VIRTUAL_NOTE,
        "patients": PATIENTS,
        "events": int(event.sum()),
        "harrell_c": round(metrics.harrell_c(months, event, risk), _PLACES),
        "uno_c": round(metrics.uno_c(months, event, risk, horizon), _PLACES),
        "calibration_slope": round(slope, _PLACES) if np.isfinite(slope) else None,
        "brier_score": {str(month): round(float(brier[month - 1]), _PLACES) for month in at},
        "integrated_brier_score": round(metrics.integrated_brier_score(months, event, predicted, grid), _PLACES),
        "observed_expected": {
            str(month): round(metrics.observed_expected(months, event, predicted[:, month - 1], month), _PLACES) for month in at
        },
    }


def _sensitivity(by_sd: Mapping[str, Mapping[str, LogHazardRatio]]) -> Report:
    return {sd: {name: _ratio(each) for name, each in ratios.items()} for sd, ratios in by_sd.items()}


def _centre(worlds: Sequence[Truth]) -> Truth:
    mean = [np.mean([getattr(world, name) for world in worlds], axis=0) for name in ("shape", "median", "prevalence", "coef")]
    return Truth(float(mean[0]), float(mean[1]), mean[2], mean[3])


def _horizons(last: float) -> Floats:
    return np.arange(HORIZON_STEP_MONTHS, last + 1, HORIZON_STEP_MONTHS)


def _cox(months: Floats, group: NDArray[np.bool_], event: ArrayLike = True) -> float:
    slope = metrics.calibration_slope(months, np.broadcast_to(event, months.shape), group)
    return round(float(np.exp(slope)), _PLACES)


def _used_and_recovered(ratio: LogHazardRatio, coef: Floats) -> Report:
    return {"used": _ratio(ratio), "recovered": np.exp([coef.mean(), *np.percentile(coef, LEVEL)]).round(_PLACES).tolist()}


def _ratio(ratio: LogHazardRatio) -> list[float]:
    return [round(float(each), _PLACES) for each in ratio.interval]


def _band(values: Floats) -> list[float]:
    return [round(float(each), _PLACES) for each in (np.median(values), *np.percentile(values, LEVEL))]
