"""One stage of one mutant, in a forked child: install it, import the service, run the tests."""

import json
import os
import signal
import sys
from dataclasses import dataclass
from importlib import import_module
from tempfile import TemporaryFile
from typing import IO, Literal, TypeAlias

import pytest
from hypothesis import HealthCheck, settings

from tests.mutants import ROOT
from tests.mutants.catalogue import Mutant
from tests.mutants.stages import Stage

Kind: TypeAlias = Literal["survived", "killed", "import error", "timeout", "broken"]

TIMEOUT = 120  # seconds
OPTIONS = [
    "-x",
    "-q",
    "-p", "no:cacheprovider",
    "--disable-plugin-autoload",  # neither xdist nor coverage
    "-p", "_hypothesis_pytestplugin",
    "--hypothesis-profile=mutants",
    "-W", "ignore::pytest.PytestAssertRewriteWarning",  # the parent has imported the plugins
]  # fmt: skip

# Not the database: it would remember. Not the deadline: it would depend on the machine.
settings.register_profile(
    "mutants", max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant in one stage."""

    kind: Kind
    detail: str = ""
    modules: tuple[str, ...] = ()  # what the child had imported in the end


class FirstFailure:
    """A pytest plugin that remembers what failed first."""

    test = ""
    collecting = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.test = self.test or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.collecting = self.collecting or report.nodeid


@dataclass(slots=True)
class Trial:
    """A running child. Start it with `Trial.start`, wait for its `pid`, then ask for its `outcome`."""

    pid: int
    _answer: IO[bytes]
    _output: IO[bytes]

    @classmethod
    def start(cls, mutant: Mutant | None, stage: Stage) -> "Trial":
        """Fork a child that runs this stage; without a mutant, on the unchanged service."""
        answer, output = TemporaryFile(), TemporaryFile()  # noqa: SIM115  # the trial holds them until it is read
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _in_child(mutant, stage, answer, output)
        return cls(pid, answer, output)

    def outcome(self, status: int) -> Outcome:
        """What the child told, from its wait status."""
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            return Outcome("timeout") if number == signal.SIGALRM else Outcome("broken", f"signal {number}")
        self._answer.seek(0)
        told = self._answer.read()
        return Outcome(**json.loads(told)) if told else Outcome("broken", "the child ended without an answer")

    def output(self) -> str:
        """What the child printed."""
        self._output.seek(0)
        return self._output.read().decode("utf-8", "replace")


def _in_child(mutant: Mutant | None, stage: Stage, answer: IO[bytes], output: IO[bytes]) -> None:
    """Never returns."""
    try:
        signal.alarm(TIMEOUT)  # nothing handles it: it ends the process
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        outcome = _run(mutant, stage)
        answer.write(json.dumps({"kind": outcome.kind, "detail": outcome.detail, "modules": list(sys.modules)}).encode())
        answer.flush()
        sys.stdout.flush()
    finally:
        os._exit(0)


def _run(mutant: Mutant | None, stage: Stage) -> Outcome:
    os.chdir(ROOT)
    was_installed = mutant.install() if mutant else lambda: True
    try:
        import_module("service.engine")
    except Exception as error:  # noqa: BLE001  # whatever a mutant raises is its death
        return Outcome("import error", type(error).__name__)
    if not was_installed():
        return Outcome("broken", "nothing imported what was mutated")
    first = FirstFailure()
    code = int(pytest.main([*OPTIONS, *stage], plugins=[first]))
    if code == pytest.ExitCode.OK or (mutant and code == pytest.ExitCode.NO_TESTS_COLLECTED):
        return Outcome("survived")  # a stage may have no test for this mutant
    if code == pytest.ExitCode.TESTS_FAILED and first.test:
        return Outcome("killed", first.test)
    if first.collecting:
        return Outcome("import error", f"collecting {first.collecting}")
    return Outcome("broken", f"pytest ended with {code}")
