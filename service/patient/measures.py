"""Values with a unit: activity, diameter, weight, absorbed dose, interval."""

from typing import ClassVar

from pydantic import ValidationInfo, field_validator

from service.patient.fields import Day, Number, RequestPart, field, refused
from service.terminology.quantity import Quantity
from service.terminology.units import MEASURANDS, Measurand


def check_unit(measurand: Measurand, unit: str) -> str:
    """The unit, if the closed table has it. The refusal names what is accepted, never what came."""
    if not measurand.accepts(unit):
        raise refused(
            "is not an accepted unit of {what}; accepted: {units}",
            {"what": measurand.name, "units": measurand.accepted_units},
        )
    return unit


def check_plausible(measurand: Measurand, value: Number, unit: str) -> Number:
    """The value, if it can be what it says. The refusal names the plausible range, never the value."""
    if not measurand.is_plausible(value, unit):
        raise refused(
            "is not plausible for {what}: the plausible range is {range}",
            {"what": measurand.name, "range": measurand.plausible_range},
        )
    return value


class Measure(RequestPart):
    """A value with its unit; a subclass says of what."""

    measurand: ClassVar[Measurand]

    unit: str
    value: Number

    @field_validator("unit")
    @classmethod
    def _accepted(cls, unit: str) -> str:
        return check_unit(cls.measurand, unit)

    @field_validator("value")
    @classmethod
    def _plausible(cls, value: Number, info: ValidationInfo) -> Number:
        unit = info.data.get("unit")
        return value if unit is None else check_plausible(cls.measurand, value, unit)

    @property
    def quantity(self) -> Quantity:
        """The exact quantity in the canonical unit."""
        return Quantity(self.measurand.convert(self.value, self.unit), self.measurand.unit)


class Activity(Measure):
    """Administered or planned activity."""

    measurand = MEASURANDS["activity"]
    unit: str = field("Unit of activity: GBq, MBq or mCi.", "GBq", default=...)
    value: Number = field("Activity.", 7.4, unit="as told in `unit`", default=...)


class Diameter(Measure):
    """Diameter of a lesion: longest diameter, or short axis of a node."""

    measurand = MEASURANDS["diameter"]
    unit: str = field("Unit of length: mm or cm.", "mm", default=...)
    value: Number = field(
        "Longest diameter; short axis of a node; 0 when the lesion is gone.", 41, unit="as told in `unit`", default=...
    )


class Weight(Measure):
    """Actual body weight."""

    measurand = MEASURANDS["weight"]
    unit: str = field("Unit of mass: kg, g or [lb_av].", "kg", default=...)
    value: Number = field("Actual body weight.", 78, unit="as told in `unit`", default=...)
    measured_on: Day | None = field("Date of the measurement.", "2026-03-02")


class AbsorbedDose(Measure):
    """Absorbed dose of one organ from one administration."""

    measurand = MEASURANDS["absorbed_dose"]
    unit: str = field("Unit of absorbed dose: Gy, cGy or mGy.", "Gy", default=...)
    value: Number = field("Absorbed dose.", 3.1, unit="as told in `unit`", default=...)


class Interval(Measure):
    """Time between two cycles."""

    measurand = MEASURANDS["interval"]
    unit: str = field("Unit of time: wk or d.", "wk", default=...)
    value: Number = field("Time between two cycles.", 8, unit="as told in `unit`", default=...)
