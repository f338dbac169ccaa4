"""JSON logs that cannot hold a patient value: only the keys below are ever written."""

import logging
import sys
from typing import Any

import structlog

ALLOWED_KEYS = frozenset(
    {"event", "level", "timestamp", "logger", "request_id", "route", "method", "status", "duration_ms", "error", "where"}
)


def _only_allowed_keys(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {key: value for key, value in event.items() if key in ALLOWED_KEYS}


def configure_logs() -> None:
    """Send every log line of the process through the allow-list, as one JSON object per line."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[_only_allowed_keys, structlog.processors.JSONRenderer()],
        )
    )
    # A line that cannot be written is lost; Python would print its traceback, values and all.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers = [handler]
    # A library's lines may carry an address, and an address a patient's id.
    root.setLevel(logging.WARNING)
    for ours in ("service", "uvicorn"):
        logging.getLogger(ours).setLevel(logging.INFO)
    # Its lines carry the URL; ours carry the route.
    logging.getLogger("uvicorn.access").disabled = True
