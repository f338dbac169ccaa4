"""The engine with its record: nothing is answered, shown or reviewed before it is durable."""

import re
from asyncio import to_thread
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic_core import from_json, to_json

from service.audit.entry import Card, Draft, Entry, KeyReusedError, Kind, as_recorded, new_id, now
from service.audit.recorder import Recorder
from service.batch.assessing import Answered, counted
from service.engine import Engine
from service.intake.trace import Intake
from service.metrics import Metrics
from service.patient import PatientState
from service.presentation.as_json import as_json
from service.presentation.wire import AssessmentOut
from service.presentation.wire_record import ReviewOut
from service.tracing import Tracing

_AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ErasedError(Exception):
    """The assessment was erased from the record."""


def no_cards(_: AssessmentOut) -> tuple[Card, ...]:
    """For an answer that is not shown as cards."""
    return ()


@dataclass(frozen=True, slots=True)
class RecordedEngine:
    """Assesses, and keeps what was asked and answered. Raises RecordUnavailableError and RecordOverloadedError."""

    engine: Engine
    recorder: Recorder
    metrics: Metrics
    tracing: Tracing

    async def assess(self, body: bytes, caller: str, idempotency_key: str | None = None) -> tuple[Entry, bool]:
        """The recorded assessment of the patient in a body, and whether it was there already.

        Raises RefusedRequest for the body, KeyReusedError for a key that came with another body.
        """
        with self.tracing.step("read"):
            state = self.engine.read(body)
        return await self._assess(state, None, body, caller, idempotency_key, no_cards)

    async def read_fhir(self, body: bytes) -> Intake:
        """The patient in FHIR resources, read beside the event loop: there may be thousands. Raises RefusedRequest."""
        with self.tracing.step("read"):
            return await to_thread(self.engine.read_fhir, body)

    async def assess_intake(
        self,
        intake: Intake,
        body: bytes,
        caller: str,
        idempotency_key: str | None = None,
        cards: Callable[[AssessmentOut], Sequence[Card]] = no_cards,
    ) -> tuple[Entry, bool]:
        """The recorded assessment of what was read from a body; `cards` are those that the answer will be shown as."""
        return await self._assess(intake.state, intake, body, caller, idempotency_key, cards)

    async def _assess(
        self,
        state: PatientState,
        intake: Intake | None,
        body: bytes,
        caller: str,
        idempotency_key: str | None,
        cards: Callable[[AssessmentOut], Sequence[Card]],
    ) -> tuple[Entry, bool]:
        with self.tracing.step("assess"):
            assessment = self.engine.assess(state)
        with self.tracing.step("present"):
            told = as_json(assessment, intake)
            answer = to_json(told)
        draft = Draft(
            id=assessment.id,
            kind="assessment",
            created_at=now(),
            caller=caller,
            patient_id=assessment.facts.state.patient.id,
            ground=self.engine.ground,
            request=body,
            answer=answer,
            idempotency_key=sha256(f"{caller}\0{idempotency_key}".encode()).hexdigest() if idempotency_key else None,
            cards=tuple(cards(told)),
        )
        with self.tracing.step("record"):
            entry = await self.recorder.record(draft)
        was_there = entry.draft is not draft  # what was made of this draft just now need not be checked against its digests
        if was_there and as_recorded(entry).draft.request != body:
            raise KeyReusedError
        replayed = entry.draft.id != draft.id
        if not replayed:
            self._count(*counted(assessment))
        return entry, replayed

    def _count(self, *told: tuple[str, ...]) -> None:
        for (metric, *labels), times in Counter(told).items():
            getattr(self.metrics, metric).labels(*labels).inc(times)

    async def record_chunk(self, answered: Sequence[Answered], caller: str) -> None:
        """Record what was assessed elsewhere on our ground, in one transaction."""
        if not answered:
            return
        moment, ground = now(), self.engine.ground
        drafts = [
            Draft(
                each.id, "assessment", moment, caller,
                patient_id=each.patient_id, ground=ground, request=each.request, answer=each.answer,
            )
            for each in answered
        ]  # fmt: skip
        with self.tracing.step("record"):
            await self.recorder.record_together(drafts)
        self._count(*(told for each in answered for told in each.counted))

    async def read(self, assessment_id: str, caller: str) -> Entry | None:
        """A stored assessment, its reading recorded; None if there is none. Raises ErasedError."""
        entry = await self._assessment(assessment_id)
        if entry:
            await self._record("reading", caller, subject=entry.draft.id)
        return entry

    async def search(self, body: bytes, patient_id: str, limit: int, after: str | None, caller: str) -> list[Entry]:
        """The assessments of one patient, latest first, the search recorded."""
        await self._record("search", caller, patient_id=patient_id, request=body)
        return [as_recorded(each) for each in await self.recorder.look(self.recorder.store.of_patient, patient_id, limit, after)]

    async def review(self, review: ReviewOut, body: bytes, caller: str) -> Entry | None:
        """The recorded review of an assessment; None if there is no such assessment. Raises ErasedError."""
        entry = await self._assessment(review["assessment_id"])
        if entry is None:
            return None
        return await self.recorder.record(
            Draft(
                id=review["id"],
                kind="review",
                created_at=review["created_at"],
                caller=caller,
                subject=entry.draft.id,
                patient_id=entry.draft.patient_id,
                request=body,
                answer=to_json(review),
            )
        )

    async def reviews(self, assessment_id: str, caller: str) -> list[ReviewOut] | None:
        """The reviews of an assessment, as `reviews_of` tells them, the reading recorded; None if there is no such assessment."""
        entry = await self.read(assessment_id, caller)
        return None if entry is None else await self.reviews_of(entry)

    async def reviews_of(self, entry: Entry) -> list[ReviewOut]:
        """The reviews of an assessment that was read, earliest first, as they were answered."""
        found = await self.recorder.look(self.recorder.store.about, entry.draft.id, "review")
        return [from_json(as_recorded(each).draft.answer) for each in found if not each.is_erased]

    async def feedback(
        self, card_id: str, body: bytes, answer: Callable[[Entry, str], bytes | None], caller: str
    ) -> Entry | None:
        """The recorded feedback on a card; None if no such card was shown.

        `answer` is told the assessment that the card stands on and what it speaks of; it gives None for a card that is not meant.
        """
        found = await self.recorder.look(self.recorder.store.of_card, card_id)
        if found is None:
            return None
        entry, topic = found
        patient_id = None if as_recorded(entry).is_erased else entry.draft.patient_id
        told = answer(entry, topic)
        if told is None:
            return None
        return await self._record("feedback", caller, subject=entry.draft.id, patient_id=patient_id, request=body, answer=told)

    async def _assessment(self, assessment_id: str) -> Entry | None:
        if not _AN_ID.fullmatch(assessment_id):
            return None
        entry = await self.recorder.look(self.recorder.store.find, assessment_id)
        if entry and as_recorded(entry).is_erased:
            raise ErasedError
        return entry

    async def _record(self, kind: Kind, caller: str, **more: Any) -> Entry:
        return await self.recorder.record(Draft(new_id(), kind, now(), caller, **more))
