"""Cards that stand on no assessment, and the ids by which they are known again: nothing of such a call is recorded."""

from hashlib import sha256
from typing import Literal
from uuid import UUID

from service.cds_hooks.card_draft import CardDraft

Unassessed = Literal["another_patient", "deceased", "look_alike"]
LOOK_ALIKE = "A look-alike of PRRT is ordered, not the agent of this service's evidence (Lu-177 DOTATATE): check which is meant"
_HEAD = 6  # bytes of an id that name the call; the others follow from them and from the topic

UNASSESSED: dict[Unassessed, CardDraft] = {
    "another_patient": CardDraft(
        topic="another_patient",
        title="Order for another patient",
        urgency="critical",
        summary="An order of PRRT is for another patient than the one in whose record it is drafted: check before it is signed.",
        detail="The subject of a draft order is not the patient of the call. That draft was not assessed.",
        source=None,
    ),
    "deceased": CardDraft(
        topic="deceased",
        title="The patient has died",
        urgency="critical",
        summary="The patient is recorded as having died: check whose order this is.",
        detail="The Patient resource tells a death. Nothing was assessed.",
        source=None,
    ),
    "look_alike": CardDraft(
        topic="look_alike",
        title="Look-alike of PRRT",
        urgency="warning",
        summary=f"{LOOK_ALIKE}.",
        detail="The order is of another radiopharmaceutical whose name is easily taken for that of PRRT. Nothing was assessed.",
        source=None,
    ),
}


def unassessed_id(hook_instance: str, topic: Unassessed) -> str:
    """The id of a card about a call: the same for the same call, and known again without a record."""
    return _id(sha256(hook_instance.encode()).digest()[:_HEAD], topic)


def topic_of(card_id: str) -> Unassessed | None:
    """What a card that stands on no assessment speaks of; None for the id of any other card."""
    head = UUID(card_id).bytes[:_HEAD]
    return next((topic for topic in UNASSESSED if _id(head, topic) == card_id), None)


def _id(head: bytes, topic: Unassessed) -> str:
    return str(UUID(bytes=head + sha256(head + topic.encode()).digest()[: 16 - _HEAD], version=5))
