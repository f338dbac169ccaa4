"""What somebody changed in the database is not shown as what was answered."""

import pytest

from service.audit.entry import Entry


@pytest.mark.parametrize("what", ["has_its_header", "has_its_contents"])
def test_a_stored_answer_that_was_changed_is_not_served(client, skeletal, monkeypatch, what):
    answered = client.assess(skeletal).json()
    path = f"/v1/assessments/{answered['id']}"
    assert client.get(path).status_code == 200
    monkeypatch.setattr(Entry, what, False)
    refused = client.get(path)
    assert refused.status_code == 503
    assert refused.json()["detail"] == "The entry is not what was recorded: run `prrt-cds audit verify`."


def test_while_the_record_is_known_to_be_away_nobody_waits_for_it(client, skeletal, monkeypatch):
    answered = client.assess(skeletal).json()
    client.lose_the_record(monkeypatch, "The record is away.")
    monkeypatch.setattr(client.app.state.recorder.store, "find", lambda *_: pytest.fail("it was asked"))
    refused = client.get(f"/v1/assessments/{answered['id']}")
    assert (refused.status_code, refused.json()["detail"]) == (503, "The record is away.")
