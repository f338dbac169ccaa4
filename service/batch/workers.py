"""Processes that assess chunks of lines, each with an engine of its own that knows what ours knows."""

import os
import signal
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any

from joblib import cpu_count

from service.batch.assessing import Outcome, assess_lines
from service.batch.lines import Line
from service.engine import Engine, build
from service.settings import Settings

ENDED_WITH_ITS_PARENT = 1
OTHER_KNOWLEDGE = "The rules or models on the disk are not those with which this began; start it again."


class OtherKnowledgeError(Exception):
    """The files of the service have changed since it started: what they would answer is not what it answers."""


@dataclass(frozen=True, slots=True)
class Knowing:
    """What a process must know to assess: the settings, and the ground on which its answers must stand."""

    settings: Settings
    ground: str
    today: date

    @classmethod
    def of(cls, engine: Engine, today: date) -> "Knowing":
        """What that engine knows."""
        return cls(engine.settings, engine.ground, today)

    def engine(self) -> Engine:
        """The engine of this process. Raises ModelRefusedError and OtherKnowledgeError."""
        return _engine(self.settings, self.ground)


@lru_cache(maxsize=1)
def _engine(settings: Settings, ground: str) -> Engine:
    engine = build(settings)
    if engine.ground != ground:
        raise OtherKnowledgeError(OTHER_KNOWLEDGE)
    return engine


def assess_chunk(knowing: Knowing, lines: tuple[Line, ...]) -> list[Outcome]:
    """The outcome of each line, in their order. Raises ModelRefusedError and OtherKnowledgeError."""
    return assess_lines(knowing.engine(), lines, knowing.today)


def cores() -> int:
    """Cores that this process may use, as its container allows."""
    return int(cpu_count())


def start(processes: int) -> Executor:
    """So many processes, started when the first chunk comes. They end with this one, however it ends."""
    context = get_context("forkserver")  # what it has loaded they share: less to load, and less memory
    context.set_forkserver_preload([__name__])
    return ProcessPoolExecutor(processes, context, _begin)


def _begin() -> None:
    """Leave the interrupt of a terminal to the parent, and watch it: when it was killed nobody else ends us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(parent_process(),), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(ENDED_WITH_ITS_PARENT)
