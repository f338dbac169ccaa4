"""What a clinician did with a card (CDS Hooks 2.0.1, Feedback)."""

import re
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from service.patient.fields import refused

LONGEST_TEXT = 2000
MOST_ENTRIES = 100
_A_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def _uuid(value: object) -> object:
    if not isinstance(value, str) or not _A_UUID.fullmatch(value):
        raise refused("must be a UUID")
    return value


Uuid = Annotated[str, BeforeValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]


class _Part(BaseModel):
    """Strict where it is read; unknown members are let through, as the specification asks."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Reason(_Part):
    code: Annotated[str, Field(min_length=1, max_length=200)]
    system: Annotated[str, Field(max_length=200)] | None = None
    display: Annotated[str, Field(max_length=LONGEST_TEXT)] | None = None


class _OverrideReason(_Part):
    reason: _Reason | None = None
    userComment: Annotated[str, Field(max_length=LONGEST_TEXT)] | None = None  # noqa: N815  # the name of the specification

    @model_validator(mode="after")
    def _says_something(self) -> "_OverrideReason":
        if self.reason is None and self.userComment is None:
            raise refused("must tell a reason or a comment")
        return self


class _AcceptedSuggestion(_Part):
    id: Uuid


_A_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def _time(value: object) -> object:
    if not isinstance(value, str) or not _A_TIME.fullmatch(value):
        raise refused("must be a time with its zone, written YYYY-MM-DDThh:mm:ssZ")
    return value


class Outcome(_Part):
    """What happened to one card."""

    card: Uuid
    outcome: Literal["accepted", "overridden"]
    acceptedSuggestions: Annotated[tuple[_AcceptedSuggestion, ...], Field(min_length=1)] | None = None  # noqa: N815  # as above
    overrideReason: _OverrideReason | None = None  # noqa: N815  # as above
    outcomeTimestamp: Annotated[AwareDatetime, BeforeValidator(_time)]  # noqa: N815  # as above

    @model_validator(mode="after")
    def _fits(self) -> "Outcome":
        if self.outcome == "accepted" and not self.acceptedSuggestions:
            raise refused("was accepted, and no suggestion is named")
        if self.outcome == "accepted" and self.overrideReason:
            raise refused("was accepted, and a reason to override it is named")
        if self.outcome == "overridden" and self.acceptedSuggestions:
            raise refused("was overridden, and suggestions are named as accepted")
        return self


class Feedback(_Part):
    """What happened to some cards."""

    feedback: Annotated[tuple[Outcome, ...], Field(min_length=1, max_length=MOST_ENTRIES)]
