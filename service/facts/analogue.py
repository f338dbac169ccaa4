"""Somatostatin analogues that were given: the last of each formulation."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from service.patient import PatientState
from service.terminology.quantity import Quantity, days
from service.vocabulary import Formulation

HOURS_OF_A_DAY = Decimal(24)


@dataclass(frozen=True, slots=True)
class Analogue:
    """One administration. `formulation` is None when it was not told."""

    given_on: date
    formulation: Formulation | None

    def before(self, dose_on: date) -> Quantity:
        """The time from this administration to a dose: in days, of a short-acting one in the hours of whole days."""
        pause = days(self.given_on, dose_on)
        return Quantity(pause.amount * HOURS_OF_A_DAY, "h") if self.formulation == "short_acting" else pause


def derive_analogues(state: PatientState) -> tuple[Analogue, ...]:
    """The last administration of each formulation, latest first; what has no formulation is one of its own."""
    last: dict[Formulation | None, date] = {}
    for treatment in state.treatments or ():
        if treatment.kind == "somatostatin_analogue":
            last[treatment.formulation] = max(treatment.given_on, last.get(treatment.formulation, treatment.given_on))
    found = (Analogue(given_on, formulation) for formulation, given_on in last.items())
    return tuple(sorted(found, key=lambda each: (each.given_on, str(each.formulation)), reverse=True))
