"""Traces of requests, sent where OTEL_EXPORTER_OTLP_ENDPOINT says; without it nothing is made and nothing is sent.

A span holds route, method and status, never a path, an exception's words or a value.
"""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, Tracer, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_context = TraceContextTextMapPropagator()
_NO_SPAN: AbstractContextManager[Span] = nullcontext(INVALID_SPAN)


class Tracing:
    """The spans of one application."""

    def __init__(self) -> None:
        self._provider = _exporting() if any(os.environ.get(name) for name in _ENDPOINTS) else None
        self._tracer: Tracer | None = self._provider.get_tracer("prrt-cds") if self._provider else None

    def request(self, method: str, headers: Mapping[str, str]) -> AbstractContextManager[Span]:
        """The span of one request, below the caller's if it told one."""
        if self._tracer is None:
            return _NO_SPAN
        return self._tracer.start_as_current_span(
            method, _context.extract(headers), SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        )

    def step(self, name: str) -> AbstractContextManager[Span]:
        """A part of a request."""
        if self._tracer is None:
            return _NO_SPAN
        return self._tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False)

    def close(self) -> None:
        """Send what is left."""
        shutdown = getattr(self._provider, "shutdown", None)
        if shutdown:
            shutdown()


def _exporting() -> TracerProvider:
    # Only here: the request path without traces does not need these imports.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider as ExportingProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = ExportingProvider(resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "prrt-cds")}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
