"""What one card says, before it is addressed to anybody."""

from dataclasses import dataclass

from service.verdict import Urgency


@dataclass(frozen=True, slots=True)
class CardDraft:
    """What one card says. `source` is the id of the source that it stands on, `asks_for` what an order could answer."""

    topic: str
    title: str
    urgency: Urgency
    summary: str
    detail: str
    source: str | None
    asks_for: tuple[str, ...] = ()
