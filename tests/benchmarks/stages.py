"""Where the CPU time of one request goes: each stage in its place in a whole request, by the clock of this thread.

A stage repeated by itself would find everything it needs in the processor's caches, and cost half of what it costs in a request.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import thread_time_ns

from pydantic_core import to_json

from service.assessment import Assessment
from service.audit.database import Database
from service.audit.entry import Draft, new_id, now
from service.audit.store import Store
from service.facts import derive_facts
from service.next_cycle import derive_next_cycle
from service.patient import PatientState
from service.patient.reading import read_json
from service.presentation.as_json import as_json
from service.risk.answers import answer_questions
from service.risk.reference import reference_outcomes
from tests.reading import TODAY, engine

TOGETHER = 16  # entries in one transaction, as at 16 connections
MOST_FIELDS = 60_000
WARM_UP = 20
TIME = datetime(2026, 3, 10, tzinfo=UTC)
RULE = "rule "  # begins the name of a rule's stage


class Clock:
    """The CPU time of each stage, in microseconds, once for each pass."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Time one stage."""
        started = thread_time_ns()
        yield
        self.taken.setdefault(stage, []).append((thread_time_ns() - started) / 1000)

    @property
    def medians(self) -> dict[str, float]:
        """The median of each stage, without those passes in which things were warming up."""
        return {stage: median(taken[WARM_UP:]) for stage, taken in self.taken.items()}


def stages(body: bytes, repetitions: int) -> dict[str, float]:
    """Microseconds of CPU for each stage of one request, in their order."""
    clock = Clock()
    with TemporaryDirectory() as folder:
        store = Store(Database(Path(folder), None, 5))
        with closing(store.database):
            store.open()
            for _ in range(WARM_UP + max(repetitions // TOGETHER, 1)):
                drafts = [_pass(body, clock) for _ in range(TOGETHER)]
                with clock.of("store"):
                    store.append(drafts)
    found = clock.medians
    return found | {"store": found["store"] / TOGETHER}


def _pass(body: bytes, clock: Clock) -> Draft:
    """One request without HTTP, up to the draft of its entry."""
    asked = engine()
    with clock.of("parse"):
        told = read_json(body, MOST_FIELDS, allow_nan=True)
    with clock.of("validate"):
        state = PatientState.model_validate(told, context={"today": TODAY})
    with clock.of("facts"):
        facts = derive_facts(state)
    verdicts = []
    for rule in asked.rules:
        with clock.of(f"{RULE}{rule.name}"):
            verdicts.append(rule(facts))
    with clock.of("next cycle"):
        next_cycle = derive_next_cycle(tuple(verdicts), facts)
    with clock.of("risk"):
        risks, references = answer_questions(asked.models, facts), reference_outcomes(facts)
    assessment = Assessment(new_id(), TIME, facts, asked.knowledge, tuple(verdicts), next_cycle, risks, references)
    with clock.of("assemble"):
        presented = as_json(assessment)
    with clock.of("serialise"):
        answer = to_json(presented)
    return Draft(new_id(), "assessment", now(), "bench", patient_id="bench", ground=asked.ground, request=body, answer=answer)
