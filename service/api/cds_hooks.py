"""CDS Hooks over HTTP: discovery, the services, and what clinicians did with their cards."""

from asyncio import to_thread
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic_core import to_json

from service.access.caller import Caller
from service.api.callers import cds_caller, service_url
from service.api.dependencies import fhir_body, recorded_engine_of
from service.api.large_bodies import one_at_a_time, read_beside
from service.api.openapi import foreign_body
from service.api.problems import Problem, documented_in_fhir
from service.audit.entry import Card, Draft, Entry, new_id, now
from service.cds_hooks.call import HookCall, Orders, UnusableCallError, read_call
from service.cds_hooks.cards import NO_ORDERS, as_answer, cards_of, unassessed_card
from service.cds_hooks.catalogue import SERVICES, CdsService
from service.cds_hooks.feedback import Feedback, Outcome
from service.cds_hooks.fhir_server import FhirServer
from service.cds_hooks.gathering import NoPatientError, gather_resources
from service.cds_hooks.unassessed import Unassessed, topic_of
from service.cds_hooks.unread import what_was_not_read
from service.intake.fhir_text import occasion_of
from service.intake.members import object_at
from service.patient.reading import read_strictly
from service.presentation.wire import AssessmentOut
from service.recording import RecordedEngine

router = APIRouter(tags=["CDS Hooks"])
ServiceId = Annotated[str, Path(description="Id of a service.", examples=["prrt-patient-view"])]
Client = Annotated[Caller, Depends(cds_caller)]
TELLING = frozenset({"conditions", "treatments"})  # without these nobody knows whether PRRT is a matter at all
PROBLEMS = (400, 401, 404, 408, 413, 415, 422, 429, 500, 503)


@router.get("/cds-services", summary="What is offered to an EHR")
async def discovery() -> dict[str, Any]:
    """The services, with what each asks to be sent along."""
    return {"services": [service.as_json() for service in SERVICES.values()]}


def _service(id: ServiceId) -> CdsService:  # noqa: A002
    if id not in SERVICES:
        raise Problem(404, "not-found", "Not found", "No service has that id; see /cds-services.")
    return SERVICES[id]


@router.post(
    "/cds-services/{id}",
    summary="Ask a service about a patient",
    responses=documented_in_fhir(*PROBLEMS, 412),
    openapi_extra=foreign_body("A CDS Hooks 2.0.1 request.", "cds-hooks"),
)
async def call_service(request: Request, client: Client, service: Annotated[CdsService, Depends(_service)]) -> Response:
    """At most four cards, the most urgent first; none when there is nothing to say. The answer is recorded first."""
    recorded = recorded_engine_of(request)
    body = await fhir_body(request, recorded.engine.settings.max_fhir_bytes)
    async with one_at_a_time(request, body):
        return await _answered(request, recorded, client, service, body)


