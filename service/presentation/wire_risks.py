"""The JSON shapes of predictions and of reference outcomes."""

from typing import Annotated, Any, Literal

from pydantic import Field

# pydantic needs this TypedDict, not typing's, below Python 3.12
from typing_extensions import TypedDict

from service.evidence.records import Kind
from service.risk.questions import Outcome


def told(meaning: str, example: Any) -> Any:
    """A field of an answer, with its meaning and an example."""
    return Field(description=meaning, examples=[example])


class ModelOut(TypedDict):
    """Which model answered."""

    name: Annotated[str, told("Name of the model.", "overall_survival")]
    version: Annotated[str, told("Version of the model.", "1.0.0")]
    sha256: Annotated[str, told("Digest of the artefact.", "4f1a...")]


class HorizonOut(TypedDict):
    """Probability at one horizon, with its 95 % interval."""

    months: Annotated[int | None, told("Months from the time origin; null for an outcome without a time. Unit: mo.", 12)]
    probability: Annotated[float, told("Point estimate. Unit: 1 (0 to 1).", 0.81)]
    lower: Annotated[float, told("Lower bound. Unit: 1 (0 to 1).", 0.66)]
    upper: Annotated[float, told("Upper bound. Unit: 1 (0 to 1).", 0.91)]


class MedianOut(TypedDict):
    """Median time from the time origin, with its 95 % interval."""

    value: Annotated[float | None, told("Median; null beyond the longest horizon. Unit: mo.", 38.0)]
    lower: Annotated[float | None, told("Lower bound; null beyond the longest horizon. Unit: mo.", 24.0)]
    upper: Annotated[float | None, told("Upper bound; null beyond the longest horizon. Unit: mo.", None)]
    beyond_horizon: Annotated[bool, told("Whether the median lies beyond the longest horizon.", False)]


class CurveOut(TypedDict):
    """Survival by month from the time origin, with its 95 % band."""

    months: Annotated[list[int], told("Months from the time origin. Unit: mo.", [0, 1])]
    survival: Annotated[list[float], told("Point estimate. Unit: 1 (0 to 1).", [1.0, 0.98])]
    lower: Annotated[list[float], told("Lower bound. Unit: 1 (0 to 1).", [1.0, 0.97])]
    upper: Annotated[list[float], told("Upper bound. Unit: 1 (0 to 1).", [1.0, 0.99])]


class ContributionOut(TypedDict):
    """How far one feature moves the log hazard from the average patient of the population."""

    feature: Annotated[str, told("The feature.", "alp_raised")]
    value: Annotated[bool | None, told("Its value; null when unknown and averaged over.", True)]
    log_hazard: Annotated[float, told("coefficient x (value - prevalence), mean. Unit: 1 (log hazard ratio).", 0.32)]
    lower: Annotated[float, told("Lower bound. Unit: 1 (log hazard ratio).", -0.12)]
    upper: Annotated[float, told("Upper bound. Unit: 1 (log hazard ratio).", 0.77)]


class ApplicabilityOut(TypedDict):
    """Whether the model may speak of this patient."""

    verdict: Annotated[
        Literal["applicable", "refused", "unknown"],
        told("refused: outside the population; unknown: an input is missing that cannot be averaged over.", "applicable"),
    ]
    reasons: Annotated[list[str], told("Why it is refused or unknown.", [])]


class GroupOut(TypedDict):
    """The estimate with one input set to one value: a description of two groups, not the effect of changing it."""

    feature: Annotated[str, told("The input.", "activity_reached")]
    value: Annotated[bool, told("Its value in this group.", True)]
    horizons: Annotated[list[HorizonOut], told("Probabilities of the group.", [])]
    curve: Annotated[CurveOut, told("Curve of the group.", {"months": [0, 1]})]


class RiskOut(TypedDict):
    """The answer to one question."""

    outcome: Annotated[Outcome, told("Outcome.", "overall_survival")]
    status: Annotated[Literal["estimated", "refused", "unknown"], told("Whether there is an estimate.", "estimated")]
    question: Annotated[str, told("The question in words.", "Survival from the start of PRRT")]
    question_id: Annotated[str, told("Id of the question.", "overall_survival_from_start")]
    time_origin: Annotated[Literal["start_of_prrt", "landmark"], told("Where the months start.", "start_of_prrt")]
    landmark_months: Annotated[int | None, told("Months after time zero of the landmark. Unit: mo.", None)]
    model: Annotated[ModelOut, told("Which model answered.", {"name": "overall_survival"})]
    population: Annotated[str, told("Of whom the model speaks.", "Well-differentiated NET with skeletal metastases")]
    horizons: Annotated[list[HorizonOut], told("Probabilities; empty without an estimate.", [])]
    median_months: Annotated[MedianOut | None, told("Median; null without an estimate or a time.", None)]
    curve: Annotated[CurveOut | None, told("Curve; null without an estimate or a time.", None)]
    contributions: Annotated[list[ContributionOut], told("What each feature adds.", [])]
    groups: Annotated[list[GroupOut], told("Both groups of an input whose direction is not established; else empty.", [])]
    applicability: Annotated[ApplicabilityOut, told("Whether the model may speak of this patient.", {"verdict": "applicable"})]
    caveats: Annotated[list[str], told("What the prediction is not.", ["Not the effect of a treatment."])]


class ReferenceMedianOut(TypedDict):
    """A published median with its 95 % interval."""

    value: Annotated[float, told("Median. Unit: mo.", 29)]
    lower: Annotated[float | None, told("Lower bound; null if not reported. Unit: mo.", 26)]
    upper: Annotated[float | None, told("Upper bound; null if not reported or not estimable. Unit: mo.", 33)]


class ReferenceOut(TypedDict):
    """The outcome of a published cohort that resembles the patient in one respect."""

    source: Annotated[str, told("Id of the source in `sources`.", "erasmus-2017")]
    population: Annotated[str, told("Who was studied.", "At least 22.2 GBq received")]
    outcome: Annotated[Outcome, told("Outcome.", "progression_free_survival")]
    median_months: Annotated[ReferenceMedianOut, told("The published median.", {"value": 29, "lower": 26, "upper": 33})]
    selection: Annotated[str | None, told("How the cohort was selected.", "Selected on the activity received.")]
    certainty: Annotated[Kind, told("reported, derived, assumed or recalled.", "reported")]
