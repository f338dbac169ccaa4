"""What was given and what is planned."""

from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator, model_validator

from service.patient.fields import Day, Name, RequestPart, Sequence, field, refused
from service.patient.measures import AbsorbedDose, Activity, Interval
from service.vocabulary import (
    RADIOPHARMACEUTICALS,
    CtcaeVersion,
    DelayReason,
    Formulation,
    Jurisdiction,
    Radiopharmaceutical,
    Route,
    TreatmentKind,
)

_ONLY_WITH = {
    "activity": "radiopharmaceutical",
    "route": "radiopharmaceutical",
    "absorbed_dose": "radiopharmaceutical",
    "formulation": "somatostatin_analogue",
}


class OrganDoses(RequestPart):
    """Absorbed doses of the organs at risk, from one administration."""

    kidney: AbsorbedDose | None = field("Absorbed dose of the kidneys.", {"value": 3.1, "unit": "Gy"})
    marrow: AbsorbedDose | None = field("Absorbed dose of the red marrow.", {"value": 0.2, "unit": "Gy"})


class Treatment(RequestPart):
    """One treatment on one day."""

    kind: TreatmentKind = Field(description="Kind of treatment.", examples=["radiopharmaceutical"])
    agent: Name | None = field(
        "Agent. A radiopharmaceutical is one of lutetium_177_dotatate, lutetium_177_edotreotide, iodine_131_mibg; "
        "any text for drugs.",
        "lutetium_177_dotatate",
    )
    given_on: Day = Field(description="Date on which it was given, or started.", examples=["2026-01-19"])
    activity: Activity | None = field("Administered activity.", {"value": 7.4, "unit": "GBq"})
    route: Route | None = field("Route of administration.", "intravenous")
    formulation: Formulation | None = field("Formulation of a somatostatin analogue.", "long_acting")
    absorbed_dose: OrganDoses | None = field("Absorbed doses of this administration.", {"kidney": {"value": 3.1, "unit": "Gy"}})

    @field_validator("activity", "route", "formulation", "absorbed_dose")
    @classmethod
    def _fits_the_kind(cls, value: Any, info: ValidationInfo) -> Any:
        kind, wanted = info.data.get("kind"), _ONLY_WITH[str(info.field_name)]
        if value is not None and kind is not None and kind != wanted:
            raise refused("belongs only to a treatment of kind {kind}", {"kind": wanted})
        return value

    @field_validator("agent")
    @classmethod
    def _known_radiopharmaceutical(cls, agent: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("kind") == "radiopharmaceutical" and agent not in RADIOPHARMACEUTICALS:
            raise refused("of a radiopharmaceutical is one of: {known}", {"known": ", ".join(RADIOPHARMACEUTICALS)})
        return agent

    @model_validator(mode="after")
    def _radiopharmaceutical_is_named(self) -> "Treatment":
        if self.kind == "radiopharmaceutical" and self.agent is None:
            raise refused("a radiopharmaceutical needs its agent")
        return self


class Delay(RequestPart):
    """A cycle that was given later than due."""

    cycle: int = field("Number of the delayed cycle in the course.", 3, unit="1 (a count)", default=..., ge=1, le=20)
    reason: DelayReason = Field(description="Why it was delayed.", examples=["toxicity"])


class Plan(RequestPart):
    """What is intended for the current course."""

    agent: Radiopharmaceutical | None = field("Planned agent.", "lutetium_177_dotatate")
    planned_cycles: int | None = field("Cycles planned for the course in all.", 4, unit="1 (a count)", ge=1, le=20)
    planned_activity: Activity | None = field("Planned activity of each cycle.", {"value": 7.4, "unit": "GBq"})
    route: Route | None = field("Planned route.", "intravenous")
    next_cycle_on: Day | None = field("Date planned for the next cycle.", "2026-03-16")
    interval: Interval | None = field("Planned time between cycles.", {"value": 8, "unit": "wk"})
    delays: Annotated[tuple[Delay, ...], Sequence] | None = field(
        "Cycles given later than due, with the reason.", [{"cycle": 3, "reason": "toxicity"}], max_length=20
    )


class Options(RequestPart):
    """What the caller decides for this one answer."""

    jurisdiction: Jurisdiction | None = field("Whose label applies.", "us")
    ctcae_version: CtcaeVersion | None = field("CTCAE version for grading.", "5.0")
