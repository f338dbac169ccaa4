"""`POST /v1/assessments/batch`: a stream of patients in, a stream of answers out, line by line and in order."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Annotated

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from service.access.caller import Caller
from service.api.batch_lines import MEDIA_TYPE, last_line, line_of, lines_body, lines_response
from service.api.batch_stream import StreamedLines, chunks_of, in_order
from service.api.callers import needs
from service.api.dependencies import is_plain, recorded_engine_of
from service.api.problems import RETRY_AFTER_SECONDS, Problem, documented
from service.api.request_log import REQUEST_ID
from service.audit.entry import RecordUnavailableError
from service.audit.recorder import RecordOverloadedError
from service.batch import workers
from service.batch.assessing import Answered, Crashed, Outcome, assess_lines
from service.batch.lines import Line
from service.engine import Engine
from service.recording import RecordedEngine
from service.risk.artefacts import ModelRefusedError

MOST_BATCHES = 4
MOST_PROCESSES = 2  # what the memory of k8s/ has room for
SHORT = 64  # lines that are assessed without the processes, which take seconds to start
IDLE_SECONDS = 60
_log = structlog.get_logger("service.api")
_LINES_TYPE = re.compile(r"\s*application/(x-)?ndjson\s*(;\s*charset\s*=\s*\"?utf-?8\"?\s*)?", re.IGNORECASE)
_ENDS = (Problem, RecordUnavailableError, RecordOverloadedError, BrokenExecutor, ModelRefusedError, workers.OtherKnowledgeError)


class Batches:
    """What all batches share: a thread for short ones, and for long ones processes, until none has run for a while."""

    def __init__(self) -> None:
        self._running = 0
        self._processes = min(workers.cores(), MOST_PROCESSES)
        self._thread = ThreadPoolExecutor(1, "batches")
        self._pool: Executor | None = None
        self._warmed: Future[list[Outcome]] | None = None
        self._idle: asyncio.TimerHandle | None = None

    @property
    def begun_ahead(self) -> int:
        """Chunks that one batch may have waiting: so that no process waits for the next."""
        return 2 * self._processes

    @asynccontextmanager
    async def one_more(self) -> AsyncIterator[None]:
        """One more batch runs until the block ends. Raises a 503 problem."""
        if self._running >= MOST_BATCHES:
            raise _try_again("overloaded", "Overloaded", "Too many batches at once; try again.")
        self._running += 1
        if self._idle:
            self._idle.cancel()
        try:
            yield
        except BrokenExecutor:
            self._end_processes()
            raise
        finally:
            self._running -= 1
            if not self._running:
                self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end_processes)

    def begin(self, engine: Engine, lines: tuple[Line, ...]) -> asyncio.Future[list[Outcome]]:
        """Assess a chunk: in a process if the batch is long and the processes are there, else in a thread."""
        knowing = workers.Knowing.of(engine, engine.today())
        if lines[0].number > SHORT and self._pool is None:
            self._pool = workers.start(self._processes)
            self._warmed = self._pool.submit(workers.assess_chunk, knowing, ())
        if self._warmed and self._warmed.done():
            return asyncio.get_running_loop().run_in_executor(self._pool, workers.assess_chunk, knowing, lines)
        return asyncio.get_running_loop().run_in_executor(self._thread, assess_lines, engine, lines, knowing.today)

    def close(self) -> None:
        """Begin nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._end_processes()

    def _end_processes(self) -> None:
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = self._warmed = None


@asynccontextmanager
async def _shared(app: FastAPI) -> AsyncIterator[None]:
    app.state.batches = Batches()
    yield
    app.state.batches.close()


router = APIRouter(tags=["assessments"], lifespan=_shared)


@router.post(
    "/v1/assessments/batch",
    summary="Assess many patients",
    response_class=StreamingResponse,  # its media type is told below
    responses=lines_response() | documented(401, 403, 408, 415, 429, 500, 503),
    openapi_extra=lines_body(),
)
async def assess_many(request: Request, caller: Annotated[Caller, needs("assess")]) -> Response:
    """Assess a stream of patients. Each answer is recorded before it is given; what is wrong with one line stops nothing.

    Read while you send: what is not taken is not assessed. Counts as one request of the caller.
    """
    recorded = recorded_engine_of(request)
    if not is_plain(request) or not _LINES_TYPE.fullmatch(request.headers.get("content-type", "")):
        detail = f"Send content-type: {MEDIA_TYPE}, as UTF-8 and not compressed."
        raise Problem(415, "unsupported-media-type", "Unsupported media type", detail)
    answers = _answers(request, recorded, caller.name)
    first = await anext(answers, b"")  # what fails before the first answer has a status of its own
    return StreamedLines(first, answers)


async def _answers(request: Request, recorded: RecordedEngine, caller: str) -> AsyncGenerator[bytes, None]:
    """The answers, a chunk at a time, each of them durable. What ends them early stands in a last line, if there was a first."""
    batches: Batches = request.app.state.batches
    most_bytes, request_id = recorded.engine.settings.max_body_bytes, request.scope[REQUEST_ID]
    answered = 0
    begin = partial(batches.begin, recorded.engine)
    made = in_order(chunks_of(request.stream(), most_bytes), begin, batches.begun_ahead)
    try:
        async with batches.one_more(), aclosing(made):
            async for outcomes in made:
                await recorded.record_chunk([each for each in outcomes if isinstance(each, Answered)], caller)
                for each in outcomes:
                    if isinstance(each, Crashed):
                        _log.error("crash", request_id=request_id, error=each.error, where=list(each.where))
                yield b"".join(line_of(each, request_id, most_bytes) for each in outcomes)
                answered = outcomes[-1].line
    except _ENDS as error:
        problem = _problem(error)
        if not answered:
            raise problem from None
        yield last_line(problem, answered + 1)


def _problem(error: Exception) -> Problem:
    """Why a batch ended early."""
    match error:
        case Problem():
            return error
        case RecordUnavailableError():
            return _try_again("record-unavailable", "The record cannot be written", str(error))
        case RecordOverloadedError():
            return _try_again("overloaded", "Overloaded", "Too much waits to be recorded; try again.")
        case BrokenExecutor():
            return _try_again("interrupted", "Interrupted", "A process that assessed has ended; send the rest again.")
        case _:
            return _try_again("not-ready", "The service is not ready", str(error))


def _try_again(kind: str, title: str, detail: str) -> Problem:
    return Problem(503, kind, title, detail, {"Retry-After": RETRY_AFTER_SECONDS})
