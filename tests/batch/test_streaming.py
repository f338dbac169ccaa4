"""A batch as a stream: nothing is answered before it is durable, nothing is read that cannot be answered, every end is seen."""

import asyncio
from concurrent.futures import BrokenExecutor

import pytest

from service.api import batch as batches
from service.api import batch_stream
from service.api.batch import MOST_BATCHES
from service.audit import recorder as recording
from service.audit.entry import RecordUnavailableError
from service.batch import workers
from service.risk.artefacts import ModelRefusedError
from tests.audit.waiting import until
from tests.batch.duplex import Duplex

pytestmark = pytest.mark.usefixtures("without_processes")
A_PATIENT = {"patient": {"id": "p-1", "sex": "female"}}


def scenario(client, play, **how):
    """Play a scenario with a batch that is begun; nothing of it may be left running."""

    async def played():
        others = asyncio.all_tasks()
        found = await play(Duplex(client.app, **how))
        await asyncio.sleep(0.05)  # what was cancelled has ended
        assert asyncio.all_tasks() == others
        assert client.app.state.batches._running == 0
        return found

    return client._runner.run(played())


def recorded(client):
    return sum(entry.draft.kind == "assessment" for entry in client.app.state.recorder.store.every())


def test_a_line_is_answered_while_the_next_is_still_awaited(client):
    async def play(caller):
        for number in (1, 2, 3):
            caller.put(A_PATIENT)
            assert len(await caller.answered(number)) == number
            assert not caller.is_complete
        return await caller.ended()

    assert len(scenario(client, play)) == 3


def test_nothing_is_answered_that_is_not_in_the_record(client):
    found = []

    async def taking():
        found.append((recorded(client), len(callers[0].lines)))

    callers = []

    async def play(caller):
        callers.append(caller)
        caller.put(*[A_PATIENT] * 40)
        return await caller.ended()

    assert len(scenario(client, play, taking=taking)) == 40
    # at the sending of each part: all that was sent before and the part itself are there
    before = [sent for _, sent in found]
    assert all(there >= later for (there, _), later in zip(found, [*before[1:], 40], strict=True))


def test_a_reader_who_takes_nothing_stops_the_reading_of_the_request(client):
    async def play(caller):
        for _ in range(1000):
            caller.put(*[A_PATIENT] * 16)
        await asyncio.to_thread(until, lambda: recorded(client))
        await asyncio.sleep(0.3)
        assert (recorded(client), caller.asked < 20) == (16, True)
        await caller.cut()

    async def never():
        await asyncio.Event().wait()

    scenario(client, play, taking=never)


def test_a_reader_who_takes_nothing_for_long_is_left(client, monkeypatch):
    monkeypatch.setattr(batch_stream, "STALLED_SECONDS", 0.1)

    async def never():
        await asyncio.Event().wait()

    async def play(caller):
        caller.put(A_PATIENT)
        await asyncio.wait_for(caller.task, 20)
        assert not caller.is_complete

    scenario(client, play, taking=never)


def test_who_leaves_stops_the_work(client):
    async def play(caller):
        caller.put(A_PATIENT)
        await caller.answered(1)
        await caller.gone()
        assert not caller.is_complete

    scenario(client, play)
    assert recorded(client) == 1


def test_a_record_that_fails_on_the_way_ends_the_stream_with_a_line_that_says_where(client, monkeypatch):
    monkeypatch.setattr(recording, "SECONDS_BETWEEN_TRIES", 100)

    async def play(caller):
        caller.put(A_PATIENT, b"", A_PATIENT)
        await caller.answered(2)

        def away(drafts):
            raise RecordUnavailableError("The disk of the record is full.")

        monkeypatch.setattr(client.app.state.recorder.store, "append", away)
        caller.put(A_PATIENT, A_PATIENT)
        await asyncio.wait_for(caller.task, 20)
        assert caller.is_complete
        return caller.lines

    *answered, last = scenario(client, play)
    assert len(answered) == 2
    assert last == {
        "type": "urn:prrt-cds:problem:record-unavailable",
        "title": "The record cannot be written",
        "status": 503,
        "detail": "The disk of the record is full.",
        "errors": [],
        "line": 4,
    }


def ends(client, patients=1):
    """Status and last line of a batch whose end is not awaited."""

    async def play(caller):
        if patients:
            caller.put(*[A_PATIENT] * patients)
        await asyncio.wait_for(caller.task, 20)
        return caller.status, caller.lines[-1]

    return scenario(client, play)


