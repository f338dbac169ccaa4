"""Bodies that are too large or not JSON, and routes that are not there."""

import httpx

from service.settings import Settings

JSON = {"content-type": "application/json"}
THREE_MEGABYTES = 3_000_000


async def in_pieces(size):
    for _ in range(size // 1000):
        yield b" " * 1000


def problem(answer, status, kind):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert set(told) == {"type", "title", "status", "detail", "errors"}
    assert told["type"] == f"urn:prrt-cds:problem:{kind}"
    assert told["status"] == status
    return told


def test_a_body_that_says_it_is_too_large_is_not_read(client):
    answer = client.request("POST", "/v1/assessments", content=b" " * THREE_MEGABYTES, headers=JSON)
    assert problem(answer, 413, "too-large")["detail"] == "At most 1048576 bytes are read."


def test_a_body_that_does_not_say_how_large_it_is_is_read_up_to_the_limit(client):
    answer = client.request("POST", "/v1/assessments", content=in_pieces(THREE_MEGABYTES), headers=JSON)
    assert "content-length" not in answer.request.headers
    problem(answer, 413, "too-large")


def test_a_body_without_a_length_and_within_the_limit_is_read(client):
    answer = client.request("POST", "/v1/assessments", content=in_pieces(3000), headers=JSON)
    problem(answer, 422, "refused-request")


def test_the_running_server_refuses_a_body_that_is_too_large(server):
    answer = httpx.post(f"{server}/v1/assessments", content=b" " * THREE_MEGABYTES, headers=JSON)
    problem(answer, 413, "too-large")


def test_the_running_server_refuses_an_endless_body(server):
    pieces = (b" " * 1000 for _ in range(3000))
    problem(httpx.post(f"{server}/v1/assessments", content=pieces, headers=JSON), 413, "too-large")


def test_the_largest_body_is_a_setting(start):
    client = start(Settings(max_body_bytes=1024))
    problem(client.assess(b" " * 1024), 422, "refused-request")
    problem(client.assess(b" " * 1025), 413, "too-large")


def test_a_length_that_is_no_number_is_too_large(client):
    answer = client.request("POST", "/v1/assessments", content=b"{}", headers={**JSON, "content-length": "many"})
    problem(answer, 413, "too-large")


def test_a_length_that_only_looks_like_a_number_is_too_large(client):
    superscript_two = [(b"content-type", b"application/json"), (b"content-length", "²".encode("latin-1"))]
    answer = client.request("POST", "/v1/assessments", content=b"{}", headers=superscript_two)
    problem(answer, 413, "too-large")


def test_a_length_of_five_thousand_digits_is_too_large(client):
    answer = client.request("POST", "/v1/assessments", content=b"{}", headers={**JSON, "content-length": "9" * 5000})
    problem(answer, 413, "too-large")


def test_a_form_is_an_unsupported_media_type(client):
    answer = client.request("POST", "/v1/assessments", data={"patient": "zebra"})
    assert problem(answer, 415, "unsupported-media-type")["detail"].startswith("Send content-type: application/json")


def test_a_body_that_does_not_say_what_it_is_is_an_unsupported_media_type(client):
    problem(client.request("POST", "/v1/assessments", content=b"{}"), 415, "unsupported-media-type")


def test_a_route_that_is_not_there_is_not_found(client):
    problem(client.get("/v1/zebras"), 404, "not-found")


def test_an_asset_that_is_not_there_is_not_found(client):
    problem(client.get("/static-offline-docs/zebra.js"), 404, "not-found")


def test_a_path_with_a_slash_too_many_is_not_found(client):
    problem(client.get("/v1/rules/"), 404, "not-found")


def test_a_rule_that_is_not_there_is_not_found_and_not_repeated(client):
    answer = client.get("/v1/rules/zebra")
    assert problem(answer, 404, "not-found")["title"] == "No such rule"
    assert "zebra" not in answer.text


def test_evidence_that_is_not_there_is_not_found_and_not_repeated(client):
    answer = client.get("/v1/evidence/zebra")
    assert problem(answer, 404, "not-found")["title"] == "No such record or source"
    assert "zebra" not in answer.text


def test_a_wrong_method_is_told_which_one_is_right(client):
    answer = client.get("/v1/assessments")
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"
