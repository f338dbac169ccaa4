"""One answer per served question, always: estimated, refused, or unknown for want of an input."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from service.facts import Facts
from service.risk.artefacts import Manifest, ServedModel
from service.risk.populations import Inputs
from service.risk.predict import Estimate, Predictor
from service.risk.questions import Question

_NAMES = {
    "alp_raised": "Baseline ALP",
    "male": "Sex",
    "activity_reached": "Activity received by the landmark",
    "responded": "Response at mid-treatment",
    "better_imaging": "Imaging response",
    "better_biochemistry": "Biochemical response",
    "better_symptoms": "Symptomatic response",
}


COMPARED = "activity_reached"  # its direction is not established, so both groups are always shown


@dataclass(frozen=True, slots=True)
class Group:
    """The estimate with one input set to one value, the others being the patient's."""

    feature: str
    value: bool
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Risk:
    """The answer to one question about one patient."""

    question: Question
    manifest: Manifest
    inputs: Inputs
    estimate: Estimate | None
    groups: tuple[Group, ...] = ()

    @property
    def status(self) -> Literal["estimated", "refused", "unknown"]:
        """Refused outside the population; unknown where an input is missing that cannot be averaged over."""
        if self.estimate:
            return "estimated"
        return "refused" if self.inputs.refused else "unknown"

    @property
    def caveats(self) -> tuple[str, ...]:
        """What the answer is not, with the inputs that were averaged over."""
        unknown = [name for name, known in self.inputs.values.items() if known is None] if self.estimate else ()
        averaged = [f"{_NAMES[name]} is unknown: averaged over its prevalence." for name in unknown]
        return (*self.question.caveats, *self.inputs.caveats, *averaged)


def answer_questions(models: Sequence[ServedModel], facts: Facts) -> tuple[Risk, ...]:
    """Every served question, in the order of `served.yaml`."""
    return tuple(_answer(model, predictor, facts) for model in models for predictor in model.predictors.values())


def _answer(model: ServedModel, predictor: Predictor, facts: Facts) -> Risk:
    inputs = predictor.question.inputs(facts)
    if inputs.refused or inputs.missing:
        return Risk(predictor.question, model.manifest, inputs, None)
    return Risk(predictor.question, model.manifest, inputs, predictor.estimate(inputs), _groups(predictor, inputs))


def _groups(predictor: Predictor, inputs: Inputs) -> tuple[Group, ...]:
    """Both groups of the compared input, side by side."""
    if COMPARED not in inputs.values:
        return ()
    return tuple(
        Group(COMPARED, value, predictor.estimate(replace(inputs, values={**inputs.values, COMPARED: value})))
        for value in (False, True)
    )
