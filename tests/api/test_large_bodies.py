"""Large bodies of FHIR: none of more objects than any patient, one at a time, and beside the event loop."""

import asyncio
import json
from threading import current_thread, main_thread

import pytest

from service.api import large_bodies
from service.api.large_bodies import LARGE_BYTES, MOST_ELEMENTS, read_beside
from service.recording import RecordedEngine
from service.settings import Settings
from tests.board.visiting import Visitor
from tests.conftest import EXAMPLES

BUNDLE = next((EXAMPLES / "fhir").glob("skeletal*.json"))
CALL = next((EXAMPLES / "cds-hooks").glob("patient-view-skeletal*.json"))
ASSESS, HOOK = "/fhir/$prrt-assess", "/cds-services/prrt-patient-view"
JSON = {"content-type": "application/json"}


def elements(body):
    return body.count(b"{") + body.count(b"[")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*.json")), ids=lambda path: path.stem)
def test_a_bundle_of_the_largest_size_has_fewer_elements_than_are_refused(path):
    body = json.dumps(json.loads(path.read_bytes()), separators=(",", ":")).encode()
    assert elements(body) * Settings().max_fhir_bytes / len(body) < MOST_ELEMENTS


@pytest.mark.parametrize(("url", "path"), [(ASSESS, BUNDLE), (HOOK, CALL)])
def test_a_body_of_too_many_elements_is_refused_before_it_is_read(client, monkeypatch, url, path):
    body = path.read_bytes()
    monkeypatch.setattr(large_bodies, "MOST_ELEMENTS", elements(body))
    assert client.request("POST", url, content=body, headers=JSON).status_code == 200
    for more in (b"{}", b"[]"):
        answer = client.request("POST", url, content=body + more, headers=JSON)
        assert (answer.status_code, "objects and lists are read" in answer.text) == (413, True)


def test_a_patient_of_too_many_elements_on_the_page_is_refused_before_it_is_read(client, monkeypatch):
    visitor = Visitor(client)
    visitor.get("/")
    body = BUNDLE.read_bytes()
    monkeypatch.setattr(large_bodies, "MOST_ELEMENTS", elements(body) - 1)
    assert (visitor.post("/", {}, file=body).status_code, "Too many elements" in visitor.text) == (413, True)


@pytest.mark.parametrize(("large_bytes", "at_once"), [(100, 1), (LARGE_BYTES, 3)])
def test_one_large_body_at_a_time_is_in_objects(client, monkeypatch, large_bytes, at_once):
    reading, most = 0, 0
    read = RecordedEngine.read_fhir

    async def slowly(self, body):
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        await asyncio.sleep(0.1)
        while most < at_once:
            await asyncio.sleep(0.01)
        reading -= 1
        return await read(self, body)

    monkeypatch.setattr(RecordedEngine, "read_fhir", slowly)
    monkeypatch.setattr(large_bodies, "LARGE_BYTES", large_bytes)
    visitor = Visitor(client)
    visitor.get("/")
    told = {"data": {"csrf_token": visitor.token}, "files": {"file": ("a", BUNDLE.read_bytes())}, "headers": visitor._headers()}

    async def together():
        post = client._client.post
        asked = [post(ASSESS, content=BUNDLE.read_bytes(), headers=JSON), post(HOOK, content=CALL.read_bytes(), headers=JSON)]
        async with asyncio.timeout(20):  # a request that waited for itself would wait for ever
            return [answer.status_code for answer in await asyncio.gather(*asked, post("/", **told))]

    assert client._runner.run(together()) == [200, 200, 303]
    assert most == at_once


def test_a_large_body_is_read_beside_the_event_loop():
    def is_beside(_):
        return current_thread() is not main_thread()

    assert [asyncio.run(read_beside(is_beside, b" " * size)) for size in (LARGE_BYTES, LARGE_BYTES + 1)] == [False, True]
