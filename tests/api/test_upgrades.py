"""A client that offers another protocol, as some Java clients do for every request, is read all the same."""

import json

import httpx
import pytest


@pytest.mark.parametrize("offered", ["h2c", "websocket"])
def test_the_body_of_a_request_that_offers_an_upgrade_is_read(server, offered):
    headers = {"content-type": "application/json", "connection": "Upgrade", "upgrade": offered}
    answer = httpx.post(f"{server}/v1/assessments", content=json.dumps({"patient": {"id": "x", "sex": "male"}}), headers=headers)
    assert answer.status_code == 200


def test_a_header_of_a_megabyte_is_not_kept(server):
    try:
        answer = httpx.get(f"{server}/livez", headers={"x-a": "b" * 1_000_000})
    except httpx.TransportError:
        return
    assert answer.status_code in (400, 431)
