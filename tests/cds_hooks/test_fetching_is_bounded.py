"""A FHIR server can neither keep a call waiting nor fill the memory: what does not come in time or is too large is told."""

import gzip
import time
import tracemalloc
import zlib

import pytest

from service.cds_hooks.catalogue import PREFETCH
from service.cds_hooks.fhir_server import NotFetchedError
from service.settings import Settings
from tests.access.issuer import answering
from tests.cds_hooks.fhir_server import (
    HOST,
    as_json,
    call,
    cards,
    details,
    dripping,
    endless,
    fetched,
    kit,
    never,
    page,
    with_server,
)

SOON = 10.0  # seconds: far more than a bounded call takes, far less than an unbounded one
LABORATORY = kit()["prefetch"]["laboratory"]
SLOW = {
    "never": never,
    "dripping": dripping,
    "dripping JSON": lambda ehr: dripping(ehr, b'{"resourceType": "Bundle", "entry": ['),
    "endless pages": lambda ehr: as_json(page([], "laboratory-again")),
}


@pytest.mark.parametrize("how", SLOW)
def test_a_slow_server_does_not_keep_the_call_waiting(start, ehr, how):
    service = start(Settings(fhir_allowed_hosts=HOST, fhir_seconds=0.5))
    ehr.says["laboratory"] = SLOW[how](ehr)
    ehr.says["laboratory-again"] = lambda request: time.sleep(0.1) or as_json(page([], "laboratory-again"))(request)
    started = time.monotonic()
    answer = call(service, with_server(kit(), ehr.base, "laboratory"))
    assert time.monotonic() - started < SOON
    assert "Not used: `prefetch laboratory`" in details(answer)


def test_a_server_that_never_answers_anything_costs_the_time_of_one_answer(start, ehr):
    service = start(Settings(fhir_allowed_hosts=HOST, fhir_seconds=1.5))
    ehr.says |= dict.fromkeys(PREFETCH, never(ehr))
    started = time.monotonic()
    answer = call(service, with_server(kit(), ehr.base, *PREFETCH))
    assert 1.4 < time.monotonic() - started < SOON
    assert answer.status_code == 412
    assert "prefetch.patient" in answer.text


def test_while_one_call_waits_for_its_server_another_is_answered(start, ehr):
    service = start(Settings(fhir_allowed_hosts=HOST, fhir_seconds=3))
    ehr.says["laboratory"] = never(ehr)

    async def both():
        client = service._client
        path, slow = "/cds-services/prrt-patient-view", with_server(kit(), ehr.base, "laboratory")
        waiting = service._runner.get_loop().create_task(client.post(path, json=slow))
        quick = await client.post(path, json=kit())
        was_first = not waiting.done()
        return quick.status_code, was_first, (await waiting).status_code

    assert service._runner.run(both()) == (200, True, 200)


def test_a_page_that_is_slow_counts_with_those_before_it(start, ehr):
    service = start(Settings(fhir_allowed_hosts=HOST, fhir_seconds=0.5))
    ehr.says["laboratory"] = as_json(page(LABORATORY["entry"], "page-2"))
    ehr.says["page-2"] = never(ehr)
    assert "Not used: `prefetch laboratory`" in details(call(service, with_server(kit(), ehr.base, "laboratory")))


def test_the_largest_answer_is_a_setting(start, ehr):
    service = start(Settings(fhir_allowed_hosts=HOST, max_fhir_bytes=100_000))
    ehr.says["laboratory"] = as_json({**LABORATORY, "meta": {"tag": ["x" * 60_000]}})
    assert cards(call(service, with_server(kit(), ehr.base, "laboratory"))) == cards(call(service, kit()))
    ehr.says["laboratory"] = as_json({**LABORATORY, "meta": {"tag": ["x" * 100_000]}})
    assert "Not used: `prefetch laboratory`" in details(call(service, with_server(kit(), ehr.base, "laboratory")))


