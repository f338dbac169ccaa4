"""RECIST 1.1: the response of one study against the baseline and the nadir.

Progression is tested first. A target that was not measured leaves the target response
open, unless what was measured already shows progression.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from service.evidence import CRITERIA
from service.patient.findings import ImagingStudy, TargetLesion
from service.terminology.quantity import percent_change
from service.vocabulary import Response

RECIST = CRITERIA["recist_1_1"]
PARTIAL_RESPONSE = RECIST["partial_response"]
PROGRESSION_RELATIVE = RECIST["progression_relative"]
PROGRESSION_ABSOLUTE = RECIST["progression_absolute"]
NORMAL_NODE = RECIST["normal_node"]
MEASURABLE_LESION = RECIST["measurable_lesion"]
MEASURABLE_NODE = RECIST["measurable_node"]
MOST_TARGETS = RECIST["most_targets"]
MOST_TARGETS_OF_AN_ORGAN = RECIST["most_targets_of_an_organ"]

# From best to worst; what is not evaluable stands outside the order.
SEVERITY: dict[str, int] = {
    "complete_response": 0,
    "partial_response": 1,
    "non_cr_non_pd": 2,
    "stable_disease": 2,
    "progressive_disease": 3,
}


@dataclass(frozen=True, slots=True)
class Targets:
    """The target lesions of one study that the baseline has too; diameters in mm."""

    diameters: Mapping[str, Decimal]
    nodes: frozenset[str]
    complete: bool  # every target of the baseline was measured

    @property
    def sum_mm(self) -> Decimal:
        """Sum of diameters (short axis of nodes)."""
        return sum(self.diameters.values(), Decimal(0))


def measured_targets(study: ImagingStudy, baseline: ImagingStudy) -> Targets:
    """The baseline's targets as this study measures them."""
    is_node = {lesion.id: lesion.node for lesion in baseline.target_lesions or ()}
    lesions = [lesion for lesion in study.target_lesions or () if lesion.id in is_node]
    return Targets(
        diameters={lesion.id: lesion.diameter.quantity.amount for lesion in lesions},
        nodes=frozenset(lesion.id for lesion in lesions if is_node[lesion.id]),
        complete=len(lesions) == len(is_node),
    )


def target_response(targets: Targets, baseline_sum: Decimal, nadir: Decimal) -> Response:
    """Response of the targets. `nadir` is the smallest sum before this study, baseline included; sums in mm."""
    if _progressed(targets.sum_mm, nadir):
        return "progressive_disease"
    if not targets.complete:
        return "not_evaluable"
    if _all_gone(targets):
        return "complete_response"
    if percent_change(targets.sum_mm, baseline_sum).minus(PARTIAL_RESPONSE.value) <= 0:
        return "partial_response"
    return "stable_disease"


def _progressed(sum_mm: Decimal, nadir: Decimal) -> bool:
    relative = percent_change(sum_mm, nadir).minus(PROGRESSION_RELATIVE.value)
    return relative >= 0 and sum_mm - nadir >= PROGRESSION_ABSOLUTE.value


def _all_gone(targets: Targets) -> bool:
    return all(
        diameter < NORMAL_NODE.value if lesion in targets.nodes else diameter == 0
        for lesion, diameter in targets.diameters.items()
    )


def overall_response(target: Response | None, non_target: Response | None, new_lesion: bool) -> Response:
    """The time-point response. `target` is None when the baseline has no targets; `non_target` when not told."""
    if new_lesion or "progressive_disease" in (target, non_target):
        return "progressive_disease"
    if target is None:
        return non_target or "not_evaluable"
    if target == "complete_response" and non_target not in ("complete_response", None):
        return "partial_response"
    return target


def doubts_about_targets(lesions: Iterable[TargetLesion]) -> tuple[str, ...]:
    """Where the chosen targets depart from RECIST 1.1."""
    lesions = tuple(lesions)
    doubts: list[str] = []
    if len(lesions) > MOST_TARGETS.value:
        doubts.append(f"RECIST 1.1 allows {MOST_TARGETS.value} target lesions; the baseline has {len(lesions)}.")
    organs = [lesion.organ for lesion in lesions if lesion.organ]
    for organ in sorted(set(organs)):
        if organs.count(organ) > MOST_TARGETS_OF_AN_ORGAN.value:
            doubts.append(
                f"RECIST 1.1 allows {MOST_TARGETS_OF_AN_ORGAN.value} target lesions of one organ; the baseline has more."
            )
            break
    if any(lesion.diameter.quantity.amount < _measurable_from(lesion) for lesion in lesions):
        doubts.append("A target lesion of the baseline is smaller than RECIST 1.1 calls measurable.")
    return tuple(doubts)


def _measurable_from(lesion: TargetLesion) -> Decimal:
    return (MEASURABLE_NODE if lesion.node else MEASURABLE_LESION).value
