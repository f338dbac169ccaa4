"""An assessment as CDS Hooks cards: at most four, the most urgent first, each with its reasons and its source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from service.cds_hooks.card_text import decision_detail, gaps, listed, plain, prediction_detail, recommendation_detail, shortened
from service.cds_hooks.catalogue import CdsService
from service.cds_hooks.suggestions import laboratory_order
from service.next_cycle import URGENCY_OF
from service.presentation.wire import AssessmentOut, SourceOut, VerdictOut
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


def cards_of(answer: AssessmentOut, service: CdsService, service_url: str) -> list[dict[str, Any]]:
    """The cards of an answer. `service_url` is where the EHR reaches this service, without a slash at its end."""
    return [_card(draft, answer, service_url) for draft in _drafts(answer, service)]


def topics_of(answer: AssessmentOut, service: CdsService) -> list[tuple[str, str]]:
    """The id and the topic of each card that the answer is shown as."""
    return [(_id(answer, draft.topic), draft.topic) for draft in _drafts(answer, service)]


def deceased_card(hook_instance: str, service_url: str) -> dict[str, Any]:
    """The answer to an order of PRRT for a patient who has died; nothing is assessed, and nothing recorded."""
    return {
        "uuid": str(uuid5(NAMESPACE_URL, f"{hook_instance}/deceased")),
        "summary": "The patient is recorded as having died: check whose order this is.",
        "detail": "The Patient resource tells a death. Nothing was assessed.",
        "indicator": "critical",
        "source": {"label": LABEL, "url": f"{service_url}/docs", "topic": _topic("deceased", "The patient has died")},
        "overrideReasons": _override_reasons(),
    }


def _drafts(answer: AssessmentOut, service: CdsService) -> list[CardDraft]:
    """Decision and recommendations by urgency, of equals the decision first, which always has a place.

    Where something is critical, nothing that is only worth knowing stands beside it. A prediction takes a free place.
    """
    decision = list(_decision(answer, service))
    recommendations = [_recommendation(verdict, answer["sources"]) for verdict in answer["recommendations"]]
    urgent = [draft for draft in recommendations if draft.urgency != "info"]
    worth_knowing = [draft for draft in recommendations if draft.urgency == "info"]
    if any(draft.urgency == "critical" for draft in (*decision, *urgent)):
        worth_knowing = []
    elif not service.speaks_of_orders:
        worth_knowing = [*_prediction(answer), *worth_knowing]
    others = [*urgent, *worth_knowing]
    room = MOST_CARDS - len(decision)
    drafts = sorted([*decision, *others[:room]], key=_place)
    return _with_the_rest(drafts, [*_also([draft.title for draft in others[room:]]), *gaps(answer)])


def _place(draft: CardDraft) -> tuple[int, bool]:
    """By urgency; a prediction last."""
    return URGENCIES.index(draft.urgency), draft.topic == PREDICTION


def _also(titles: Sequence[str]) -> list[str]:
    return [f"Also, without a card: {plain(', '.join(titles))}"] if titles else []


def _with_the_rest(drafts: list[CardDraft], lines: Sequence[str]) -> list[CardDraft]:
    """What has no card, and what was not used, stands on the card of the decision; without that, on the first."""
    if not lines or not drafts:
        return drafts
    place = next((place for place, draft in enumerate(drafts) if draft.topic == DECISION), 0)
    told = replace(drafts[place], detail=f"{drafts[place].detail}\n{listed(*lines)}")
    return [*drafts[:place], told, *drafts[place + 1 :]]


def _decision(answer: AssessmentOut, service: CdsService) -> Iterator[CardDraft]:
    next_cycle = answer.get("next_cycle")
    if next_cycle is None:
        return
    titles = {verdict["rule"]: verdict["title"] for verdict in answer["verdicts"]}
    because = ", ".join(titles[rule] for rule in next_cycle["decided_by"])
    number = f" {next_cycle['cycle']}" if next_cycle["cycle"] else ""
    decision = next_cycle["decision"]
    yield CardDraft(
        topic=DECISION,
        title="Next cycle of PRRT",
        # an order after the last cycle is more than something to know
        urgency="warning" if decision == "complete" and service.speaks_of_orders else URGENCY_OF[decision],
        summary=shortened(f"PRRT cycle{number}: {decision.replace('_', ' ').upper()}, decided by {because}"),
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
    card: dict[str, Any] = {
        "uuid": _id(answer, draft.topic),
        "summary": draft.summary,
        "detail": draft.detail,
        "indicator": draft.urgency,
        "source": _source(draft, answer["sources"], service_url),
        "overrideReasons": _override_reasons(),
        "links": [{"label": "The whole assessment", "url": f"{service_url}/v1/assessments/{answer['id']}", "type": "absolute"}],
    }
    suggestion = laboratory_order(draft.asks_for, draft.topic, answer)
    if suggestion:
        card |= {"suggestions": [suggestion], "selectionBehavior": "any"}
    return card


def _override_reasons() -> list[dict[str, str]]:
    return [{"code": code, "system": _REASONS, "display": display} for code, display in _OVERRIDE_REASONS]


def _topic(code: str, display: str) -> dict[str, str]:
    return {"system": TOPIC, "code": code, "display": display}


def _source(draft: CardDraft, sources: Mapping[str, SourceOut], service_url: str) -> dict[str, Any]:
    topic = _topic(draft.topic, draft.title)
    source = sources.get(draft.source or "")
    if source is None:
        return {"label": LABEL, "url": f"{service_url}/docs", "topic": topic}
    label = {"label": source["citation"], "topic": topic}
    return label | ({"url": f"https://doi.org/{source['doi']}"} if source["doi"] else {})


def as_answer(cards: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The response of a service."""
    return {"cards": list(cards)}
