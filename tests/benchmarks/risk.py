"""Predictions beside lifelines and scikit-survival, for the same patient and for many."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from sksurv.linear_model import CoxPHSurvivalAnalysis

from models.training.cohorts import Truth, from_start
from service.risk.many import curves_of_many
from service.risk.populations import Inputs
from service.risk.predict import Predictor
from service.risk.questions import QUESTIONS
from tests.reading import engine

ROUNDS = 15
PATIENTS = 100_000
HORIZONS = [12.0, 24.0, 36.0, 48.0, 60.0]
START = "overall_survival_from_start"


def seconds(*candidates: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """The median time of each candidate, run in turns."""
    taken: list[list[float]] = [[] for _ in candidates]
    for _ in range(rounds):
        for candidate, times in zip(candidates, taken, strict=True):
            started = perf_counter()
            candidate()
            times.append(perf_counter() - started)
    return [median(times) for times in taken]


def predictors() -> dict[str, Predictor]:
    """The predictors of every served question."""
    return {name: predictor for model in engine().models for name, predictor in model.predictors.items()}


def every_question() -> Iterator[tuple[Predictor, Inputs]]:
    """Each question with all of its inputs known."""
    for name, predictor in predictors().items():
        member, features = next(iter(QUESTIONS[name].features.items()))
        yield predictor, Inputs(dict.fromkeys(features, True), member)


@dataclass(frozen=True, slots=True)
class Predictions:
    """Seconds of one patient, and rows a second of many."""

    warm: float  # all questions
    cold: float  # all questions, nothing kept
    by_lifelines: float  # one question, five horizons, no band
    by_sksurv: float
    rows: float  # with bands, 61 months
    rows_by_lifelines: float  # without

    @property
    def told(self) -> list[tuple[str, str]]:
        """In words."""
        return [
            ("all six questions, warm", f"{1000 * self.warm:.3f} ms"),
            ("all six questions, cold (nothing kept)", f"{1000 * self.cold:.2f} ms"),
            ("lifelines CoxPHFitter, one question, five horizons, no band", f"{1000 * self.by_lifelines:.2f} ms"),
            ("scikit-survival Cox, one question, five horizons, no band", f"{1000 * self.by_sksurv:.2f} ms"),
            (f"{PATIENTS:,} patients, 61 months with bands", f"{self.rows:,.0f} rows/s"),
            (f"{PATIENTS:,} patients, 61 months by lifelines, no band", f"{self.rows_by_lifelines:,.0f} rows/s"),
        ]


def measured() -> Predictions:
    """One patient and many, by us and by the others in turns."""
    asked = list(every_question())
    cohort = from_start(Truth(1.45, 44.0, np.array([0.35, 0.55]), np.array([0.5, 0.7])), np.random.default_rng(1), 2000)
    frame = pd.DataFrame(cohort[0], columns=["alp_raised", "male"]).assign(months=cohort[1], event=cohort[2])
    lifelines = CoxPHFitter().fit(frame, "months", "event")
    target = np.array(list(zip(cohort[2], cohort[1], strict=True)), dtype=[("event", bool), ("time", float)])
    sksurv = CoxPHSurvivalAnalysis().fit(cohort[0], target)
    patient = frame[["alp_raised", "male"]].iloc[[0]]

    def warm() -> None:
        for predictor, inputs in asked:
            predictor.estimate(inputs)

    def cold() -> None:
        for predictor, inputs in asked:
            Predictor(predictor.question, predictor.estimators, {}).estimate(inputs)

    def one_by_lifelines() -> object:
        return lifelines.predict_survival_function(patient, times=HORIZONS)

    def one_by_sksurv() -> object:
        return [function(HORIZONS) for function in sksurv.predict_survival_function(patient.to_numpy())]

    warm_s, cold_s, lifelines_s, sksurv_s = seconds(warm, cold, one_by_lifelines, one_by_sksurv)
    names = ("alp_raised", "male")
    cells = [dict(zip(names, values, strict=True)) for values in product((True, False), repeat=2)]
    many = list(islice(cycle(cells), PATIENTS))
    table = pd.DataFrame(many).astype(float)

    def many_with_bands() -> None:
        for _ in curves_of_many(predictors()[START], "from_start", many):
            pass

    def many_by_lifelines() -> object:
        return lifelines.predict_survival_function(table, times=np.arange(61.0))

    ours_s, theirs_s = seconds(many_with_bands, many_by_lifelines, rounds=3)
    return Predictions(warm_s, cold_s, lifelines_s, sksurv_s, PATIENTS / ours_s, PATIENTS / theirs_s)
