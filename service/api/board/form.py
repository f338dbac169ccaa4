"""The form of the page: shown empty or filled, assessed, downloaded as the JSON that it makes."""

import re
from asyncio import to_thread
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json
from uuid_utils import uuid4

from service.api.board.answering import go_to, page
from service.api.board.posted import posted_form
from service.api.board.visitor import Visit, visits
from service.api.dependencies import recorded_engine_of
from service.api.openapi import examples
from service.api.problems import Problem
from service.audit.entry import RecordUnavailableError
from service.audit.recorder import RecordOverloadedError
from service.engine import Engine
from service.form.filled import Filled
from service.form.shown import form_fields
from service.patient import PatientState
from service.patient.reading import MOST_FIELDS, Refusal, RefusedRequest, field_names, read_json
from service.presentation.page.form_view import FormView
from service.presentation.words import words

router = APIRouter(include_in_schema=False)
FILE_NAME = "prrt-patient.json"  # the same for everybody: a name of a file is no place for a patient
_A_FORM_KEY = re.compile(r"[0-9a-f-]{36}")
_Visitor = Annotated[Visit, visits("assess")]


@router.get("/form")
async def empty(request: Request, visit: _Visitor, example: str = "") -> Response:
    """The form, empty but for today's date; or filled from an example. Raises a 404 problem for no example of that name."""
    engine = recorded_engine_of(request).engine
    if not example:
        return await _form(request, visit, {"as_of": engine.today().isoformat()})
    if example not in examples():
        raise Problem(404, "not-found", "Not found", "There is no such example.")
    fields, not_shown = form_fields(_document(to_json(examples()[example])))
    return await _form(request, visit, fields, example=example, not_shown=not_shown)


@router.post("/form")
async def assess(request: Request, visit: _Visitor) -> Response:
    """Assess what the form says; then see the answer under its own address. A form that is sent twice is assessed once."""
    recorded = recorded_engine_of(request)
    fields = (await posted_form(request, visit, recorded.engine.settings.max_body_bytes)).fields
    filled = Filled(fields)
    if problems := _problems(filled, recorded.engine):
        return await _form(request, visit, fields, 422, problems=problems)
    try:
        entry, _ = await recorded.assess(filled.json, visit.caller.name, _key(fields.get("form_key", ""), filled.json))
    except (RecordUnavailableError, RecordOverloadedError):
        return await _form(request, visit, fields, 503, not_recorded=True)
    return go_to(request, f"/assessments/{entry.draft.id}")


@router.post("/form/json")
async def download(request: Request, visit: _Visitor) -> Response:
    """What the form says, as a file of this service's format. Nothing is recorded."""
    engine = recorded_engine_of(request).engine
    fields = (await posted_form(request, visit, engine.settings.max_body_bytes)).fields
    filled = Filled(fields)
    if problems := _problems(filled, engine):
        return await _form(request, visit, fields, 422, problems=problems)
    headers = {"content-disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(filled.json, headers=headers, media_type="application/json")


@router.post("/form/fill")
async def fill(request: Request, visit: _Visitor) -> Response:
    """The form, filled from JSON of this service's format: from the text `document` or a file. It may still be refused."""
    posted = await posted_form(request, visit, recorded_engine_of(request).engine.settings.max_body_bytes)
    body = posted.fields.get("document", "").strip().encode() or posted.files.get("file", b"")
    try:
        document = _document(body)
    except RefusedRequest as refused:
        problems = [("", f"{each.pointer} {each.message}".strip()) for each in refused.refusals]
        return await _form(request, visit, {}, 422, problems=problems)
    fields, not_shown = form_fields(document)
    return await _form(request, visit, fields, not_shown=not_shown)


def _document(body: bytes) -> Mapping[str, Any]:
    """The object in a body. Raises RefusedRequest."""
    document = read_json(body, MOST_FIELDS, lambda: field_names(PatientState))
    if not isinstance(document, dict):
        raise RefusedRequest([Refusal("", "must be an object")])
    return document


def _problems(filled: Filled, engine: Engine) -> list[tuple[str, str]]:
    """What is wrong with a form, by field."""
    try:
        engine.read(filled.json)
    except RefusedRequest as refused:
        more = [("", str(words("form")["more_refused"]))] if refused.more else []
        return [*filled.problems(refused.refusals), *more]
    return filled.problems(())


def _key(form_key: str, body: bytes) -> str | None:
    """An idempotency key for this content of this form."""
    return f"form-{form_key}-{sha256(body).hexdigest()}" if _A_FORM_KEY.fullmatch(form_key) else None


async def _form(
    request: Request,
    visit: Visit,
    fields: Mapping[str, str],
    status: int = 200,
    *,
    problems: list[tuple[str, str]] | None = None,
    **shown: Any,
) -> Response:
    """The page, made beside the event loop: it has some hundred fields."""
    told = {"example": "", "not_shown": (), "not_recorded": False, **shown}
    view, form_key = FormView(fields, problems or ()), fields.get("form_key") or uuid4()
    return await to_thread(page, request, visit, "form.html", status, form=view, form_key=form_key, **told)
