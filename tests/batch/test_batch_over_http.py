"""A batch over HTTP: what single requests would answer, line by line, whatever is wrong with some of the lines."""

import json

import pytest

from service.engine import Engine
from service.rules import RULES
from service.settings import Settings
from tests.conftest import EXAMPLES
from tests.vignettes import expected, names

pytestmark = pytest.mark.usefixtures("without_processes")
CANARY = "zebra-4711"
A_PATIENT = b'{"patient": {"id": "p-1", "sex": "female"}}'


def batch(client, body, **headers):
    return client.request(
        "POST", "/v1/assessments/batch", content=body, headers={"content-type": "application/x-ndjson"} | headers
    )


def lines(answer):
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.content.split(b"\n")[:-1]]


def without_the_occasion(answer):
    return {name: value for name, value in answer.items() if name not in ("id", "created_at")}


def example(name):
    return json.dumps(json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))).encode()


def test_every_patient_gets_the_answer_of_a_single_request_in_the_order_of_the_lines(client):
    told = [example(name) for name in names()]
    found = lines(batch(client, b"\n".join(told)))
    assert [without_the_occasion(each) for each in found] == [without_the_occasion(client.assess(each).json()) for each in told]
    assert [each["verdicts"] for each in found] == [expected(name)["answer"]["verdicts"] for name in names()]
    assert len({each["id"] for each in found}) == len(told)


def test_each_answer_is_in_the_record_as_it_was_given_with_its_line_as_the_request(client):
    for answer in lines(batch(client, A_PATIENT + b"\r\n" + A_PATIENT)):
        entry = client.app.state.recorder.store.find(answer["id"])
        assert json.loads(entry.draft.answer) == answer
        assert (entry.draft.request.rstrip(b"\r"), entry.draft.patient_id, entry.draft.caller) == (A_PATIENT, "p-1", "loopback")
        assert entry.draft.ground == client.app.state.engine.ground
        assert client.get(f"/v1/assessments/{answer['id']}").json() == answer


def test_lines_that_came_together_are_recorded_in_one_transaction_and_counted_as_single_ones_are(client):
    lines(batch(client, 16 * (A_PATIENT + b"\n")))
    counted = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if not line.startswith("#"))
    assert float(counted["prrt_record_commit_seconds_count"]) == 1
    assert float(counted["prrt_record_batch_entries_sum"]) == 16
    assert sum(float(value) for name, value in counted.items() if name.startswith("prrt_verdicts_total")) == 16 * len(RULES)


@pytest.mark.parametrize(
    "bad",
    [
        b"zebra-4711",
        b"{",
        b'{"patient": {"id": "zebra-4711"}}',
        b'{"patient": {"id": "p-1", "sex": "female"}, "zebra_4711": 1}',
        b"[" * 3000,
        b"\xff\xfe",
        b"\xef\xbb\xbf" + A_PATIENT,
    ],
)
def test_a_bad_line_gets_the_problem_of_a_single_request_on_its_line_and_stops_nothing(client, bad):
    first, second, third = lines(batch(client, b"\n".join([A_PATIENT, bad, A_PATIENT])))
    assert first["patient_id"] == third["patient_id"] == "p-1"
    assert second == client.assess(bad).json() | {"line": 2}
    assert CANARY not in json.dumps(second)
    assert CANARY not in client.log.getvalue()


def test_a_line_that_is_too_long_is_skipped(start):
    client = start(Settings(max_body_bytes=1024))
    found = lines(batch(client, b"\n".join([A_PATIENT, b'"' + b"a" * 5000 + b'"', A_PATIENT])))
    assert [each.get("patient_id", each.get("status")) for each in found] == ["p-1", 413, "p-1"]
    assert found[1] == client.assess(b'"' + b"a" * 5000 + b'"').json() | {"line": 2}


def test_a_blank_line_is_not_answered_but_counted(client):
    assert [each["line"] for each in lines(batch(client, b"\n \t\r\n{\n\n{\n"))] == [3, 5]
    assert lines(batch(client, b"")) == []


def test_a_line_on_which_the_service_fails_is_told_as_that_and_stops_nothing(client, monkeypatch):
    assess = Engine.assess

    def failing(engine, state):
        if state.patient.id == CANARY:
            raise KeyError(CANARY)
        return assess(engine, state)

    monkeypatch.setattr(Engine, "assess", failing)
    answer = batch(client, b"\n".join([A_PATIENT, A_PATIENT.replace(b"p-1", CANARY.encode()), A_PATIENT]))
    second = lines(answer)[1]
    assert (second["status"], second["line"]) == (500, 2)
    assert second["detail"] == f"Quote the request id {answer.headers['x-request-id']}."
    (crash,) = [line for line in client.logged() if line["event"] == "crash"]
    assert (crash["error"], crash["request_id"]) == ("KeyError", answer.headers["x-request-id"])
    assert CANARY not in client.log.getvalue() + answer.text
    assert len(lines(answer)) == 3


@pytest.mark.parametrize("how", [{"content-type": "application/json"}, {"content-encoding": "gzip"}])
def test_what_does_not_say_that_it_is_lines_is_refused(client, how):
    assert batch(client, A_PATIENT, **how).status_code == 415


def test_a_batch_counts_as_one_request_of_its_caller(start):
    client = start(Settings(requests_per_minute=2))
    assert len(lines(batch(client, b"\n".join([A_PATIENT] * 3)))) == 3
    assert [client.assess(A_PATIENT).status_code, batch(client, A_PATIENT).status_code] == [200, 429]
