"""Runs the stages of many mutants, two at a time."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.mutants.catalogue import Mutant
from tests.mutants.stages import Stage, stages
from tests.mutants.trial import Outcome, Trial

AT_ONCE = 2


@dataclass(slots=True)
class _Task:
    """One mutant with the stages it has still to meet."""

    mutant: Mutant
    ahead: list[Stage]


def run_unmutated(stage: Stage) -> tuple[Outcome, str]:
    """The outcome of a stage on the unchanged service, and what it printed."""
    trial = Trial.start(None, stage)
    _, status = os.waitpid(trial.pid, 0)
    return trial.outcome(status), trial.output()


def run_all(mutants: Iterable[Mutant]) -> Iterator[tuple[Mutant, Outcome]]:
    """Each mutant with its outcome, as they end."""
    waiting = iter([_Task(mutant, stages(mutant)) for mutant in mutants])
    running: dict[int, tuple[_Task, Trial]] = {}
    while True:
        while len(running) < AT_ONCE and (task := next(waiting, None)):
            _start(task, running)
        if not running:
            return
        pid, status = os.wait()
        task, trial = running.pop(pid)
        outcome = trial.outcome(status)
        if outcome.kind == "survived" and task.ahead:
            _start(task, running)
        else:
            yield task.mutant, outcome


def _start(task: _Task, running: dict[int, tuple[_Task, Trial]]) -> None:
    trial = Trial.start(task.mutant, task.ahead.pop(0))
    running[trial.pid] = task, trial
