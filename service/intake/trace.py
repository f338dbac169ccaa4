"""Where a value came from, and why another was not used."""

from dataclasses import dataclass
from typing import NamedTuple

from service.patient import PatientState


class Used(NamedTuple):
    """One thing that was read from a resource into the patient's state."""

    resource: str  # type and id, such as Observation/123; the full URL of a resource without an id
    item: str  # JSON pointer into the patient's state, such as /laboratory/0
    date: str | None = None  # as told there
    value: str | None = None  # the original value, as told there
    unit: str | None = None  # the original unit, as told there


class NotUsed(NamedTuple):
    """A resource, or a part of one, that was not used."""

    resource: str
    reason: str  # never holds a value


@dataclass(frozen=True, slots=True)
class Intake:
    """A patient's state, and how each part of what came contributed to it."""

    state: PatientState
    used: tuple[Used, ...]
    not_used: tuple[NotUsed, ...]
    is_deceased: bool = False  # the state has no field for it
    is_neuroendocrine: bool = False  # a neuroendocrine tumour is coded, whatever is told of it
