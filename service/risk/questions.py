"""The questions that the risk models answer, each with its time origin, horizon, inputs and caveats."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from service.evidence import RISK
from service.facts import Facts
from service.risk import features, populations
from service.risk.populations import Inputs

Outcome = Literal["progression_free_survival", "overall_survival", "response_at_completion"]

NOT_AN_EFFECT = "Prognosis of a population, not the effect of a treatment and not a certainty for one patient."
SIMULATED = "Trained on cohorts simulated from published aggregates of one retrospective study (n = 74), not on patients."
NOT_ESTABLISHED = (
    "Nobody knows whether more activity lengthens, shortens or does not change survival: the direction of the association is not "
    "established, and the bands of those above and below 29.6 GBq overlap."
)
MIBG_SIMULATED = "Trained on cohorts simulated from published differences of medians (n = 211); the landmark median is a prior."
DISPUTED = (
    "The abstract can be read in two ways. By the other, 19 of 27 patients with a response at the end already had it at "
    "mid-treatment, and these probabilities do not follow."
)
BUILT_IN = "Part of the association is built in, and stable disease at mid-treatment is no reason to stop."
NEVER_VALIDATED = (
    "Never compared with patients: the interval holds the uncertainty of the published and assumed figures only. "
    "Grade and Ki-67 are no inputs."
)
DISAGREEMENT = "Association, not effect. Another series (n = 48) found a difference for symptoms only."
COHORT_CURVE = "No covariate effect was reported: the curve is that of the cohort."
FOUR_CYCLES = "The study required four cycles for entry; early progression is not represented."


@dataclass(frozen=True, slots=True)
class Question:
    """One question, with its time origin and its longest horizon in months."""

    id: str
    outcome: Outcome
    text: str
    landmark_months: int | None
    horizon_months: int | None
    inputs: Callable[[Facts], Inputs]
    features: Mapping[str, tuple[str, ...]]  # of each of the model's estimators
    caveats: tuple[str, ...]


def _horizon(model: str, landmark_months: int = 0) -> int:
    return int(RISK[model]["horizon"].value) - landmark_months


_LATER = features.LANDMARK_MONTHS
_EVERY = (
    Question(
        id="overall_survival_from_start",
        outcome="overall_survival",
        text="Survival from the start of PRRT",
        landmark_months=None,
        horizon_months=_horizon("overall_survival"),
        inputs=populations.survival_from_start,
        features={"from_start": ("alp_raised", "male")},
        caveats=(NOT_AN_EFFECT, SIMULATED, NEVER_VALIDATED),
    ),
    Question(
        id="overall_survival_landmark_12",
        outcome="overall_survival",
        text="Survival of those alive and progression-free 12 months after the first cycle, given the activity received by then",
        landmark_months=_LATER,
        horizon_months=_horizon("overall_survival", _LATER),
        inputs=populations.survival_landmark,
        features={"landmark": ("alp_raised", "male", "activity_reached")},
        caveats=(NOT_AN_EFFECT, NOT_ESTABLISHED, SIMULATED, NEVER_VALIDATED),
    ),
    Question(
        id="progression_free_survival_from_start",
        outcome="progression_free_survival",
        text="Progression-free survival from the start of PRRT",
        landmark_months=None,
        horizon_months=_horizon("progression_free_survival"),
        inputs=populations.progression_from_start,
        features={"from_start": ()},
        caveats=(NOT_AN_EFFECT, COHORT_CURVE, SIMULATED, NEVER_VALIDATED),
    ),
    Question(
        id="progression_free_survival_landmark_12",
        outcome="progression_free_survival",
        text="Progression-free survival of those alive and progression-free 12 months after the first cycle, given the activity",
        landmark_months=_LATER,
        horizon_months=_horizon("progression_free_survival", _LATER),
        inputs=populations.progression_landmark,
        features={"landmark": ("activity_reached",)},
        caveats=(NOT_AN_EFFECT, NOT_ESTABLISHED, SIMULATED, NEVER_VALIDATED),
    ),
    Question(
        id="response_at_completion",
        outcome="response_at_completion",
        text="Partial response at completion, given the response after cycle 2",
        landmark_months=None,
        horizon_months=None,
        inputs=populations.response,
        features={"responded": ("responded",)},
        caveats=(NOT_AN_EFFECT, DISPUTED, BUILT_IN, FOUR_CYCLES),
    ),
    Question(
        id="mibg_overall_survival_landmark_3",
        outcome="overall_survival",
        text="Survival of those alive 3 months after I-131 MIBG, given the response found then",
        landmark_months=features.MIBG_LANDMARK_MONTHS,
        horizon_months=_horizon("mibg_overall_survival", features.MIBG_LANDMARK_MONTHS),
        inputs=populations.mibg,
        features={kind: (f"better_{kind}",) for kind in ("imaging", "biochemistry", "symptoms")},
        caveats=(NOT_AN_EFFECT, DISAGREEMENT, MIBG_SIMULATED, NEVER_VALIDATED),
    ),
)
QUESTIONS: dict[str, Question] = {question.id: question for question in _EVERY}