def raising(error):
    def begin(*_):
        raise error

    return begin


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (BrokenExecutor("gone"), "interrupted"),
        (workers.OtherKnowledgeError(workers.OTHER_KNOWLEDGE), "not-ready"),
        (ModelRefusedError("overall_survival: the digest of the artefact is not the manifest's."), "not-ready"),
    ],
)
def test_what_ends_a_batch_before_its_first_answer_has_a_status_of_its_own(client, monkeypatch, error, kind):
    monkeypatch.setattr(batches, "SHORT", 0)
    monkeypatch.setattr(workers, "assess_chunk", raising(error))
    status, problem = ends(client)
    assert (status, problem["status"], problem["type"]) == (503, 503, f"urn:prrt-cds:problem:{kind}")
    assert "line" not in problem


def test_a_short_batch_starts_no_process_and_a_long_one_does(client):
    for patients, started in ((batches.SHORT, False), (batches.SHORT + 1, True)):
        assert [each["patient_id"] for each in whole(client, patients)] == ["p-1"] * patients
        assert bool(client.app.state.batches._pool) == started


def whole(client, patients):
    async def play(caller):
        caller.put(*[A_PATIENT] * patients)
        return await caller.ended()

    return scenario(client, play)


def test_after_a_process_has_ended_the_rest_can_be_sent_again(client, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(workers, "assess_chunk", raising(BrokenExecutor("gone")))
        status, last = ends(client, batches.SHORT + 1)
    assert (status, last["type"], last["line"]) == (200, "urn:prrt-cds:problem:interrupted", batches.SHORT + 1)
    assert client.app.state.batches._pool is None
    assert len(whole(client, batches.SHORT + 1)) == batches.SHORT + 1


def test_a_record_that_is_overloaded_ends_the_batch(client, monkeypatch):
    monkeypatch.setattr(recording, "MOST_WAITING", 0)
    assert ends(client)[1]["type"] == "urn:prrt-cds:problem:overloaded"


def test_a_body_that_stops_ends_the_batch(client, monkeypatch):
    monkeypatch.setattr(batch_stream, "BODY_SECONDS", 0.5)
    status, last = ends(client, 2)
    assert (status, last["status"], last["line"]) == (200, 408, 3)
    status, problem = ends(client, 0)
    assert (status, problem["status"]) == (408, 408)


def test_more_batches_than_there_may_be_are_refused_and_the_others_go_on(client):
    async def play(caller):
        callers = [caller, *(Duplex(client.app) for _ in range(MOST_BATCHES - 1))]
        for each in callers:
            each.put(A_PATIENT)
            await each.answered(1)
        refused = Duplex(client.app)
        await asyncio.wait_for(refused.task, 20)
        assert (refused.status, refused.lines[0]["type"]) == (503, "urn:prrt-cds:problem:overloaded")
        return [len(await each.ended()) for each in callers]

    assert scenario(client, play) == [1] * MOST_BATCHES


def test_the_processes_end_when_no_batch_has_run_for_a_while(client, monkeypatch):
    monkeypatch.setattr(batches, "IDLE_SECONDS", 0)
    whole(client, batches.SHORT + 1)
    assert client.app.state.batches._pool is None
    monkeypatch.setattr(batches, "IDLE_SECONDS", 0.2)
    whole(client, 1)
    assert client.app.state.batches._idle.cancelled() is False
    whole(client, batches.SHORT + 1)
    assert client.app.state.batches._pool, "the end that was near is put off"


def test_who_asks_something_else_is_answered_while_a_batch_is_assessed(client):
    async def play(caller):
        caller.put(*[A_PATIENT] * batches.SHORT)
        between = []
        ending = asyncio.create_task(caller.ended())
        while not ending.done():
            await asyncio.sleep(0)
            answer = await client._client.get("/livez")
            between.append((answer.status_code, len(caller.body)))
        return between

    between = scenario(client, play)
    assert {status for status, _ in between} == {200}
    assert len({size for _, size in between}) > 2, "between the chunks too"


def test_what_was_begun_ahead_is_given_up_with_the_rest():
    async def told():
        yield 1
        yield 2

    async def play():
        begun = []

        def begin(number):
            begun.append(asyncio.get_running_loop().create_future())
            if number == 1:
                begun[0].set_result("one")
            return begun[-1]

        made = batch_stream.in_order(told(), begin, 2)
        assert await anext(made) == "one"
        await asyncio.sleep(0.01)
        await made.aclose()
        return [each.cancelled() for each in begun]

    assert asyncio.run(play()) == [False, True]
