"""Who is measured beside whom: each a command, a path and a body, with the version that it is named by."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import simplejson
from pydantic_core import to_json

from service.presentation.as_json import as_json
from tests.benchmarks.processes import ROOT
from tests.conftest import EXAMPLES
from tests.kit import hook_request
from tests.reading import engine

PATIENT = "skeletal-metastases-cycle-3"
FLOOR, OURS, WITHOUT_STORE = "floor", "prrt-cds", "prrt-cds without the store"
PLAIN, COMPETENT = "FastAPI + lifelines, plain", "FastAPI + scikit-learn, competent"
BENTOML, HEALTHCHAIN = "BentoML, our core", "HealthChain, a static card"
OUR_HOOK, OUR_FULL_HOOK = "prrt-cds, patient-view", "prrt-cds, patient-view with 200 resources"
APPS = "tests.benchmarks.apps"
PEERS_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
# nobody is refused for asking often, which a caller that is not a load generator does not do
OUR_SETTINGS = {"PRRT_REQUESTS_PER_MINUTE": "100000000"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One server, and what is posted to it."""

    name: str
    is_made_of: str
    command: Sequence[str]
    body: Path
    path: str = "/v1/assessments"
    ready_path: str = "/readyz"
    environment: Mapping[str, str] = field(default_factory=dict)


def ours(name: str, body: Path, path: str = "/v1/assessments") -> Candidate:
    """This service as it is installed, with its durable record."""
    command = [sys.executable, "-c", "from service.cli.main import app; app()", "serve", "--port", "{port}"]
    made_of = f"all rules, all models, durable SQLite, h11{'' if path == '/v1/assessments' else '; answered as cards'}"
    return Candidate(name, made_of, command, body, path, environment=OUR_SETTINGS)


def floor(folder: Path, body: Path) -> Candidate:
    """FastAPI that returns bytes, as many as our answer to the patient of the README."""
    answer = folder / "answer.json"
    asked = engine()
    answer.write_bytes(to_json(as_json(asked.assess(asked.read(_example())))))
    made_of = f"FastAPI {_version('fastapi')}, uvicorn {_version('uvicorn')} with uvloop and httptools, returns bytes"
    return Candidate(FLOOR, made_of, uvicorn(f"{APPS}.floor"), body, environment={"BENCH_ANSWER": str(answer)})


def of_assessments(folder: Path) -> list[Candidate]:
    """Everybody who answers about one patient in our own format."""
    body = folder / "patient.json"
    body.write_bytes(_example())
    without = [sys.executable, "-m", f"{APPS}.without_store", "{port}"]
    found = [
        floor(folder, body),
        ours(OURS, body),
        Candidate(WITHOUT_STORE, "the same, nothing is kept", without, body, environment=OUR_SETTINGS),
        Candidate(PLAIN, f"lifelines {_version('lifelines')}, points only, one commit each", uvicorn(f"{APPS}.plain"), body),
        Candidate(
            COMPETENT,
            f"scikit-learn {_version('scikit-learn')}, bands, curves kept, one durable commit each",
            uvicorn(f"{APPS}.competent"),
            body,
        ),
    ]
    if PEERS_PYTHON.exists():
        command = [
            str(PEERS_PYTHON),
            "-m",
            "bentoml",
            "serve",
            f"{APPS}.bento_core:Core",
            "--host",
            "127.0.0.1",
            "--port",
            "{port}",
        ]
        made_of = f"BentoML {_version('bentoml', PEERS_PYTHON)}, one worker, no access log, all rules, all models, no store"
        found.append(Candidate(BENTOML, made_of, command, body))
    return found


def of_hooks(folder: Path, full: bytes) -> list[Candidate]:
    """Everybody who answers CDS Hooks, and the floor; `full` is a call with many resources."""
    body, full_body = folder / "hook.json", folder / "full-hook.json"
    body.write_text(simplejson.dumps(hook_request("held-and-resumed", "prrt-patient-view"), use_decimal=True), "utf-8")
    full_body.write_bytes(full)
    path = "/cds-services/prrt-patient-view"
    found = [floor(folder, full_body), ours(OUR_HOOK, body, path), ours(OUR_FULL_HOOK, full_body, path)]
    if PEERS_PYTHON.exists():
        command = uvicorn(f"{APPS}.healthchain_card", str(PEERS_PYTHON))
        made_of = f"HealthChain {_version('healthchain', PEERS_PYTHON)}, events and CORS off; nothing is looked at"
        found.append(Candidate(HEALTHCHAIN, made_of, command, body, "/cds/cds-services/card", "/health"))
    return found


def uvicorn(module: str, python: str = sys.executable) -> list[str]:
    """Under uvicorn as it is installed: uvloop, httptools, one worker, no access log."""
    return [python, "-m", "uvicorn", f"{module}:app", "--port", "{port}", "--no-access-log", "--log-level", "warning"]


def _example() -> bytes:
    return (EXAMPLES / f"{PATIENT}.json").read_bytes()


def _version(package: str, python: Path | str = sys.executable) -> str:
    """The version that is installed there."""
    asking = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([python, "-c", asking], capture_output=True, text=True, check=True).stdout.strip()
