"""`POST /v1/assessments`: the shapes that clients are written against."""

import json
import re

import pytest

from service.settings import Settings
from tests.conftest import EXAMPLES

every_example = pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)


@every_example
def test_every_example_is_assessed(client, example):
    answer = client.assess(example.read_bytes())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


@every_example
def test_an_answer_has_the_keys_of_the_contract(client, example):
    answer = client.assess(example.read_bytes()).json()
    assert set(answer) >= {
        "id", "as_of", "created_at", "patient_id", "knowledge", "recommendations", "verdicts", "missing", "risks",
        "reference_outcomes", "notices", "sources",
    }  # fmt: skip
    assert set(answer["knowledge"]) == {"service", "rules", "models"}


@every_example
def test_a_verdict_has_the_keys_of_the_contract(client, example):
    for verdict in client.assess(example.read_bytes()).json()["verdicts"]:
        assert set(verdict) >= {"rule", "title", "status", "urgency", "advice", "reasons", "caveats"}
        assert verdict["status"] in {"fires", "clear", "not_applicable", "unknown"}
        assert verdict["reasons"], verdict["rule"]
        for reason in verdict["reasons"]:
            assert set(reason) >= {"statement", "observed", "parameter", "source"}


@every_example
def test_every_rule_answers_and_what_fires_is_recommended(client, example):
    answer = client.assess(example.read_bytes()).json()
    names = [rule["name"] for rule in client.get("/v1/rules").json()["rules"]]
    assert [verdict["rule"] for verdict in answer["verdicts"]] == names
    firing = {verdict["rule"] for verdict in answer["verdicts"] if verdict["status"] == "fires"}
    assert {verdict["rule"] for verdict in answer["recommendations"]} == firing


@every_example
def test_every_source_that_a_reason_names_is_told(client, example):
    answer = client.assess(example.read_bytes()).json()
    named = {reason["source"] for verdict in answer["verdicts"] for reason in verdict["reasons"]} - {None}
    shown = {reference["source"] for reference in answer["reference_outcomes"]}
    assert named | shown <= set(answer["sources"])
    for source in answer["sources"].values():
        assert set(source) >= {"title", "year", "doi", "design"}


@every_example
def test_what_is_missing_says_why_and_for_whom(client, example):
    told = json.loads(example.read_bytes())
    for asked in client.assess({"patient": told["patient"]}).json()["missing"]:
        assert set(asked) >= {"item", "why", "asked_by"}
        assert asked["why"]
        assert asked["asked_by"]


def test_the_answer_says_whose_it_is_and_of_which_day(client, skeletal):
    answer = client.assess(skeletal).json()
    assert answer["patient_id"] == "demo-017"
    assert answer["as_of"] == "2026-03-10"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer["created_at"])
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", answer["id"])


def test_the_skeletal_example_raises_the_alp_alert(client, skeletal):
    answer = client.assess(skeletal).json()
    alert = answer["recommendations"][0]
    assert alert["rule"] == "alkaline_phosphatase"
    assert alert["decision"] == "raised_with_bone_metastases"
    assert alert["urgency"] == "warning"
    assert alert["reasons"][0]["statement"] == "ALP 1.52 x ULN is above 1"
    assert alert["reasons"][0]["observed"] == {"value": 1.52, "unit": "xULN"}
    assert alert["reasons"][0]["source"] == "chandekar-2025"
    assert answer["sources"]["chandekar-2025"]["doi"] == "10.2967/jnumed.125.269456"


def test_the_same_patient_gets_the_same_answer(client, skeletal):
    first, second = client.assess(skeletal).json(), client.assess(skeletal).json()
    assert first.pop("id") != second.pop("id")
    del first["created_at"], second["created_at"]
    assert first == second


def test_a_patient_of_whom_nothing_is_known_is_no_error(client):
    answer = client.assess({"patient": {"id": "nobody", "sex": "unknown"}})
    assert answer.status_code == 200
    assert {verdict["status"] for verdict in answer.json()["verdicts"]} <= {"unknown", "not_applicable"}
    assert answer.json()["next_cycle"]["decision"] == "undetermined"
    assert answer.json()["recommendations"] == []


def test_a_media_type_with_a_character_set_is_json_too(client, skeletal):
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert client.request("POST", "/v1/assessments", json=skeletal, headers=headers).status_code == 200


def test_a_later_entry_is_not_used_and_a_notice_says_so(client, skeletal):
    skeletal["as_of"] = "2026-03-01"
    answer = client.assess(skeletal).json()
    assert "Not used, because it is dated after 2026-03-01: laboratory (ALP) of 2026-03-02." in answer["notices"]


def test_each_answer_carries_a_request_id_of_its_own(client):
    first, second = client.get("/livez"), client.get("/livez")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def test_the_configured_ctcae_version_holds_unless_the_request_names_another(start, skeletal):
    client = start(Settings(ctcae_version="6.0"))
    assert "CTCAE 6.0" in client.assess(skeletal).text
    skeletal["options"] = {"ctcae_version": "5.0"}
    assert "CTCAE 6.0" not in client.assess(skeletal).text
