"""Creatinine clearance: measured if given, else Cockcroft-Gault.

The formula takes the actual body weight as told and the age on the date of the sample. It
is not used below the adult age, for sex other or unknown, or without weight or birth date.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from service.evidence import CRITERIA
from service.facts.blood import Blood, Sample
from service.patient.person import Person
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
    """Creatinine clearance in mL/min on one day, and in words how it is known."""

    taken_on: date
    quantity: Quantity
    method: Literal["measured", "cockcroft_gault"]
    words: str


def age_in_years(born: date, on: date) -> int:
    """Completed years of life on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def cockcroft_gault(person: Person, creatinine: Iterable[Sample]) -> Iterator[Clearance]:
    """The clearance estimated from each creatinine; none where what it needs is missing."""
    if person.weight is None or person.birth_date is None or person.sex not in ("male", "female"):
        return
    weight = person.weight.quantity
    measured_on = f" of {person.weight.measured_on}" if person.weight.measured_on else ", date not told"
    words = f"Cockcroft-Gault (recalled) with {readable(weight.value)} kg{measured_on}"
    factor = FEMALE_FACTOR.value if person.sex == "female" else Decimal(1)
    for sample in creatinine:
        age = age_in_years(person.birth_date, sample.taken_on)
        if ADULT_AGE.value <= age < AGE_CONSTANT.value:
            amount = (AGE_CONSTANT.value - age) * weight.amount * factor * _UMOL_PER_MG_DL
            per = CREATININE_CONSTANT.value * sample.limits.value
            yield Clearance(sample.taken_on, Quantity(amount, "mL/min", per), "cockcroft_gault", words)


def derive_clearances(person: Person, blood: Blood) -> tuple[Clearance, ...]:
    """Every clearance, earliest first; of one day the estimated one stands before the measured one."""
    measured = (
        Clearance(sample.taken_on, Quantity(sample.limits.value, "mL/min"), "measured", "measured")
        for sample in blood["creatinine_clearance"].samples
    )
    estimated = cockcroft_gault(person, blood["creatinine"].samples)
    return tuple(sorted((*estimated, *measured), key=lambda each: (each.taken_on, each.method)))
