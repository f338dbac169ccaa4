"""The models that answer can be read, and a model that is not what it says keeps the service from answering."""

import asyncio
import json
import shutil

import httpx
import pytest

from service.app import create_app
from service.settings import Settings


def test_every_served_model_has_its_card(client):
    models = client.get("/v1/models").json()["models"]
    assert [model["manifest"]["name"] for model in models] == [
        "overall_survival",
        "progression_free_survival",
        "response_at_completion",
        "mibg_overall_survival",
    ]
    assert all("Intended use" in model["card"] or "intended use" in model["card"] for model in models)


def test_a_card_is_json_or_markdown(client):
    told = client.get("/v1/models/overall_survival").json()
    assert told["questions"] == ["overall_survival_from_start", "overall_survival_landmark_12"]
    card = client.get("/v1/models/overall_survival", headers={"accept": "text/markdown"})
    assert card.headers["content-type"].startswith("text/markdown")
    assert card.text == told["card"]


def test_a_model_that_is_not_served_is_not_found(client):
    answer = client.get("/v1/models/zebra")
    assert answer.status_code == 404
    assert "zebra" not in answer.text


async def answers(settings, *, spoil=False):
    app = create_app(settings, open_on_loopback=True)
    async with app.router.lifespan_context(app):
        if spoil:
            known = app.state.engine.models[0].known_answers[0]
            known["value"] = 0.0
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            body = json.dumps({"patient": {"id": "x", "sex": "male"}})
            assessed = await client.post("/v1/assessments", content=body, headers={"content-type": "application/json"})
            return await client.get("/livez"), await client.get("/readyz"), assessed


@pytest.fixture
def spoilt(tmp_path):
    folder = tmp_path / "models"
    shutil.copytree(Settings().models_dir, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "*.svg"))
    (folder / "overall_survival" / "model.joblib").write_bytes(b"")
    return Settings(models_dir=folder)


def test_a_wrong_digest_keeps_the_service_alive_and_not_ready(spoilt):
    livez, readyz, assessed = asyncio.run(answers(spoilt))
    assert livez.status_code == 200
    for refused in (readyz, assessed):
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "5"
        assert refused.json()["detail"] == "overall_survival: the digest of the artefact is not the manifest's."


def test_readiness_replays_the_known_answers():
    livez, readyz, _ = asyncio.run(answers(Settings(), spoil=True))
    assert livez.status_code == 200
    assert readyz.status_code == 503
    assert readyz.json()["detail"] == "overall_survival: a known answer does not come out again."
