"""The JSON shapes of the record: summaries of stored assessments, and reviews."""

from typing import Annotated, Literal

# pydantic needs this TypedDict, not typing's, below Python 3.12
from typing_extensions import TypedDict

from service.next_cycle import Choice
from service.presentation.wire_risks import told as _told

Decision = Literal["agreed", "overridden"]


class StoredOut(TypedDict):
    """One stored assessment, in short."""

    id: Annotated[str, _told("Id of the assessment.", "0193f4c2-7a1e-7c3b-9d61-0f6f5a1b2c3d")]
    as_of: Annotated[str, _told("The day for which was asked.", "2026-03-10")]
    created_at: Annotated[str, _told("When it was answered (UTC).", "2026-03-10T09:12:44Z")]
    next_cycle: Annotated[Choice | None, _told("What it said of the next cycle.", "proceed")]


class FoundOut(TypedDict):
    """The stored assessments of one patient."""

    assessments: Annotated[list[StoredOut], _told("Latest first.", [])]
    next: Annotated[str | None, _told("What to send as `after` for the ones before these; none if there are no more.", None)]


class ReviewOut(TypedDict):
    """What a board said about an assessment."""

    id: Annotated[str, _told("Id of the review.", "0193f4c2-7a1e-7c3b-9d61-0f6f5a1b2c3d")]
    assessment_id: Annotated[str, _told("Id of the assessment.", "0193f4c2-7a1e-7c3b-9d61-0f6f5a1b2c3d")]
    created_at: Annotated[str, _told("When it was recorded (UTC).", "2026-03-10T10:02:11Z")]
    decision: Annotated[Decision, _told("Whether the board agreed or decided otherwise.", "overridden")]
    reason: Annotated[str | None, _told("Why; always told when it decided otherwise.", "Slow recovery of platelets in course 1.")]
    reviewer: Annotated[str, _told("Who signs.", "Dr. Example, nuclear medicine")]


class ReviewsOut(TypedDict):
    """Every review of one assessment."""

    reviews: Annotated[list[ReviewOut], _told("Earliest first.", [])]
