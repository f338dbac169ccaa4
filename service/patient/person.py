"""Who the patient is, how fit, and what else is wrong."""

from pydantic import Field

from service.patient.fields import Day, Name, RequestPart, field
from service.patient.measures import Weight
from service.vocabulary import ComorbidityKind, Sex


class Person(RequestPart):
    """The patient."""

    id: Name = field("Your identifier of the patient; it comes back in the answer.", "demo-017", default=...)
    sex: Sex = field("Sex for clinical use. Other and unknown make Cockcroft-Gault unknown.", "male", default=...)
    birth_date: Day | None = field("Date of birth.", "1961-04-02")
    weight: Weight | None = field("Actual body weight.", {"value": 78, "unit": "kg", "measured_on": "2026-03-02"})
    pregnant: bool | None = field("Whether the patient is pregnant.", False)
    breast_feeding: bool | None = field("Whether the patient is breast-feeding.", False)


class Performance(RequestPart):
    """Performance status."""

    ecog: int | None = field("ECOG performance status.", 1, unit="grade 0 to 4", ge=0, le=4)
    karnofsky: int | None = field("Karnofsky performance status.", 80, unit="0 to 100 in tens", ge=0, le=100, multiple_of=10)
    recorded_on: Day | None = field("Date of the record.", "2026-03-09")


class Comorbidity(RequestPart):
    """A condition that matters for PRRT."""

    kind: ComorbidityKind = Field(description="Which condition.", examples=["hypertension"])
