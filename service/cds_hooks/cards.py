"""An assessment as CDS Hooks cards: at most four, the decision before what is as urgent, each with its reasons and its source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from service.cds_hooks.call import Orders
from service.cds_hooks.card_draft import CardDraft
from service.cds_hooks.card_text import Wording, gaps, listed, plain, prediction_detail, recommendation_detail, shortened, uncoded
from service.cds_hooks.catalogue import CdsService
from service.cds_hooks.decision_card import DECISION, decision_card
from service.cds_hooks.ordered import Concern, concerns_of
from service.cds_hooks.suggestions import laboratory_order
from service.cds_hooks.unassessed import UNASSESSED, Unassessed, unassessed_id
from service.cds_hooks.unread import Unread
from service.presentation.wire import AssessmentOut, SourceOut, VerdictOut
from service.verdict import URGENCIES

MOST_CARDS = 4
NO_ORDERS = Orders()
ORDER, PREDICTION = "order", "prediction"
TOPIC = "urn:prrt-cds:topic"
LABEL = "PRRT decision service"
OWN_SOURCE = "prrt-cds"  # conventions of this service
# HL7's list for clinical reasons; codes from CDS Hooks' own guidance, displays as the codes read (recalled).
_REASONS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
_OVERRIDE_REASONS = (
    ("cds-not-applicable", "CDS not applicable"),
    ("cds-suboptimal-context", "CDS suboptimal in this context"),
    ("recipient-disagrees-evidence", "Recipient disagrees with the evidence"),
    ("recipient-concerns-outcomes", "Recipient has concerns about outcomes"),
    ("does-not-align-preferences", "Does not align with preferences"),
    ("action-completed", "Action already completed"),
    ("patient-contraindication", "Patient has a contraindication"),
    ("patient-refuses", "Patient refuses"),
    ("service-not-available", "Service not available"),
)


def cards_of(
    answer: AssessmentOut,
    service: CdsService,
    service_url: str,
    orders: Orders = NO_ORDERS,
    unread: Unread | None = None,
) -> list[dict[str, Any]]:
    """The cards of an answer to these orders; `unread` is what came and could not be read.

    `service_url` is where the EHR reaches this service, without a slash at its end.
    """
    titles = {verdict["rule"]: verdict["title"] for verdict in answer["verdicts"]}
    wording = Wording(titles, unread or Unread())
    return [_card(draft, answer, service_url) for draft in _drafts(answer, service, orders, wording)]


def unassessed_card(hook_instance: str, topic: Unassessed, service_url: str) -> dict[str, Any]:
    """A card of a call about which nothing is assessed, and nothing recorded."""
    return _told(UNASSESSED[topic], unassessed_id(hook_instance, topic), {}, service_url)


def _drafts(answer: AssessmentOut, service: CdsService, orders: Orders, wording: Wording) -> list[CardDraft]:
    """The decision and what is urgent about the orders always have a place; recommendations take the others by urgency.

    Where something is critical, nothing that is only worth knowing stands beside it. A prediction takes a free place.
    """
    concerns = concerns_of(orders, answer, wording.unread.activities)
    always = [UNASSESSED["another_patient"]] if orders.foreign else []
    always += decision_card(answer, orders, concerns, wording, speaks_of_orders=service.speaks_of_orders)
    always += _order_card(concerns)
    recommendations = [_recommendation(verdict, answer["sources"], wording) for verdict in answer["recommendations"]]
    urgent = [draft for draft in recommendations if draft.urgency != "info"]
    worth_knowing = [draft for draft in recommendations if draft.urgency == "info"]
    if any(draft.urgency == "critical" for draft in (*always, *urgent)):
        worth_knowing = []
    elif not service.speaks_of_orders:
        worth_knowing = [*_prediction(answer), *worth_knowing]
    others = [*urgent, *worth_knowing]
    room = MOST_CARDS - len(always)
    drafts = sorted([*always, *others[:room]], key=_place)
    return _with_the_rest(drafts, _also([draft.title for draft in others[room:]]), answer, wording)


def _place(draft: CardDraft) -> tuple[int, bool]:
    """By urgency; a prediction last."""
    return URGENCIES.index(draft.urgency), draft.topic == PREDICTION


def _also(titles: Sequence[str]) -> list[str]:
    return [f"Also, without a card: {plain(', '.join(titles))}"] if titles else []


def _with_the_rest(drafts: list[CardDraft], also: Sequence[str], answer: AssessmentOut, wording: Wording) -> list[CardDraft]:
    """What has no card, and what was not used, stands on the card of the decision; without that, on the first."""
    place = next((place for place, draft in enumerate(drafts) if draft.topic == DECISION), None)
    lines = [*also, *(gaps(answer, wording) if place is None else ()), *uncoded(answer)]
    if not lines or not drafts:
        return drafts
    place = place or 0
    told = replace(drafts[place], detail=f"{drafts[place].detail}\n{listed(*lines)}")
    return [*drafts[:place], told, *drafts[place + 1 :]]


def _order_card(concerns: Sequence[Concern]) -> Iterator[CardDraft]:
    if concerns:
        yield CardDraft(
            topic=ORDER,
            title="This order",
            urgency=concerns[0].urgency,
            summary=shortened(concerns[0].sentence),
            detail=listed(*(f"{plain(concern.sentence)}." for concern in concerns)),
            source=concerns[0].source,
        )


def _recommendation(verdict: VerdictOut, sources: Mapping[str, SourceOut], wording: Wording) -> CardDraft:
    named = [reason["source"] for reason in verdict["reasons"] if reason["source"] and reason["source"] != OWN_SOURCE]
    published = [name for name in named if sources[name]["doi"]]
    return CardDraft(
        topic=verdict["rule"],
        title=verdict["title"],
        urgency=verdict["urgency"] or "info",
        summary=shortened(f"{verdict['title']}: {verdict['advice']}"),
        detail=recommendation_detail(verdict, wording),
        source=next(iter([*published, *named]), None),
        asks_for=tuple(missing["item"] for missing in verdict["missing"]),
    )


def _prediction(answer: AssessmentOut) -> Iterator[CardDraft]:
    """No figure in the headline: it would stand there without its population, and for a time that may have passed."""
    told = [risk["question"] for risk in answer["risks"] if risk["status"] == "estimated"]
    if told:
        yield CardDraft(
            topic=PREDICTION,
            title="Predicted outcome",
            urgency="info",
            summary=shortened(f"Predicted outcome, by models of published cohorts: {told[0]}"),
            detail=prediction_detail(answer["risks"]),
            source=None,
        )


def _id(answer: AssessmentOut, topic: str) -> str:
    """The same answer and topic give the same card, whenever it is made."""
    return str(uuid5(UUID(answer["id"]), topic))


def _card(draft: CardDraft, answer: AssessmentOut, service_url: str) -> dict[str, Any]:
    card = _told(draft, _id(answer, draft.topic), answer["sources"], service_url)
    card["links"] = [{"label": "The whole assessment", "url": f"{service_url}/assessments/{answer['id']}", "type": "absolute"}]
    suggestion = laboratory_order(draft.asks_for, draft.topic, answer)
    if suggestion:
        card |= {"suggestions": [suggestion], "selectionBehavior": "any"}
    return card


def _told(draft: CardDraft, card_id: str, sources: Mapping[str, SourceOut], service_url: str) -> dict[str, Any]:
    return {
        "uuid": card_id,
        "summary": draft.summary,
        "detail": draft.detail,
        "indicator": draft.urgency,
        "source": _source(draft, sources, service_url),
        "overrideReasons": _override_reasons(),
    }


def _override_reasons() -> list[dict[str, str]]:
    return [{"code": code, "system": _REASONS, "display": display} for code, display in _OVERRIDE_REASONS]


def _source(draft: CardDraft, sources: Mapping[str, SourceOut], service_url: str) -> dict[str, Any]:
    topic = {"system": TOPIC, "code": draft.topic, "display": draft.title}
    source = sources.get(draft.source or "")
    if source is None:
        return {"label": LABEL, "url": f"{service_url}/docs", "topic": topic}
    label = {"label": source["citation"], "topic": topic}
    return label | ({"url": f"https://doi.org/{source['doi']}"} if source["doi"] else {})


def as_answer(cards: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The response of a service."""
    return {"cards": list(cards)}
