"""What may be asked of the record."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from service.patient.fields import Name, RequestPart, field, refused

Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
LONGEST_REASON = 2000
# As in a name, nothing that hides or turns what is printed; but a reason may have lines (browsers end them with both) and tabs.
_READABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]*$"


class Search(RequestPart):
    """Which stored assessments are wanted."""

    patient_id: Name = field("Your identifier of the patient.", "demo-017", default=...)
    limit: int = field("Most assessments in one answer.", 20, unit="1 (a count)", default=20, ge=1, le=100)
    after: Uuid | None = field("The `next` of the answer before.", "0193f4c2-7a1e-7c3b-9d61-0f6f5a1b2c3d")


class Review(RequestPart):
    """What the board says about an assessment."""

    decision: Literal["agreed", "overridden"] = field("Whether the board agrees or decides otherwise.", "overridden", default=...)
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON, pattern=_READABLE)] | None = field(
        "Why. Required when the board decides otherwise.", "Slow recovery of platelets in course 1."
    )
    reviewer: Name = field("Who signs.", "Dr. Example, nuclear medicine", default=...)

    @model_validator(mode="after")
    def _overriding_has_a_reason(self) -> "Review":
        if self.decision == "overridden" and self.reason is None:
            raise refused("tells no reason, and the board decided otherwise")
        return self
