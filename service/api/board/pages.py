"""The tumour-board page: send a patient, see the assessment, sign it."""

from asyncio import to_thread
from datetime import date
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic_core import from_json, to_json

from service.api.board.answering import go_to, page
from service.api.board.posted import Posted, posted_form
from service.api.board.visitor import Visit, visits
from service.api.dependencies import recorded_engine_of, too_large
from service.api.large_bodies import one_at_a_time, read_beside, require_few_elements
from service.api.openapi import examples
from service.api.problems import Problem
from service.api.record import AssessmentId, in_short, not_found, signed
from service.api.record_requests import Review
from service.audit.entry import Entry
from service.facts import Facts
from service.patient.reading import Refusal, RefusedRequest, read_strictly
from service.presentation.figures import Figures
from service.presentation.figures.course import course_of
from service.presentation.page.person import about
from service.presentation.page.shown import Shown
from service.presentation.wire import AssessmentOut
from service.presentation.words import words
from service.recording import RecordedEngine
from service.rereading import read_again

router = APIRouter(include_in_schema=False)
MOST_EARLIER = 10
MOST_SHOWN = 262_144  # characters of a refused text
_STATIC = {"page.css": "text/css", "form.css": "text/css", "page.js": "text/javascript", "form.js": "text/javascript"}


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """A style sheet or a script of the page; there is nothing of a patient in them."""
    if name not in _STATIC:
        raise Problem(404, "not-found", "Not found", "There is no such file.")
    content = files("service.presentation.page").joinpath("static", name).read_bytes()
    return Response(content, media_type=_STATIC[name], headers={"cache-control": "public, max-age=600"})


@router.get("/")
async def start(request: Request, visit: Annotated[Visit, visits("assess")], example: str = "") -> Response:
    """Where a patient is sent from; an example stands in the field."""
    known = examples()
    name = example if example in known else next(iter(known))
    text = to_json(known[name], indent=2).decode() if example in known else ""
    return _start(request, visit, text, [], name)


@router.post("/")
async def assess(request: Request, visit: Annotated[Visit, visits("assess", "read")]) -> Response:
    """Assess the patient that was pasted or uploaded; then see the answer under its own address."""
    recorded = recorded_engine_of(request)
    posted = await posted_form(request, visit, recorded.engine.settings.max_fhir_bytes)
    text = posted.fields.get("patient", "")
    try:
        entry = await _assessed(request, recorded, _patient(posted), visit)
    except RefusedRequest as refused:
        is_short = len(text) <= MOST_SHOWN
        more = [] if is_short else [Refusal("", words("start")["too_long"])]
        return _start(request, visit, text if is_short else "", [*refused.refusals, *more], "", 422)
    return go_to(request, f"/assessments/{entry.draft.id}")


@router.get("/assessments/{id}")
async def stored(request: Request, id: AssessmentId, visit: Annotated[Visit, visits("read")]) -> Response:  # noqa: A002
    """A stored assessment, as the board sees it."""
    return await _shown(request, id, visit)


@router.post("/assessments/{id}/reviews")
async def review(request: Request, id: AssessmentId, visit: Annotated[Visit, visits("review", "read")]) -> Response:  # noqa: A002
    """Sign or override; then see it on the page."""
    recorded = recorded_engine_of(request)
    posted = await posted_form(request, visit, recorded.engine.settings.max_body_bytes)
    told = {name: posted.fields.get(name, "").strip() for name in ("decision", "reason", "reviewer")}
    body = to_json({name: value for name, value in told.items() if value})
    try:
        read = read_strictly(body, Review)
    except RefusedRequest as refused:
        return await _shown(request, id, visit, told, list(refused.refusals))
    if await recorded.review(signed(id, read), body, visit.caller.name) is None:
        raise not_found()
    return go_to(request, f"/assessments/{id}")


