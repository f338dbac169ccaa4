"""What the service counts about itself. No label ever holds anything of a patient or of a caller."""

from collections.abc import Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
COMMIT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
REASONS = ("overloaded", "rate", "unauthenticated", "forbidden")
BATCH_ENTRIES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The metrics of one application, in a registry of their own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter("prrt_requests", "Requests answered.", ("route", "method", "status"), registry=registry)
        self.request_seconds = Histogram(
            "prrt_request_seconds", "Time to answer, in seconds.", ("route", "method"), buckets=REQUEST_SECONDS, registry=registry
        )
        self.refused = Counter("prrt_requests_refused", "Requests not let in.", ("reason",), registry=registry)
        for reason in REASONS:  # a series that begins at one hides its first event
            self.refused.labels(reason)
        self.verdicts = Counter("prrt_verdicts", "Verdicts given.", ("rule", "status", "urgency"), registry=registry)
        self.next_cycle = Counter("prrt_next_cycle", "Decisions for the next cycle.", ("decision",), registry=registry)
        self.risks = Counter("prrt_risks", "Risk questions answered or refused.", ("question", "status"), registry=registry)
        self.commit_seconds = Histogram(
            "prrt_record_commit_seconds", "Time of one commit, in seconds.", buckets=COMMIT_SECONDS, registry=registry
        )
        self.batch_entries = Histogram(
            "prrt_record_batch_entries", "Entries in one commit.", buckets=BATCH_ENTRIES, registry=registry
        )
        self.queue_entries = Gauge("prrt_record_queue_entries", "Entries that wait to be written.", registry=registry)
        self.record_failures = Counter("prrt_record_failures", "Commits that failed.", registry=registry)
        self.position = Gauge("prrt_record_position", "Position of the last entry this process wrote.", registry=registry)
        self.ready = Gauge("prrt_ready", "Whether the service can answer (1) or not (0).", registry=registry)
        self._knowledge = Info("prrt_knowledge", "What the service knows.", registry=registry)
        self._models = Info("prrt_model", "Each model that is served.", ("model",), registry=registry)

    def committed(self, entries: int, seconds: float, position: int) -> None:
        """One transaction of the record was committed."""
        self.batch_entries.observe(entries)
        self.commit_seconds.observe(seconds)
        self.position.set(position)

    def failed(self) -> None:
        """One transaction of the record failed."""
        self.record_failures.inc()

    def waiting(self, entries: int) -> None:
        """So many entries wait to be written."""
        self.queue_entries.set(entries)

    def knows(self, service: str, rules: str, models: Mapping[str, tuple[str, str]]) -> None:
        """The knowledge that answers come from: versions of service and rules; version and sha256 of each model."""
        self._knowledge.info({"version": service, "rules": rules})
        for name, (version, sha256) in models.items():
            self._models.labels(name).info({"version": version, "sha256": sha256})

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)
