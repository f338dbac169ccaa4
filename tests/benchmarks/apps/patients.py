"""What both plain services read of a patient: declared once with pydantic, as their authors would."""

from datetime import date

from pydantic import BaseModel


class Person(BaseModel):
    id: str
    sex: str
    birth_date: date | None = None


class Laboratory(BaseModel):
    analyte: str
    value: float
    unit: str
    taken_on: date
    upper_limit: float | None = None


class Told(BaseModel):
    patient: Person
    laboratory: list[Laboratory] = []

    @property
    def alp_raised(self) -> bool:
        values = sorted(
            (each for each in self.laboratory if each.analyte == "alkaline_phosphatase"), key=lambda each: each.taken_on
        )
        return bool(values and values[-1].upper_limit and values[-1].value > values[-1].upper_limit)

    @property
    def male(self) -> bool:
        return self.patient.sex == "male"


class Horizon(BaseModel):
    months: int
    survival: float
    lower: float | None = None
    upper: float | None = None


class Answer(BaseModel):
    patient_id: str
    advice: str
    alp_raised: bool
    horizons: list[Horizon]


def advice(told: Told) -> str:
    return "Look at bone and liver before the next cycle." if told.alp_raised else "Nothing stands against the next cycle."