def _start(request: Request, visit: Visit, patient: str, problems: list[Refusal], example: str, status: int = 200) -> Response:
    return page(
        request, visit, "start.html", status, patient=patient, problems=problems, examples=list(examples()), example=example
    )


def _patient(posted: Posted) -> bytes:
    """What was pasted or uploaded. Raises RefusedRequest for neither and for both."""
    told = [content for content in (posted.fields.get("patient", "").strip().encode(), posted.files.get("file", b"")) if content]
    if len(told) != 1:
        raise RefusedRequest([Refusal("", words("start")["both" if told else "neither"])])
    return told[0]


async def _assessed(request: Request, recorded: RecordedEngine, body: bytes, visit: Visit) -> Entry:
    require_few_elements(body)
    most_bytes = recorded.engine.settings.max_body_bytes
    async with one_at_a_time(request, body):
        is_fhir = await read_beside(_is_fhir, body)
        if not is_fhir and len(body) > most_bytes:
            raise too_large(most_bytes)
        intake = await recorded.read_fhir(body) if is_fhir else None
    if intake is None:
        return (await recorded.assess(body, visit.caller.name))[0]
    return (await recorded.assess_intake(intake, body, visit.caller.name))[0]


def _is_fhir(body: bytes) -> bool:
    try:
        told = from_json(body)
    except ValueError:
        return False
    return isinstance(told, dict) and "resourceType" in told


async def _shown(
    request: Request,
    assessment_id: str,
    visit: Visit,
    review: dict[str, str] | None = None,
    problems: list[Refusal] | None = None,
) -> Response:
    recorded = recorded_engine_of(request)
    entry = await recorded.read(assessment_id, visit.caller.name)
    if entry is None:
        raise not_found()
    answer: AssessmentOut = from_json(entry.draft.answer)
    earlier = await _earlier(recorded, entry, visit)
    facts = await to_thread(_facts, recorded, entry)
    shown = Shown(
        answer=answer,
        rules=recorded.engine.rules_by_name,
        rules_version=recorded.engine.knowledge.rules,
        reviews=await recorded.reviews_of(entry),
        earlier=[in_short(each) for each in earlier],
        before=from_json(earlier[0].draft.answer) if earlier else None,
        figures=await _figures(request, facts, answer),
        about=about(facts) if facts else None,
    )
    return page(
        request,
        visit,
        "assessment.html",
        422 if problems else 200,
        shown=shown,
        answer=answer,
        document=None if "intake" in answer else entry.draft.request.decode(),
        may_review="review" in visit.caller.scopes,
        review=review or {"decision": "", "reason": "", "reviewer": ""},
        problems=[f"{refusal.pointer.removeprefix('/')} {refusal.message}".strip() for refusal in problems or []],
    )


async def _earlier(recorded: RecordedEngine, entry: Entry, visit: Visit) -> list[Entry]:
    """The assessments of the same patient before this one, latest first; that they were looked for is recorded."""
    patient_id = str(entry.draft.patient_id)
    asked: dict[str, Any] = {"patient_id": patient_id, "limit": MOST_EARLIER, "after": entry.draft.id}
    return await recorded.search(to_json(asked), patient_id, MOST_EARLIER, entry.draft.id, visit.caller.name)


def _facts(recorded: RecordedEngine, entry: Entry) -> Facts | None:
    """What was derived for a stored assessment; None if its request cannot be read any more."""
    try:
        state, _ = read_again(entry)
    except RefusedRequest:
        return None
    return recorded.engine.facts_of(state)


async def _figures(request: Request, facts: Facts | None, answer: AssessmentOut) -> Figures | None:
    """The figures of a stored assessment; without its facts, those of the answer alone."""
    earliest_on = answer["next_cycle"]["earliest_on"] if "next_cycle" in answer else None
    course = await to_thread(course_of, facts, date.fromisoformat(earliest_on) if earliest_on else None) if facts else None
    figures: Figures | None = await request.app.state.drawing.draw(course, answer["risks"], answer["reference_outcomes"])
    return figures
