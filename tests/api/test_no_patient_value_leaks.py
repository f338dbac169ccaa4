"""No patient data in logs, and no input in an error: over mutated requests that carry canaries.

Where it could break: `patient/reading.py` (refusals), `api/problems.py` (bodies), `api/request_log.py`
and `logs.py` (lines), and uvicorn's own lines.
"""

import copy
import json
import socket
from urllib.parse import urlsplit

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.logs import ALLOWED_KEYS
from tests.conftest import EXAMPLES, serving

PATIENT = json.loads((EXAMPLES / "skeletal-metastases-cycle-3.json").read_text("utf-8"))
OF_A_REQUEST = {"event", "level", "timestamp", "logger", "request_id", "route", "method", "status", "duration_ms"}
CANARY_NUMBERS = st.integers(471_100_000_000, 471_199_999_999)
CANARIES = st.one_of(
    CANARY_NUMBERS,
    CANARY_NUMBERS.map(lambda number: -number),
    CANARY_NUMBERS.map(lambda number: number / 10**11),
    CANARY_NUMBERS.map(lambda number: f"Zebra {number}"),
    CANARY_NUMBERS.map(lambda number: f"Zebra \n\u2028\u001b[31m{number}"),
    CANARY_NUMBERS.map(lambda number: [number]),
    CANARY_NUMBERS.map(lambda number: {f"Zebra {number}": number}),
)
deterministic = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def digits(canary):
    """What must not be seen: the digits are the canary's alone."""
    return "".join(each for each in json.dumps(canary).replace("\\u2028", "").replace("u001b[31m", "") if each.isdigit())[:12]


def places(node, path=()):
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in children:
        yield from places(child, (*path, step))


PLACES = [path for path in places(PATIENT) if path]


def put(told, path, canary):
    node = told
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = canary


def nothing_leaks(client, answer, *canaries):
    log = client.log.getvalue()
    client.log.seek(0)
    client.log.truncate()
    for line in log.splitlines():
        assert set(json.loads(line)) <= ALLOWED_KEYS
    assert json.loads(log.splitlines()[-1]).keys() == OF_A_REQUEST
    for canary in (*canaries, "Zebra", "demo-017", "1961-04-02", "lanreotide"):
        assert canary not in log
        assert answer.status_code == 200 or canary not in answer.text


@deterministic
@given(path=st.sampled_from(PLACES), canary=CANARIES)
def test_a_value_that_is_replaced_is_never_seen_again(client, path, canary):
    told = copy.deepcopy(PATIENT)
    put(told, path, canary)
    answer = client.assess(told)
    assert answer.status_code in {200, 422}
    nothing_leaks(client, answer, digits(canary))


@deterministic
@given(path=st.sampled_from(PLACES), number=CANARY_NUMBERS)
def test_the_name_of_an_unknown_field_is_never_seen_again(client, path, number):
    told = copy.deepcopy(PATIENT)
    put(told, path, {f"Zebra {number}": 1})
    answer = client.assess(told)
    assert answer.status_code == 422
    nothing_leaks(client, answer, str(number))


@deterministic
@given(number=CANARY_NUMBERS, start=st.integers(0, 3000), length=st.integers(0, 200))
def test_a_damaged_text_is_never_seen_again(client, number, start, length):
    body = json.dumps(PATIENT).encode()
    answer = client.assess(body[:start] + f"Zebra {number}".encode() + body[start + length :])
    assert answer.status_code in {200, 422}
    nothing_leaks(client, answer, str(number))


@deterministic
@given(path=st.sampled_from(PLACES), number=CANARY_NUMBERS)
def test_a_key_that_stands_twice_does_not_show_its_values(client, path, number):
    told = copy.deepcopy(PATIENT)
    put(told, path, {"placeholder": 1})
    twice = f'"Zebra {number}": {number}, "Zebra {number}": "{number}"'
    answer = client.assess(json.dumps(told).replace('"placeholder": 1', twice).encode())
    assert answer.status_code == 422
    nothing_leaks(client, answer, str(number))


@deterministic
@given(
    number=CANARY_NUMBERS,
    method=st.sampled_from(["GET", "POST", "ZEBRA"]),
    route=st.sampled_from(["/v1/rules/{}", "/v1/evidence/{}", "/{}", "/livez?patient={}", "/static-offline-docs/{}"]),
)
def test_a_path_a_query_and_a_header_are_never_seen_again(client, number, method, route):
    canary = f"Zebra-{number}"
    headers = {"x-request-id": canary, "user-agent": canary, "content-type": canary, "referer": canary}
    nothing_leaks(client, client.request(method, route.format(canary), headers=headers), str(number))


def test_a_running_server_prints_nothing_of_a_request(tmp_path):
    told = copy.deepcopy(PATIENT)
    with serving(tmp_path) as (server, output):
        told["patient"]["id"] = "Zebra-4711"
        assert httpx.post(f"{server}/v1/assessments", json=told).status_code == 200
        told["disease"]["ki67_percent"] = "Zebra-4711"
        assert httpx.post(f"{server}/v1/assessments", json=told).status_code == 422
        assert httpx.get(f"{server}/v1/rules/Zebra-4711?patient=Zebra-4711").status_code == 404
    lines = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert [line["status"] for line in lines if line["event"] == "request"] == [200, 422, 404]
    assert set().union(*lines) <= ALLOWED_KEYS
    assert "Zebra" not in output.read_text("utf-8")


def sent(server, request):
    """The first line of the answer to a request as it stands on the wire."""
    with socket.create_connection(("127.0.0.1", urlsplit(server).port), timeout=30) as connection:
        connection.sendall(request)
        return connection.makefile("rb").readline().decode()


def test_a_running_server_prints_nothing_of_an_attempt_to_open_a_web_socket(tmp_path):
    with serving(tmp_path) as (server, output):
        sent(
            server,
            b"GET /v1/rules?patient=Zebra-4711 HTTP/1.1\r\nHost: service.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        )
    assert "Zebra" not in output.read_text("utf-8")


def test_a_running_server_prints_nothing_of_a_request_that_is_no_http(tmp_path):
    with serving(tmp_path) as (server, output):
        assert sent(server, b"Zebra-4711 Zebra-4711\r\n\r\n").startswith("HTTP/1.1 400")
    assert "Zebra" not in output.read_text("utf-8")


def test_a_caller_who_hangs_up_is_no_crash_of_the_service(tmp_path):
    with serving(tmp_path) as (server, output), socket.create_connection(("127.0.0.1", urlsplit(server).port)) as connection:
        connection.sendall(
            b"POST /v1/assessments HTTP/1.1\r\nHost: service.test\r\n"
            b"Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
        )
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1000)
    assert '"event": "crash"' not in output.read_text("utf-8")
