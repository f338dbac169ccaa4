"""Absorbed doses of kidneys and marrow over a lifetime: given, and with the cycles that are still to come.

A cycle without dosimetry counts at the mean of those with, and so does a cycle to come.

Doubt: the mean is taken per cycle, whatever its activity; a cycle of half the activity without
dosimetry is overestimated. The biologically effective dose of a cycle without dosimetry is the
mean of those of the cycles with.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from service.evidence import CRITERIA
from service.facts.exposure import Exposure
from service.patient.measures import AbsorbedDose
from service.terminology.quantity import Quantity

DOSIMETRY = CRITERIA["dosimetry"]
ALPHA_BETA = DOSIMETRY["alpha_beta"]
REPAIR_HALF_LIFE = DOSIMETRY["repair_half_life"]
EFFECTIVE_HALF_LIFE = DOSIMETRY["effective_half_life"]


@dataclass(frozen=True, slots=True)
class OrganDose:
    """The doses of one organ in Gy, one for each cycle with dosimetry; at least one."""

    measured: tuple[Decimal, ...]
    given_cycles: int
    awaited_cycles: int

    @property
    def cycles_without(self) -> int:
        """Cycles that were given without dosimetry of this organ."""
        return self.given_cycles - len(self.measured)

    @property
    def mean(self) -> Quantity:
        """The mean of the cycles with dosimetry."""
        return self._over(1)

    @property
    def given(self) -> Quantity:
        """The dose of every cycle that was given."""
        return self._over(self.given_cycles)

    @property
    def projected(self) -> Quantity:
        """The dose of every cycle that was given or is still to come."""
        return self._over(self.given_cycles + self.awaited_cycles)

    @property
    def effective(self) -> Quantity:
        """The biologically effective dose (BED) of every cycle that was given: D (1 + D / (a/b) x Trep / (Trep + Teff))."""
        repair = REPAIR_HALF_LIFE.value
        per = ALPHA_BETA.value * (repair + EFFECTIVE_HALF_LIFE.value)
        measured = sum((dose * per + dose * dose * repair for dose in self.measured), Decimal(0))
        return Quantity(measured * self.given_cycles, "Gy", per * len(self.measured))

    def _over(self, cycles: int) -> Quantity:
        return Quantity(sum(self.measured, Decimal(0)) * cycles, "Gy", Decimal(len(self.measured)))


@dataclass(frozen=True, slots=True)
class Dosimetry:
    """The doses of the organs at risk; None of an organ without any dosimetry."""

    kidney: OrganDose | None
    marrow: OrganDose | None


def derive_dosimetry(exposure: Exposure, awaited_cycles: int) -> Dosimetry:
    """The doses of every cycle of every course."""
    told = [cycle.absorbed_dose for cycle in exposure.all_cycles if cycle.absorbed_dose]

    def organ(doses: Iterable[AbsorbedDose | None]) -> OrganDose | None:
        measured = tuple(dose.quantity.amount for dose in doses if dose)
        return OrganDose(measured, len(exposure.all_cycles), awaited_cycles) if measured else None

    return Dosimetry(organ(doses.kidney for doses in told), organ(doses.marrow for doses in told))
