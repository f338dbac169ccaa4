"""Uptake of tumour over liver, of the infused lobe against the other: the patient's own ratio."""

from dataclasses import dataclass
from datetime import date

from service.patient import PatientState
from service.terminology.quantity import Quantity


@dataclass(frozen=True, slots=True)
class LobeUptake:
    """Both lobes on one day, and the ratio of the infused lobe to the other."""

    on: date
    ratio: Quantity


def derive_lobe_uptake(state: PatientState) -> LobeUptake | None:
    """The last day on which one infused lobe and one that was not infused were measured; None if there is none."""
    for day in sorted({ratio.measured_on for ratio in state.uptake_ratios or ()}, reverse=True):
        that_day = [ratio for ratio in state.uptake_ratios or () if ratio.measured_on == day]
        infused = [ratio.tumour_to_non_tumour for ratio in that_day if ratio.infused]
        control = [ratio.tumour_to_non_tumour for ratio in that_day if not ratio.infused]
        if len(infused) == len(control) == 1:
            return LobeUptake(day, Quantity(infused[0], "1", control[0]))
    return None
