"""Which pictures a model's card shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np

from models.training.draws import number
from models.training.evaluate import WORLDS, guarantee_time
from models.training.export import Estimators
from models.training.plots import Curve, Point, draw_curves, draw_points, draw_ratios
from models.training.tables import Z, printed_interval
from models.training.words import figure_words
from service.evidence import SOURCES, Record
from service.risk.populations import Inputs
from service.risk.predict import LEVEL, Predictor
from service.risk.questions import QUESTIONS

Report = dict[str, Any]
_COHORTS = 400  # of the size of the study, for the distribution of hazard ratios
_SCENARIO, _FOLLOW_UP = "death_hazard_x4_after_progression", "60"  # keys of the evaluation
_LABEL = 34  # characters in a line of a label
_OUTCOMES = {"overall_survival": "Overall survival", "progression_free_survival": "Progression-free survival"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture beside the card, with its words for who cannot see it and its caption."""

    file: str
    words: tuple[str, str]

    @property
    def markdown(self) -> str:
        """The picture with its caption."""
        alternative, caption = self.words
        return f"![{alternative}]({self.file})\n\n*Figure: {caption}*"


def survival_figures(folder: Path, record: Record, estimators: Estimators, evaluation: Report, seed: int) -> list[Figure]:
    """Cohort, landmark, coverage, guarantee time. Adds the distribution of the last to the evaluation."""
    outcome, landmark, activity = _OUTCOMES[record.id], f"{number(record, 'landmark'):g}", f"{number(record, 'activity'):g} GBq"
    start, later = (Predictor(QUESTIONS[question], members, {}) for question, members in estimators.items())
    median = Point("published median with its 95 % interval", number(record, "median"), *printed_interval(record))
    cohort, title = [_curve(start, "predicted")], f"{outcome} of the cohort"
    draw_curves(folder / "cohort_curve.svg", title, "the first cycle", outcome, cohort, median)
    reached = [_curve(later, f"{activity} reached by the landmark", last=True)]
    missed = [_curve(later, f"{activity} not reached by the landmark", last=False)]
    title, origin = (
        f"{outcome} from the landmark: direction not established",
        f"the landmark, {landmark} months after the first cycle",
    )
    draw_curves(folder / "landmark_curve.svg", title, origin, outcome, reached + missed, None)
    draw_coverage(folder / "coverage.svg", evaluation["coverage"])
    naive, later_ratios, told = null_ratios(record, landmark, np.random.default_rng(seed))
    evaluation["guarantee_time_at_study_size"] = told
    groups = [("naive", naive), (f"landmark at {landmark} months", later_ratios)]
    published = ("published", number(record, "hazard_ratio_activity"))
    draw_ratios(folder / "guarantee_time.svg", f"{outcome}: hazard ratios of activity where it has no effect", groups, published)
    return [
        Figure("cohort_curve.svg", figure_words("cohort_curve", outcome=outcome)),
        Figure("landmark_curve.svg", figure_words("landmark_curve", outcome=outcome)),
        Figure("coverage.svg", figure_words("coverage")),
        Figure("guarantee_time.svg", figure_words("guarantee_time", **(told | {"landmark": landmark}))),
    ]


def mibg_figures(folder: Path, record: Record, estimators: Estimators, evaluation: Report) -> list[Figure]:
    """The cohort with its prior median, the groups of each kind of response, and coverage."""
    ((question, members),) = estimators.items()
    predictor, outcome = Predictor(QUESTIONS[question], members, {}), _OUTCOMES["overall_survival"]
    origin, reach = f"the landmark, {number(record, 'landmark'):g} months after treatment", Z * number(record, "median_log_sd")
    value = number(record, "median")
    median = Point("assumed landmark median with its 95 % interval", value, value * np.exp(-reach), value * np.exp(reach))
    cohort, title = [_curve(predictor, "predicted", member="imaging")], f"{outcome} of the cohort from the landmark"
    draw_curves(folder / "cohort_curve.svg", title, origin, outcome, cohort, median)
    figures = [Figure("cohort_curve.svg", figure_words("mibg_curve"))]
    for kind in members:
        better, worse = (_curve(predictor, f"{said}better {kind}", last, kind) for said, last in (("", True), ("not ", False)))
        draw_curves(folder / f"{kind}_curve.svg", f"{outcome} by response on {kind}", origin, outcome, [better, worse], None)
        figures.append(Figure(f"{kind}_curve.svg", figure_words("response_curve", kind=kind)))
    draw_coverage(folder / "coverage.svg", {kind: evaluation[kind]["coverage"]["landmark"] for kind in members})
    return [*figures, Figure("coverage.svg", figure_words("coverage"))]


def response_figures(folder: Path, evaluation: Report) -> list[Figure]:
    """Both readings."""
    groups = [
        [Point("\n".join(wrap(each["meaning"], _LABEL)), *each["jeffreys"]) for each in read]
        for read in evaluation["readings"].values()
    ]
    axis = "Proportion of patients (Jeffreys mean, 95 % interval)"
    draw_points(folder / "proportions.svg", "Two readings of one abstract", axis, groups)
    return [Figure("proportions.svg", figure_words("proportions"))]


def draw_coverage(path: Path, found: Mapping[str, Any]) -> None:
    """Coverage of each question and horizon; each share with the sampling error of that many worlds."""
    points = []
    for question, months in found.items():
        for month, each in months.items() if question != "note" else ():
            share = each["all"]
            reach = Z * np.sqrt(share * (1 - share) / WORLDS)
            points.append(Point(f"{question.replace('_', ' ')}, {month} months", share, share - reach, min(1.0, share + reach)))
    axis = "Virtual worlds whose truth lies inside (dashed: nominal)"
    draw_points(path, "Coverage of the 95 % intervals", axis, [points], wanted=0.95)


def null_ratios(record: Record, landmark: str, random: np.random.Generator) -> tuple[list[float], list[float], Report]:
    """Hazard ratios of activity without its effect, in cohorts of the study's size: naive, from the landmark, both summed up."""
    patients = SOURCES[record["median"].source].n or 0
    naive, later = [], []
    for _ in range(_COHORTS):
        try:
            found = guarantee_time(random, patients)[_SCENARIO]
        except ValueError:  # no finite estimate: one group had no event
            continue
        naive.append(found["naive"][record.id][_FOLLOW_UP])
        later.append(found["landmark"][landmark][record.id])
    told = {"patients": patients, "cohorts": _COHORTS, "left_out": _COHORTS - len(naive)}
    return naive, later, told | {"naive": _band(naive), "landmark": _band(later)}


def _band(values: Sequence[float]) -> list[float]:
    """Median and 95 % of the cohorts."""
    return np.r_[np.median(values), np.percentile(values, LEVEL)].round(4).tolist()


def _curve(predictor: Predictor, label: str, last: bool | None = None, member: str | None = None) -> Curve:
    """The curve with the last feature as told and the others averaged."""
    member = member or next(iter(predictor.question.features))
    names = predictor.question.features[member]
    estimate = predictor.estimate(Inputs(dict.fromkeys(names[:-1]) | dict.fromkeys(names[-1:], last), member))
    bands = estimate.survival
    return Curve(label, estimate.months, *([getattr(band, part) for band in bands] for part in ("value", "lower", "upper")))
