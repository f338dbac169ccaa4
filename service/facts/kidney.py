"""Creatinine clearance: measured if given, else Cockcroft-Gault.

The formula takes the actual body weight nearest to the sample and the age on its date. It
is not used below the adult age, for sex other or unknown, or without weight or birth date.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from service.evidence import CRITERIA
from service.facts.blood import Blood, Sample
from service.patient import PatientState
from service.patient.measures import Weight
from service.terminology.quantity import Quantity, readable
from service.terminology.units import MEASURANDS

KIDNEY = CRITERIA["kidney"]
AGE_CONSTANT = KIDNEY["age_constant"]
CREATININE_CONSTANT = KIDNEY["creatinine_constant"]
FEMALE_FACTOR = KIDNEY["female_factor"]
ADULT_AGE = KIDNEY["adult_age"]
_UMOL_PER_MG_DL = MEASURANDS["creatinine"].factors["mg/dL"]


@dataclass(frozen=True, slots=True)
class Clearance:
    """Creatinine clearance in mL/min on one day, and how it is known."""

    taken_on: date
    quantity: Quantity
    method: Literal["measured", "cockcroft_gault"]
    weight: Weight | None = None  # what the estimate was made with

    @property
    def words(self) -> str:
        """How it is known, in words."""
        if self.weight is None:
            return "measured"
        measured_on = f" of {self.weight.measured_on}" if self.weight.measured_on else ", date not told"
        return f"Cockcroft-Gault (recalled) with {readable(self.weight.quantity.value)} kg{measured_on}"


def age_in_years(born: date, on: date) -> int:
    """Completed years of life on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def cockcroft_gault(state: PatientState, creatinine: Sample) -> Clearance | None:
    """The clearance estimated from one creatinine; None when what it needs is missing."""
    person = state.patient
    if person.weight is None or person.birth_date is None or person.sex not in ("male", "female"):
        return None
    age = age_in_years(person.birth_date, creatinine.taken_on)
    if not ADULT_AGE.value <= age < AGE_CONSTANT.value:
        return None
    factor = FEMALE_FACTOR.value if person.sex == "female" else Decimal(1)
    amount = (AGE_CONSTANT.value - age) * person.weight.quantity.amount * factor * _UMOL_PER_MG_DL
    per = CREATININE_CONSTANT.value * creatinine.limits.value
    return Clearance(creatinine.taken_on, Quantity(amount, "mL/min", per), "cockcroft_gault", person.weight)


def clearances(state: PatientState, blood: Blood) -> tuple[Clearance, ...]:
    """Every clearance, earliest first; of one day the estimated one stands before the measured one."""
    measured = (
        Clearance(sample.taken_on, Quantity(sample.limits.value, "mL/min"), "measured")
        for sample in blood["creatinine_clearance"].samples
    )
    estimated = (cockcroft_gault(state, sample) for sample in blood["creatinine"].samples)
    found = [*(each for each in estimated if each), *measured]
    return tuple(sorted(found, key=lambda each: (each.taken_on, each.method)))


def derive_clearance(state: PatientState, blood: Blood) -> Clearance | None:
    """The latest clearance; None when none is known."""
    found = clearances(state, blood)
    return found[-1] if found else None
