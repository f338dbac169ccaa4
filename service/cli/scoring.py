"""`prrt-cds score IN OUT`: a cohort, on every core, to be gone on with after an interruption."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from service.batch import workers
from service.batch.cohort import UnusableCohortError, chunks_after, form_of, measured, rows_of, write_parquet
from service.batch.columns import UnknownColumnsError, columns_of
from service.batch.resuming import CannotGoOnError, Partial, begun, beside
from service.batch.scoring import Scored, as_csv, header, score_chunk
from service.cli.terminal import complain, console, engine_or_exit, refused
from service.engine import Engine

WITH_PROBLEMS = 1
INTERRUPTED = 130
GO_ON = "The same command goes on where it stopped."


def score(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Patients: .ndjson, .csv or .parquet.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="Answers: .ndjson in full; .csv or .parquet one row each.")],
    processes: Annotated[int, typer.Option(help="Processes; as many as there are cores without it.", min=0)] = 0,
) -> None:
    """Score a cohort of patients, without recording it, in the order of IN.

    Killed, it goes on where it stopped when it is called again. Exits with 0 when every row was assessed, with 1 when rows have a
    problem instead of an answer, with 2 when IN cannot be used.
    """
    engine = engine_or_exit()
    try:
        done = _scored(engine, source, target, processes or workers.cores())
    except (UnusableCohortError, UnknownColumnsError, CannotGoOnError, workers.OtherKnowledgeError) as error:
        raise refused(str(error)) from None
    except OSError as error:
        raise refused(f"{error.filename}: {error.strerror}") from None
    except BrokenExecutor:
        raise refused(f"A process that scored has ended. {GO_ON}") from None
    except KeyboardInterrupt:
        complain(GO_ON)
        raise typer.Exit(INTERRUPTED) from None
    console().print(f"{done.rows} rows, {done.problems} of them with a problem.")
    if done.problems:
        raise typer.Exit(WITH_PROBLEMS)


def _scored(engine: Engine, source: Path, target: Path, processes: int) -> Scored:
    form_of(target)
    digest, about = measured(source)
    with begun(target, {"in": digest, "ground": engine.ground}, engine.today().isoformat()) as partial:
        with _bar() as bar:
            task = bar.add_task("", total=about, completed=partial.progress.rows)
            for part in _parts(engine, source, target, partial, processes):
                partial.add(part)
                bar.advance(task, part.rows)
        _finish(engine, target, partial)
        return Scored(b"", partial.progress.rows, partial.progress.problems)


def _parts(engine: Engine, source: Path, target: Path, partial: Partial, processes: int) -> Iterator[Scored]:
    """The parts of the output that are not there yet."""
    form, progress = form_of(target), partial.progress
    columns, rows = rows_of(source, engine.settings.max_body_bytes)
    columns_of(columns)
    knowing = workers.Knowing.of(engine, date.fromisoformat(progress.today))
    if form == "csv" and not progress.size:
        yield Scored(as_csv([header(engine)]), 0, 0)
    pool = workers.start(processes)
    try:
        ahead: deque[Future[Scored]] = deque()
        for chunk in chunks_after(rows, progress.rows):
            ahead.append(pool.submit(score_chunk, knowing, columns, form, chunk))
            if len(ahead) > 2 * processes:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _finish(engine: Engine, target: Path, partial: Partial) -> None:
    if form_of(target) != "parquet":
        partial.finish()
        return
    written = beside(target, "new")
    write_parquet(partial.path, written, header(engine))
    partial.finish(written)


def _bar() -> Progress:
    """The progress bar, on standard error if somebody sees it."""
    seen = Console(stderr=True)
    return Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=seen, disable=not seen.is_terminal)