async def _answered(request: Request, recorded: RecordedEngine, client: Caller, service: CdsService, body: bytes) -> Response:
    settings = recorded.engine.settings
    call = await read_beside(partial(_read_call, service), body)
    url = service_url(request)
    sent = [object_at(value) for value in call.prefetch.values()]
    orders = call.orders(sent) if service.speaks_of_orders else NO_ORDERS
    if service.speaks_of_orders and not orders.every:
        return _unassessed(call, orders, url)
    server = FhirServer.of(
        request.app.state.http_client,
        call.fhir_server,
        call.access_token,
        settings.listed("fhir_allowed_hosts"),
        settings.fhir_seconds,
        settings.max_fhir_bytes,
    )
    try:
        known = await gather_resources(call, server)
    except NoPatientError as error:
        raise Problem(412, "no-patient", "The patient is missing", str(error)) from None
    if orders.unknown:
        orders = call.orders(known.resources)
    if service.speaks_of_orders and not orders.every:
        return _unassessed(call, orders, url)
    async with one_at_a_time(request, known.body):
        intake = await recorded.read_fhir(known.body)
    is_unclear = bool(orders.look_alike) and TELLING.issubset(known.lacking)
    if not (orders.of_prrt or is_unclear or intake.state.concerns_prrt or intake.is_neuroendocrine):
        if TELLING.issubset(known.lacking):
            lacking = ", ".join(f"`prefetch.{key}`" for key in known.lacking)
            raise Problem(412, "nothing-known", "Too little is known", f"Not sent along, and not fetched: {lacking}.")
        return _unassessed(call, orders, url)
    if intake.is_deceased:
        return _unassessed(call, orders, url, *(("deceased",) if service.speaks_of_orders else ()))
    if orders.look_alike and not (orders.of_prrt or orders.unknown):
        return _unassessed(call, orders, url, "look_alike")
    unread = await to_thread(what_was_not_read, intake, known.resources, call.patient_id)
    cards: list[dict[str, Any]] = []

    def show(answer: AssessmentOut) -> list[Card]:
        cards.extend(cards_of(answer, service, url, orders, unread))
        return [Card(card["uuid"], card["source"]["topic"]["code"]) for card in cards]

    await recorded.assess_intake(intake, known.body, client.name, cards=show)
    return _cards(cards)


def _unassessed(call: HookCall, orders: Orders, url: str, *topics: Unassessed) -> Response:
    """What is said of a call of which nothing is assessed."""
    foreign: tuple[Unassessed, ...] = ("another_patient",) if orders.foreign else ()
    return _cards([unassessed_card(call.hook_instance, topic, url) for topic in (*foreign, *topics)])


def _read_call(service: CdsService, body: bytes) -> HookCall:
    try:
        return read_call(body, service)
    except UnusableCallError as error:
        raise Problem(400, "unusable-call", "The call cannot be answered", f"{error}.") from None


def _cards(cards: list[dict[str, Any]]) -> Response:
    return Response(to_json(as_answer(cards)), media_type="application/json")


@router.post(
    "/cds-services/{id}/feedback",
    summary="Tell what became of cards",
    responses=documented_in_fhir(*PROBLEMS),
    openapi_extra=foreign_body("CDS Hooks 2.0.1 feedback."),
    response_class=Response,
)
async def give_feedback(request: Request, client: Client, service: Annotated[CdsService, Depends(_service)]) -> Response:
    """Each outcome is recorded with the assessment that the card stands on; of a card that stands on none, what is counted."""
    recorded = recorded_engine_of(request)
    told = read_strictly(await fhir_body(request, recorded.engine.settings.max_body_bytes), Feedback)
    for outcome in told.feedback:
        card = outcome.card.lower()
        topic = topic_of(card) if service.speaks_of_orders else None
        if topic is not None:
            counted = _counted(outcome, service, topic)
            await recorded.recorder.record(Draft(new_id(), "feedback", now(), client.name, answer=counted))
            continue
        body = outcome.model_dump_json(exclude_none=True).encode()
        if await recorded.feedback(card, body, partial(_outcome, outcome, service), client.name) is None:
            raise Problem(404, "not-found", "Not found", "A card of that id was never shown; what stands before it was recorded.")
    return Response(status_code=200)


def _outcome(outcome: Outcome, service: CdsService, entry: Entry, topic: str) -> bytes | None:
    """What is counted; None for a card of another service."""
    if not entry.is_erased and occasion_of(entry.draft.request, "hook") != service.hook:
        return None
    return _counted(outcome, service, topic)


def _counted(outcome: Outcome, service: CdsService, topic: str) -> bytes:
    """What is counted: no comment, which may speak of the patient."""
    reason = outcome.overrideReason.reason.code if outcome.overrideReason and outcome.overrideReason.reason else None
    return to_json({"card": outcome.card, "service": service.id, "topic": topic, "outcome": outcome.outcome, "reason": reason})
