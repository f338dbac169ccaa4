"""The JSON shapes of where the values of an answer came from."""

from typing import Annotated

# pydantic needs this TypedDict, not typing's, below Python 3.12
from typing_extensions import TypedDict

from service.presentation.wire_risks import told as _told


class UsedOut(TypedDict):
    """One thing that was read from a resource into the patient's state."""

    resource: Annotated[str, _told("Type and id of the resource.", "Observation/alp-2026-03-02")]
    item: Annotated[str, _told("What it became: a JSON pointer into the patient's state.", "/laboratory/0")]
    date: Annotated[str | None, _told("The date as it was told there.", "2026-03-02")]
    value: Annotated[str | None, _told("The original value. Unit: as told in `unit`.", "3.03")]
    unit: Annotated[str | None, _told("The original unit.", "ukat/L")]


class NotUsedOut(TypedDict):
    """A resource that was not used, and why."""

    resource: Annotated[str, _told("Type and id of the resource.", "Observation/anc-2026-03-02")]
    reason: Annotated[str, _told("Why it was not used; never holds a value.", "is not plausible for neutrophils")]


class IntakeOut(TypedDict):
    """What was read from FHIR resources, and what was not."""

    used: Annotated[list[UsedOut], _told("Everything that was used.", [])]
    not_used: Annotated[list[NotUsedOut], _told("Everything that was not used, with the reason.", [])]