def test_an_answer_of_exactly_the_largest_size_is_read_and_one_byte_more_is_not(ehr):
    body = b'{"resourceType":"Patient","id":"demo-017"}'
    ehr.says["patient"] = answering(body)
    assert fetched(ehr, most_bytes=len(body))["id"] == "demo-017"
    with pytest.raises(NotFetchedError, match="too-large"):
        fetched(ehr, most_bytes=len(body) - 1)


def test_an_endless_answer_is_left(ehr):
    ehr.says["patient"] = endless(ehr)
    with pytest.raises(NotFetchedError, match="too-large"):
        fetched(ehr, most_bytes=200_000, seconds=SOON)


def test_an_answer_that_says_it_is_huge_is_not_waited_for(ehr):
    ehr.says["patient"] = answering(b"{}", Content_Length=str(10**12))
    with pytest.raises(NotFetchedError):
        fetched(ehr, most_bytes=200_000, seconds=SOON)


def test_the_pages_of_a_search_together_are_no_larger_than_one_answer_may_be(ehr):
    big = {"resource": {"resourceType": "Observation", "note": [{"text": "x" * 60_000}]}}
    for number in range(1, 10):
        ehr.says[f"page-{number}"] = as_json(page([big], f"page-{number + 1}"))
    ehr.says["page-10"] = as_json(page([big]))
    with pytest.raises(NotFetchedError, match="too-large"):
        fetched(ehr, "page-1", most_bytes=100_000)


def bomb(layers, megabytes=64):
    """Compressed spaces, compressed again."""
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join([*(packed.compress(b" " * 1_000_000) for _ in range(megabytes)), packed.flush()])
    for _ in range(layers - 1):
        body = gzip.compress(body, 9)
    return answering(body, Content_Encoding=", ".join(["gzip"] * layers))


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_an_answer_that_is_compressed_does_not_fill_the_memory(ehr, layers):
    ehr.says["patient"] = bomb(layers)
    tracemalloc.start()
    try:
        with pytest.raises(NotFetchedError):
            fetched(ehr, most_bytes=100_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16_000_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "x-unknown", "gzip, gzip", "identity, x"])
def test_an_answer_that_is_not_what_it_says_does_not_stop_the_call(start, ehr, encoding):
    ehr.says["laboratory"] = as_json(LABORATORY, Content_Encoding=encoding)
    service = start(Settings(fhir_allowed_hosts=HOST))
    assert call(service, with_server(kit(), ehr.base, "laboratory")).status_code == 200


RAW = {
    "closed at once": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "a status that is none": b"HTTP/1.1 2000 Very OK\r\n\r\n{}",
    "endless headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000,
    "a header that is none": b"HTTP/1.1 200 OK\r\n: x\r\n\r\n{}",
    "less than it says": b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"resourceType":"Bundle"}',
    "a broken chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "an upgrade": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
}


@pytest.mark.parametrize("what", RAW)
def test_an_answer_that_is_no_http_does_not_stop_the_call(start, ehr, what):
    ehr.says["laboratory"] = lambda request: request.wfile.write(RAW[what])
    service = start(Settings(fhir_allowed_hosts=HOST, fhir_seconds=1))
    started = time.monotonic()
    answer = call(service, with_server(kit(), ehr.base, "laboratory"))
    assert time.monotonic() - started < SOON
    assert "Not used: `prefetch laboratory`" in details(answer)


def test_after_trouble_the_server_is_asked_again(start, ehr):
    service = start(Settings(fhir_allowed_hosts=HOST, fhir_seconds=1))
    for trouble in (*(SLOW[how](ehr) for how in ("never", "dripping")), lambda request: request.wfile.write(b"")):
        ehr.says["laboratory"] = trouble
        call(service, with_server(kit(), ehr.base, "laboratory"))
    ehr.says.clear()
    assert cards(call(service, with_server(kit(), ehr.base, "laboratory"))) == cards(call(service, kit()))
