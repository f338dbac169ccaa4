"""The closed table of accepted units, with exact factors and plausible ranges (units.yaml).

An unknown unit is refused, never guessed. The plausible ranges are not clinical
thresholds: they only catch a value sent in another unit than it says.
"""

from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Literal

from service.terminology.yaml_text import read_yaml


@dataclass(frozen=True, slots=True)
class Measurand:
    """Something that is measured: its canonical unit, the accepted spellings, the plausible range."""

    name: str
    unit: str
    worse: Literal["higher", "lower", "neither"]
    lowest: Decimal
    highest: Decimal
    factors: dict[str, Decimal]

    def accepts(self, unit: str) -> bool:
        """Whether `unit` is in the table of this measurand."""
        return unit in self.factors

    def convert(self, value: Decimal, unit: str) -> Decimal:
        """`value` in the canonical unit, exactly. Raises KeyError for a unit that is not accepted."""
        return value * self.factors[unit]

    def is_plausible(self, value: Decimal, unit: str) -> bool:
        """Whether the value can be what it says it is."""
        return self.lowest <= self.convert(value, unit) <= self.highest

    @property
    def plausible_range(self) -> str:
        """The range to name in a refusal."""
        return f"{self.lowest:f} to {self.highest:f} {self.unit}"

    @property
    def accepted_units(self) -> str:
        """The spellings to name in a refusal."""
        return ", ".join(self.factors)


def _read() -> dict[str, Measurand]:
    table = read_yaml(files("service.terminology").joinpath("units.yaml").read_text("utf-8"))
    return {
        name: Measurand(
            name=name,
            unit=row["unit"],
            worse=row["worse"],
            lowest=Decimal(row["plausible"][0]),
            highest=Decimal(row["plausible"][1]),
            factors={unit: Decimal(factor) for unit, factor in row["accepted"].items()},
        )
        for name, row in table.items()
    }


MEASURANDS: dict[str, Measurand] = _read()
