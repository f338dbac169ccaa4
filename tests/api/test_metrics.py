"""What the service counts: enough to see how it does, and nothing of a patient."""

import copy
import json

from service.rules import RULES


def counted(client):
    lines = [line for line in client.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_an_assessment_counts_its_verdicts_its_decision_its_risks_and_its_commit(client, skeletal):
    assert client.assess(skeletal).status_code == 200
    found = counted(client)
    assert sum(value for name, value in found.items() if name.startswith("prrt_verdicts_total")) == len(RULES)
    assert found['prrt_next_cycle_total{decision="proceed"}'] == 1
    assert sum(value for name, value in found.items() if name.startswith("prrt_risks_total")) == 6
    assert (
        found["prrt_record_commit_seconds_count"] == found["prrt_record_batch_entries_sum"] == found["prrt_record_position"] == 1
    )
    assert found["prrt_record_queue_entries"] == 0
    assert found['prrt_requests_total{method="POST",route="/v1/assessments",status="200"}'] == 1
    assert found['prrt_request_seconds_count{method="POST",route="/v1/assessments"}'] == 1


def test_a_patient_for_whom_no_cycle_is_awaited_is_counted_as_that(client):
    assert client.assess({"patient": {"id": "p", "sex": "female"}, "treatments": []}).status_code == 200
    assert [name for name in counted(client) if name.startswith("prrt_next_cycle_total")] == [
        'prrt_next_cycle_total{decision="none"}'
    ]


def test_an_answer_that_came_back_is_not_counted_twice(client, skeletal):

    for _ in range(2):
        headers = {"content-type": "application/json", "idempotency-key": "k"}
        client.request("POST", "/v1/assessments", content=json.dumps(skeletal), headers=headers)
    assert counted(client)['prrt_next_cycle_total{decision="proceed"}'] == 1


def test_what_the_service_knows_is_told(client):
    found = counted(client)
    assert len([name for name in found if name.startswith("prrt_model_info")]) == 4
    assert len([name for name in found if name.startswith("prrt_knowledge_info")]) == 1


def test_ready_is_told_as_it_is(client, monkeypatch):
    assert counted(client)["prrt_ready"] == 1
    client.lose_the_record(monkeypatch, "gone")
    assert client.get("/readyz").status_code == 503
    assert counted(client)["prrt_ready"] == 0


def test_what_comes_through_a_proxy_finds_no_metrics(client):
    for header in ("x-forwarded-for", "forwarded", "via", "x-real-ip"):
        assert client.get("/metrics", headers={header: "10.0.0.1"}).status_code == 404


def test_no_value_of_a_patient_is_counted(client, skeletal):
    told = copy.deepcopy(skeletal)
    told["patient"]["id"] = "Zebra-4711"
    client.assess(told)
    client.get("/v1/assessments/Zebra-4711")
    client.request("ZEBRA", "/Zebra-4711")
    assert "ebra" not in client.get("/metrics").text.lower()
