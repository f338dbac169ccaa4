"""Fixtures that every floor shares: the service in this process, and the service as a process of its own."""

import asyncio
import gc
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.app import create_app
from service.audit.entry import RecordUnavailableError
from service.engine import Engine, build
from service.settings import Settings
from tests.reading import engine

TESTS = Path(__file__).parent
EXAMPLES = Path(__file__).parents[1] / "openapi" / "examples"
COMMAND = str(Path(sys.executable).with_name("prrt-cds"))
# They take long with few tests. Several workers take them first: who took one last would work alone.
LONG = (
    "api/test_mutated_foreign_requests.py",
    "faults/test_slow_database.py",
    "test_wheel.py",
    "faults/test_database_restart.py",
    "faults/test_two_processes.py",
    "faults/test_full_disk.py",
    "faults/test_stopping_under_way.py",
    "intake/test_round_trip.py",
    "intake/test_any_bundle.py",
    "laws/test_laws.py",
    "test_new_rule.py",
    "api/test_stopping.py",
    "browser/test_board_page.py",
    "browser/test_swagger_ui.py",
    "board/test_form.py",
    "board/test_sign_in_in_a_browser.py",
    "test_makefile.py",
    "test_drawing.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Several workers take the files in the order of the collection. Cycles are looked for less often: applications are large."""
    gc.set_threshold(20_000, 20, 20)
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """For several workers: first what takes long, then the files of many tests, so that all of them end together."""
    if not hasattr(config, "workerinput"):
        return
    first = {TESTS / name: place for place, name in enumerate(LONG)}
    tests_in = Counter(item.path for item in items)
    items.sort(key=lambda item: (first.get(item.path, len(first)), -tests_in[item.path]))


def built_once(settings: Settings) -> Engine:
    """The engine of the models that are delivered, built once in a process; the one of others as the service builds it."""
    built = engine()
    return replace(built, settings=settings) if settings.models_dir == built.settings.models_dir else build(settings)


class InProcess:
    """An application with its lifespan, a client that speaks ASGI to it, and what it logs."""

    def __init__(
        self,
        settings: Settings | None = None,
        build_engine: Callable[[Settings], Engine] = built_once,
        *,
        open_on_loopback: bool = True,
        draws: bool = False,
    ) -> None:
        with redirect_stdout(StringIO()) as self.log:
            self.app = app = create_app(settings, build_engine, open_on_loopback=open_on_loopback, draws=draws)
        self._runner = asyncio.Runner()
        self._lifespan = app.router.lifespan_context(app)

    def __enter__(self) -> "InProcess":
        self._runner.run(self._lifespan.__aenter__())
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://127.0.0.1")
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._client.aclose())
        self._runner.run(self._lifespan.__aexit__(None, None, None))
        self._runner.close()

    def request(self, method: str, url: str, **how: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, url, **how))

    def logged(self) -> list[dict[str, Any]]:
        """Every line of the log so far, each one JSON object."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def logged_of_requests(self) -> list[dict[str, Any]]:
        """The lines of the log that requests caused."""
        return [line for line in self.logged() if line["logger"] == "service.api"]

    def lose_the_record(self, monkeypatch: pytest.MonkeyPatch, problem: str) -> None:
        """Let the record be away, and stay away."""

        def away() -> None:
            raise RecordUnavailableError(problem)

        recorder = self.app.state.recorder
        monkeypatch.setattr(recorder.store, "open", away)
        monkeypatch.setattr(recorder, "problem", problem)

    def get(self, url: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.request("GET", url, headers=headers)

    def assess(self, told: Any) -> httpx.Response:
        """Post a patient: bytes as they are, anything else as JSON."""
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        return self.request("POST", "/v1/assessments", content=body, headers={"content-type": "application/json"})


@contextmanager
def serving(
    folder: Path, command: str = COMMAND, environment: dict[str, str] | None = None, cwd: Path | None = None, port: int = 0
) -> Iterator[tuple[str, Path]]:
    """`prrt-cds serve` on a port of the loopback, a free one if none is named: its address, and the file with all it prints."""
    output, called = folder / "output.txt", [command, "serve", "--port", str(port)]
    with output.open("wb") as file:
        environment = environment_with(folder) if environment is None else environment
        process = subprocess.Popen(called, stdout=file, stderr=subprocess.STDOUT, env=environment, cwd=cwd)
    try:
        yield address_of(process, output), output
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def clean_environment() -> dict[str, str]:
    """This environment without the settings of a service that somebody runs here."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PRRT_") and name != "PORT"}


def environment_with(folder: Path, **settings: object) -> dict[str, str]:
    """A clean environment whose service keeps its record in that folder."""
    told = {"PRRT_DATA_DIR": folder / "data", **settings}
    return clean_environment() | {name: str(value) for name, value in told.items()}


def address_of(process: subprocess.Popen[bytes], output: Path) -> str:
    for _ in range(3000):
        found = re.search(r"running on (http://127\.0\.0\.1:\d+)", output.read_text("utf-8"))
        if found:
            return found.group(1)
        assert process.poll() is None, output.read_text("utf-8")
        time.sleep(0.02)
    raise TimeoutError(output.read_text("utf-8"))


@contextmanager
def root_logger_kept() -> Iterator[None]:
    """The service takes the root logger for itself; this gives it back."""
    root, access = logging.getLogger(), logging.getLogger("uvicorn.access")
    handlers, level, disabled = list(root.handlers), root.level, access.disabled
    yield
    root.handlers = handlers
    root.setLevel(level)
    access.disabled = disabled


@pytest.fixture(autouse=True)
def _root_logger_as_before() -> Iterator[None]:
    with root_logger_kept():
        logging.getLogger("httpx").setLevel(logging.WARNING)  # the client of the tests logs its own requests
        yield


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in set(os.environ) - set(clean_environment()):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRRT_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def skeletal() -> dict[str, Any]:
    """The first example patient."""
    return json.loads((EXAMPLES / "skeletal-metastases-cycle-3.json").read_text("utf-8"))


@pytest.fixture
def start() -> Iterator[Callable[..., InProcess]]:
    """Starts the service in this process: `start(settings, build_engine)`."""
    with ExitStack() as started:
        yield lambda *how, **more: started.enter_context(InProcess(*how, **more))


@pytest.fixture
def client(start: Callable[..., InProcess]) -> InProcess:
    """The service in this process."""
    return start()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the service as a process of its own."""
    folder = tmp_path_factory.mktemp("server")
    with serving(folder, environment=environment_with(folder, PRRT_REQUESTS_PER_MINUTE=100_000)) as (address, _):
        yield address
