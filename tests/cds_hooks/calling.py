"""An EHR that calls the services: the test patient kit, calls built from parts, and what every answer must keep."""

import copy
import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import httpx

from service.engine import Engine
from service.intake.trace import Intake, NotUsed
from service.patient.reading import read_patient
from service.presentation.as_json import as_json
from service.presentation.wire import AssessmentOut
from service.settings import Settings
from tests.conftest import EXAMPLES, InProcess
from tests.intake.hospital import PATIENT
from tests.reading import TODAY, engine

JSON = {"content-type": "application/json"}
ID_OF = {"patient-view": "prrt-patient-view", "order-select": "prrt-order-select", "order-sign": "prrt-order-sign"}
ORDER_HOOKS = ("order-select", "order-sign")
CANARY = "zebra-4711"
SERVICE_URL = "https://prrt.hospital.example/cds"
URGENT_FIRST = ["critical", "warning", "info"]
NOT_USED = "- Not used: "


class _OnTheDayOfTheKit(Engine):
    def today(self) -> date:
        return TODAY


def engine_of_the_day(settings: Settings) -> Engine:
    """The engine, built once, for which it is always the day of the kit."""
    built = engine()
    return _OnTheDayOfTheKit(built.rules, built.models, built.knowledge, settings)


@cache
def _kit() -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((EXAMPLES / "cds-hooks").glob("*.json"))}


KIT = tuple(_kit())


def kit(name: str) -> dict[str, Any]:
    """A call of the test patient kit."""
    return copy.deepcopy(_kit()[name])


def searchset(*resources: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in resources]}


def view(*resources: Any, **more: Any) -> dict[str, Any]:
    """A call for the patient p1: these resources, told under a key of the EHR's own."""
    return {
        "hook": "patient-view",
        "hookInstance": "67254c24-35e1-5f99-ac50-b40dd1c6db49",
        "context": {"userId": "Practitioner/example", "patientId": "p1"},
        "prefetch": {"patient": dict(PATIENT), "everything": searchset(*resources)},
        **more,
    }


def signing(*drafts: Any, hook: str = "order-sign", known: Any = (), **context: Any) -> dict[str, Any]:
    """A call for the patient p1, with these drafts."""
    told = view(*known, hook=hook)
    told["context"] |= {"draftOrders": {"resourceType": "Bundle", "entry": [{"resource": each} for each in drafts]}, **context}
    return told


def post(service: InProcess, told: Any, service_id: str | None = None, **headers: str) -> httpx.Response:
    """Call a service: bytes as they are, anything else as JSON; the id is that of the hook unless another is told."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    called = service_id or ID_OF[told["hook"]]
    return service.request("POST", f"/cds-services/{called}", content=body, headers={**JSON, **headers})


def cards(service: InProcess, told: Any, service_id: str | None = None) -> list[dict[str, Any]]:
    """The cards that a call is answered with."""
    answer = post(service, told, service_id)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"cards"}
    return answer.json()["cards"]


def refused(service: InProcess, told: Any, status: int, service_id: str | None = None, **headers: str) -> str:
    """The words of an error: an OperationOutcome that repeats nothing of the call."""
    answer = post(service, told, service_id, **headers)
    assert answer.status_code == status, answer.text
    return words_of_error(answer)


def words_of_error(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert list(empties(answer.json())) == []
    assert CANARY not in answer.text
    return " ".join(issue["diagnostics"] for issue in answer.json()["issue"])


def recorded(service: InProcess) -> list[Any]:
    """Every entry of the record."""
    return [entry.draft for entry in service.app.state.recorder.store.every()]


def topic(card: Any) -> str:
    return card["source"]["topic"]["code"]


def not_used(shown: list[dict[str, Any]]) -> list[str]:
    """What the cards say was not used."""
    lines = [line for card in shown for line in card["detail"].splitlines()]
    return [line.removeprefix(NOT_USED).replace("`", "") for line in lines if line.startswith(NOT_USED)]


def guidance(shown: list[dict[str, Any]]) -> Any:
    """The cards without what differs from one answer to the next: uuids, and the link to the recorded assessment."""
    text = json.dumps(shown, sort_keys=True)
    return json.loads(re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "-", text))


def assessment(told: dict[str, Any], *left_out: tuple[str, str]) -> AssessmentOut:
    """The answer about a patient of the contract; `left_out` is what the intake did not use."""
    state = read_patient(json.dumps(told).encode(), TODAY)
    intake = Intake(state, (), tuple(NotUsed(*each) for each in left_out))
    return as_json(engine().assess(state), intake)


def empties(node: Any, path: str = "") -> Iterator[str]:
    """Every place that holds null, an empty text, list or object."""
    if node is None or (isinstance(node, str | list | dict) and not node):
        yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in children:
        yield from empties(child, f"{path}/{step}")


def is_uuid(text: str) -> bool:
    return str(UUID(text)) == text
