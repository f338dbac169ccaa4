"""Traces go where they are told to, and hold nothing of a patient."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.conftest import environment_with, serving

PARENT = "0af7651916cd43dd8448eb211c80319c"


@contextmanager
def sink() -> Iterator[tuple[str, list[bytes]]]:
    """A collector that keeps what it is sent."""
    kept: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", kept
    finally:
        server.shutdown()
        server.server_close()


def test_a_request_is_a_span_with_its_steps_and_without_anything_of_the_patient(tmp_path, skeletal):
    skeletal["patient"]["id"] = "Zebra-4711"
    with sink() as (address, kept):
        environment = environment_with(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=address)
        with serving(tmp_path, environment=environment) as (service, _):
            headers = {"content-type": "application/json", "traceparent": f"00-{PARENT}-b7ad6b7169203331-01"}
            assert httpx.post(f"{service}/v1/assessments", content=json.dumps(skeletal), headers=headers).status_code == 200
            assert httpx.get(f"{service}/v1/assessments/Zebra-4711").status_code == 404
    told = [ExportTraceServiceRequest.FromString(each) for each in kept]
    spans = [span for each in told for resource in each.resource_spans for scope in resource.scope_spans for span in scope.spans]
    names = {span.name for span in spans}
    assert {"POST /v1/assessments", "GET /v1/assessments/{id}", "read", "assess", "present", "record"} <= names
    (request,) = (span for span in spans if span.name == "POST /v1/assessments")
    assert request.trace_id.hex() == PARENT
    assert {span.trace_id.hex() for span in spans if span.name in ("read", "assess", "present", "record")} == {PARENT}
    assert b"ebra" not in b"".join(kept)
    assert b"demo" not in b"".join(kept)


def test_without_an_endpoint_nothing_is_sent(tmp_path, skeletal):
    with sink() as (_, kept), serving(tmp_path) as (service, _):
        assert httpx.post(f"{service}/v1/assessments", json=skeletal).status_code == 200
    assert kept == []
