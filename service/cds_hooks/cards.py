"""An assessment as CDS Hooks cards: at most four, the most urgent first, each with its reasons and its source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from service.cds_hooks.card_text import decision_detail, gaps_detail, percent, prediction_detail, recommendation_detail, shortened
from service.cds_hooks.suggestions import laboratory_order
from service.next_cycle import URGENCY_OF
from service.presentation.wire import AssessmentOut, SourceOut, VerdictOut
from service.presentation.wire_risks import HorizonOut
from service.verdict import URGENCIES, Urgency

MOST_CARDS = 4
DECISION, PREDICTION = "next_cycle", "prediction"
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


@dataclass(frozen=True, slots=True)
class CardDraft:
    """What one card says, before it is addressed to anybody."""

    topic: str
    title: str
    urgency: Urgency
    summary: str
    detail: str
    source: str | None  # id of the source that it stands on
    asks_for: tuple[str, ...] = ()  # items that an order could answer


def cards_of(answer: AssessmentOut, *, with_predictions: bool, service_url: str) -> list[dict[str, Any]]:
    """The cards of an answer. `service_url` is where the EHR reaches this service, without a slash at its end."""
    return [_card(draft, answer, service_url) for draft in _drafts(answer, with_predictions=with_predictions)]


def topics_of(answer: AssessmentOut, *, with_predictions: bool) -> list[tuple[str, str]]:
    """The id and the topic of each card that the answer is shown as."""
    drafts = _drafts(answer, with_predictions=with_predictions)
    return [(_id(answer, draft), draft.topic) for draft in drafts]


def _drafts(answer: AssessmentOut, *, with_predictions: bool) -> list[CardDraft]:
    """Decision and recommendations by urgency, of equals the decision first; the last place is kept for a prediction.

    Where something is critical, nothing that is only worth knowing stands beside it.
    """
    predictions = list(_prediction(answer)) if with_predictions else []
    recommendations = [_recommendation(verdict, answer["sources"]) for verdict in answer["recommendations"]]
    others = sorted([*_decision(answer), *recommendations], key=lambda draft: URGENCIES.index(draft.urgency))
    if others and others[0].urgency == "critical":
        others = [draft for draft in others if draft.urgency != "info"]
    return _with_gaps([*others[: MOST_CARDS - len(predictions)], *predictions], answer)


def _with_gaps(drafts: list[CardDraft], answer: AssessmentOut) -> list[CardDraft]:
    """What was not used stands on the card of the decision; without that, on the first."""
    gaps = gaps_detail(answer)
    if not gaps or not drafts:
        return drafts
    place = next((place for place, draft in enumerate(drafts) if draft.topic == DECISION), 0)
    told = replace(drafts[place], detail=f"{drafts[place].detail}\n{gaps}")
    return [*drafts[:place], told, *drafts[place + 1 :]]


def _decision(answer: AssessmentOut) -> Iterator[CardDraft]:
    next_cycle = answer.get("next_cycle")
    if next_cycle is None:
        return
    titles = {verdict["rule"]: verdict["title"] for verdict in answer["verdicts"]}
    because = ", ".join(titles[rule] for rule in next_cycle["decided_by"])
    number = f" {next_cycle['cycle']}" if next_cycle["cycle"] else ""
    decision = next_cycle["decision"].replace("_", " ")
    yield CardDraft(
        topic=DECISION,
        title="Next cycle of PRRT",
        urgency=URGENCY_OF[next_cycle["decision"]],
        summary=shortened(f"PRRT cycle{number}: {decision.upper()}. Decided by: {because}."),
        detail=decision_detail(answer, next_cycle, titles),
        source=None,
        asks_for=tuple(asked["item"] for asked in answer["missing"]),
    )


def _recommendation(verdict: VerdictOut, sources: Mapping[str, SourceOut]) -> CardDraft:
    named = [reason["source"] for reason in verdict["reasons"] if reason["source"] and reason["source"] != OWN_SOURCE]
    published = [name for name in named if sources[name]["doi"]]
    return CardDraft(
        topic=verdict["rule"],
        title=verdict["title"],
        urgency=verdict["urgency"] or "info",
        summary=shortened(f"{verdict['title']}: {verdict['advice']}"),
        detail=recommendation_detail(verdict),
        source=next(iter([*published, *named]), None),
        asks_for=tuple(missing["item"] for missing in verdict["missing"]),
    )


def _prediction(answer: AssessmentOut) -> Iterator[CardDraft]:
    told = [risk for risk in answer["risks"] if risk["status"] == "estimated"]
    if not told:
        return
    yield CardDraft(
        topic=PREDICTION,
        title="Predicted outcome",
        urgency="info",
        summary=shortened(_in_short(told[0]["question"], told[0]["horizons"][0])),
        detail=prediction_detail(answer["risks"]),
        source=None,
    )


def _in_short(question: str, horizon: HorizonOut) -> str:
    months = f" at {horizon['months']} months" if horizon["months"] else ""
    return f"{question}{months}: {percent(horizon)}"


def _id(answer: AssessmentOut, draft: CardDraft) -> str:
    """The same answer and topic give the same card, whenever it is made."""
    return str(uuid5(UUID(answer["id"]), draft.topic))


def _card(draft: CardDraft, answer: AssessmentOut, service_url: str) -> dict[str, Any]:
    card: dict[str, Any] = {
        "uuid": _id(answer, draft),
        "summary": draft.summary,
        "detail": draft.detail,
        "indicator": draft.urgency,
        "source": _source(draft, answer["sources"], service_url),
        "overrideReasons": [{"code": code, "system": _REASONS, "display": display} for code, display in _OVERRIDE_REASONS],
        "links": [{"label": "The whole assessment", "url": f"{service_url}/v1/assessments/{answer['id']}", "type": "absolute"}],
    }
    suggestion = laboratory_order(draft.asks_for, answer)
    if suggestion:
        card |= {"suggestions": [suggestion], "selectionBehavior": "any"}
    return card


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
