"""Group commit: what waits is appended together, and nobody is answered before it is durable. Over a store that is held up."""

import asyncio
from contextlib import contextmanager
from threading import Semaphore, Thread

import pytest

from service.audit import recorder as recording
from service.audit.database import Database
from service.audit.entry import BEFORE_THE_FIRST, RecordUnavailableError, chained
from service.audit.recorder import Recorder, RecordOverloadedError
from service.audit.store import BEHIND, Store
from tests.audit.places import about, findings, upgrade
from tests.audit.waiting import LONGEST as WAIT
from tests.audit.waiting import until

CANARY = "zebra-4711"


class HeldStore:
    """A store without a database, whose `append` waits until it is let through and whose `open` and `append` may fail."""

    def __init__(self):
        self.database = self
        self.groups, self.failures, self.opens, self.closed = [], [], [], False
        self.begun, self.let = Semaphore(0), Semaphore(0)
        self.opened = 0

    def open(self):
        self.opened += 1
        if self.opens:
            raise self.opens.pop(0)

    def append(self, drafts):
        assert not self.closed
        self.groups.append([draft.id for draft in drafts])
        self.begun.release()
        assert self.let.acquire(timeout=WAIT)
        if self.failures:
            raise self.failures.pop(0)
        before = sum(map(len, self.groups[:-1]))
        return [chained(draft, before + number, BEFORE_THE_FIRST, b"") for number, draft in enumerate(drafts, 1)]

    def close(self):
        self.closed = True


class Heard:
    """What the recorder says of itself."""

    def __init__(self):
        self.commits, self.failures, self.queue = [], 0, []

    def committed(self, entries, seconds, position):
        assert seconds >= 0
        self.commits.append((entries, position))

    def failed(self):
        self.failures += 1

    def waiting(self, entries):
        self.queue.append(entries)


@pytest.fixture
def store():
    return HeldStore()


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def recorder(store, heard, monkeypatch):
    """A recorder at work; what is held up in the end is let through."""
    monkeypatch.setattr(recording, "SECONDS_BETWEEN_TRIES", 0.01)
    with at_work(Recorder(store, heard), store) as recorder:
        yield recorder


@contextmanager
def at_work(recorder, store):
    recorder.start()
    recorder.wait_for_the_first_try()
    yield recorder
    for _ in range(100):
        store.let.release()
    closed_in_time(recorder)


def closed_in_time(recorder):
    closing = Thread(target=recorder.close, daemon=True)
    closing.start()
    closing.join(WAIT)
    assert not closing.is_alive()


def run(scenario):
    """Run a scenario, which may not take for ever."""
    return asyncio.run(asyncio.wait_for(scenario, WAIT))


async def begun(store):
    """Wait until the store was asked to append one more group."""
    assert await asyncio.to_thread(store.begun.acquire, timeout=WAIT)


async def waiting(recorder, count, name="waiting"):
    """So many drafts that wait, in their order."""
    before = len(recorder._waiting)
    tasks = [asyncio.create_task(recorder.record(about(CANARY, id=f"{name}-{number}"))) for number in range(1, count + 1)]
    while len(recorder._waiting) < before + count:
        await asyncio.sleep(0)
    return tasks


async def in_hand(recorder, store, count=1, name="in-hand"):
    """So many drafts whose group the store holds up at the moment."""
    tasks = [asyncio.create_task(recorder.record(about(CANARY, id=f"{name}-{number}"))) for number in range(1, count + 1)]
    await begun(store)
    return tasks


async def answers(*tasks):
    """The id of each answer, or the error instead of it."""
    found = await asyncio.gather(*tasks, return_exceptions=True)
    return [each if isinstance(each, BaseException) else each.draft.id for each in found]


def test_what_comes_while_one_group_is_written_shares_the_next(recorder, store, heard):
    async def scenario():
        tasks = await in_hand(recorder, store)
        tasks += await waiting(recorder, 5)
        store.let.release()
        await begun(store)
        store.let.release()
        return await answers(*tasks)

    names = ["waiting-1", "waiting-2", "waiting-3", "waiting-4", "waiting-5"]
    assert run(scenario()) == ["in-hand-1", *names]
    assert store.groups == [["in-hand-1"], names]
    assert heard.commits == [(1, 1), (5, 6)]
    assert max(heard.queue) == 5
    assert heard.queue[-1] == 0


def test_a_group_has_its_bound(recorder, store, monkeypatch):
    monkeypatch.setattr(recording, "MOST_AT_ONCE", 3)

    async def scenario():
        tasks = await in_hand(recorder, store)
        tasks += await waiting(recorder, 7)
        for _ in range(4):
            store.let.release()
        await asyncio.gather(*tasks)

    run(scenario())
    assert [len(group) for group in store.groups] == [1, 3, 3, 1]


def test_nobody_is_answered_before_the_append_returned(recorder, store):
    async def scenario():
        (task,) = await in_hand(recorder, store)
        done, _ = await asyncio.wait([task], timeout=0.05)
        assert not done
        store.let.release()
        entry = await task
        assert (entry.position, entry.draft.id) == (1, "in-hand-1")

    run(scenario())


def test_beyond_the_bound_a_draft_is_refused_and_what_waits_is_not(recorder, store, monkeypatch):
    monkeypatch.setattr(recording, "MOST_WAITING", 3)

    async def scenario():
        tasks = await in_hand(recorder, store)
        tasks += await waiting(recorder, 3)
        with pytest.raises(RecordOverloadedError) as refused:
            await recorder.record(about(CANARY))
        assert CANARY not in repr(refused.value)
        assert recorder.problem is None, "too much is no fault of the store"
        store.let.release()
        await begun(store)
        tasks += await waiting(recorder, 1, "later")
        store.let.release()
        store.let.release()
        return await answers(*tasks)

    assert run(scenario()) == ["in-hand-1", "waiting-1", "waiting-2", "waiting-3", "later-1"]


def test_the_bounds_are_those_that_are_told():
    assert (recording.MOST_WAITING, recording.MOST_AT_ONCE, recording.SECONDS_BETWEEN_TRIES) == (512, 64, 1.0)


def test_an_append_that_fails_refuses_its_group_and_all_that_waits(recorder, store, heard):
    store.failures = [RecordUnavailableError("in its own words")]
    store.opens = [RecordUnavailableError("still away")] * 3

    async def scenario():
        tasks = await in_hand(recorder, store)
        tasks += await waiting(recorder, 4)
        store.let.release()
        return await answers(*tasks)

    refused = run(scenario())
    assert [type(each) for each in refused] == [RecordUnavailableError] * 5
    assert {str(each) for each in refused} == {"in its own words"}
    assert store.groups == [["in-hand-1"]], "what waited was not tried"
    assert (heard.failures, heard.commits) == (1, [])
    assert heard.queue[-1] == 0


@pytest.mark.parametrize("error", [ValueError(CANARY), KeyError(CANARY), ExceptionGroup(CANARY, [OSError(CANARY)])])
def test_an_error_that_is_not_ours_is_told_by_its_type(recorder, store, error):
    store.failures, store.opens = [error], [error] * 3

    async def scenario():
        tasks = await in_hand(recorder, store)
        store.let.release()
        return await answers(*tasks)

    (refused,) = run(scenario())
    assert isinstance(refused, RecordUnavailableError)
    assert str(refused) == f"The record could not be used ({type(error).__name__})."


def test_while_the_store_fails_a_draft_is_refused_at_once_and_afterwards_it_is_not(recorder, store, heard, monkeypatch):
    store.failures = [RecordUnavailableError("away")]
    store.opens = [RecordUnavailableError(f"still away {number}") for number in range(5)]

    async def scenario():
        tasks = await in_hand(recorder, store)
        store.let.release()
        await answers(*tasks)
        await asyncio.to_thread(until, lambda: recorder.problem is None)
        assert store.opened == 1 + 6
        tasks = await in_hand(recorder, store, name="later")
        store.let.release()
        return await answers(*tasks)

    assert run(scenario()) == ["later-1"]
    assert (heard.failures, heard.commits) == (1, [(1, 2)])


def test_the_latest_words_of_a_store_that_fails_are_told(store, heard, monkeypatch):
    monkeypatch.setattr(recording, "SECONDS_BETWEEN_TRIES", 0.01)
    store.opens = [RecordUnavailableError("first"), *[RecordUnavailableError("later")] * 10_000]
    with at_work(Recorder(store, heard), store) as recorder:
        until(lambda: recorder.problem == "later")
        assert [str(each) for each in run(answers(recorder.record(about(CANARY))))] == ["later"]
        store.opens = []
        until(lambda: recorder.problem is None)


def test_a_store_that_cannot_be_opened_is_told_by_the_type_of_its_error(store, heard):
    store.opens = [ZeroDivisionError(CANARY)] * 100
    with at_work(Recorder(store, heard), store) as recorder:
        assert recorder.problem == "The record could not be used (ZeroDivisionError)."
        assert [type(each) for each in run(answers(recorder.record(about(CANARY))))] == [RecordUnavailableError]


def test_a_store_that_is_slow_to_open_is_not_waited_for(store, heard, monkeypatch):
    monkeypatch.setattr(recording, "SECONDS_FOR_THE_FIRST_TRY", 0.01)
    store.open = lambda: store.let.acquire(timeout=WAIT)
    with at_work(Recorder(store, heard), store) as recorder:
        assert recorder.problem == "The record is being opened."
        assert [str(each) for each in run(answers(recorder.record(about(CANARY))))] == ["The record is being opened."]
        store.let.release()
        until(lambda: recorder.problem is None)


def test_who_stops_waiting_is_not_recorded_and_the_others_are(recorder, store):
    async def scenario():
        tasks = await in_hand(recorder, store)
        tasks += await waiting(recorder, 3)
        tasks[2].cancel()
        await asyncio.sleep(0)
        store.let.release()
        await begun(store)
        store.let.release()
        return await answers(*tasks)

    found = run(scenario())
    assert isinstance(found.pop(2), asyncio.CancelledError)
    assert found == ["in-hand-1", "waiting-1", "waiting-3"]
    assert store.groups == [["in-hand-1"], ["waiting-1", "waiting-3"]]


def test_who_stops_waiting_while_it_is_written_breaks_nothing(recorder, store):
    async def scenario():
        tasks = await in_hand(recorder, store)
        tasks += await waiting(recorder, 2)
        store.let.release()
        await begun(store)
        tasks[1].cancel()
        await asyncio.sleep(0)
        store.let.release()
        later = await in_hand(recorder, store, name="later")
        store.let.release()
        return await answers(*tasks, *later)

    found = run(scenario())
    assert isinstance(found.pop(1), asyncio.CancelledError)
    assert found == ["in-hand-1", "waiting-2", "later-1"]
    assert store.groups == [["in-hand-1"], ["waiting-1", "waiting-2"], ["later-1"]]


def test_a_group_that_nobody_waits_for_any_more_is_not_written(recorder, store):
    async def scenario():
        tasks = await in_hand(recorder, store)
        gone = await waiting(recorder, 2)
        for task in gone:
            task.cancel()
        await asyncio.sleep(0)
        store.let.release()
        await asyncio.gather(*tasks)
        later = await in_hand(recorder, store, name="later")
        store.let.release()
        return await answers(*later)

    assert run(scenario()) == ["later-1"]
    assert store.groups == [["in-hand-1"], ["later-1"]]


def test_who_stopped_waiting_before_a_failure_breaks_nothing(recorder, store):
    store.failures = [RecordUnavailableError("away")]

    async def scenario():
        tasks = await in_hand(recorder, store)
        tasks += await waiting(recorder, 3)
        tasks[1].cancel()
        await asyncio.sleep(0)
        store.let.release()
        found = await answers(*tasks)
        await asyncio.to_thread(until, lambda: recorder.problem is None)
        later = await in_hand(recorder, store, name="later")
        store.let.release()
        return found, await answers(*later)

    found, later = run(scenario())
    assert [type(each) for each in found] == [
        RecordUnavailableError, asyncio.CancelledError, RecordUnavailableError, RecordUnavailableError,
    ]  # fmt: skip
    assert later == ["later-1"]


def test_closing_writes_what_waits_and_then_closes_the_store(recorder, store):
    async def scenario():
        tasks = await in_hand(recorder, store)
        tasks += await waiting(recorder, 3)
        closing = asyncio.create_task(asyncio.to_thread(recorder.close))
        await asyncio.to_thread(until, lambda: recorder._closing)
        assert not store.closed
        store.let.release()
        store.let.release()
        await closing
        return await answers(*tasks)

    assert run(scenario()) == ["in-hand-1", "waiting-1", "waiting-2", "waiting-3"]
    assert store.closed


def test_closing_does_not_wait_for_a_store_that_cannot_be_opened(store, heard, monkeypatch):
    monkeypatch.setattr(recording, "SECONDS_BETWEEN_TRIES", 10 * WAIT)
    store.opens = [RecordUnavailableError("away")] * 100
    with at_work(Recorder(store, heard), store) as recorder:
        assert recorder.problem == "away"
    assert store.closed


def test_what_comes_after_the_closing_is_refused_and_not_kept_waiting(recorder, store):
    closed_in_time(recorder)

    async def scenario():
        return await asyncio.wait_for(recorder.record(about(CANARY)), 0.5)

    with pytest.raises(RecordUnavailableError):
        run(scenario())


def test_a_recorder_over_a_database_writes_one_chain_for_many_callers(place, opened, heard):
    recorder = Recorder(place.store(opened), heard)
    drafts = [about(CANARY) for _ in range(200)]

    async def scenario():
        return await asyncio.gather(*(recorder.record(draft) for draft in drafts))

    recorder.start()
    recorder.wait_for_the_first_try()
    assert recorder.problem is None
    entries = run(scenario())
    assert [entry.draft for entry in entries] == drafts
    assert sorted(entry.position for entry in entries) == list(range(1, 201))
    assert findings(recorder.store) == []
    assert sum(count for count, _ in heard.commits) == 200
    assert max(count for count, _ in heard.commits) <= 64
    assert max(position for _, position in heard.commits) == 200
    closed_in_time(recorder)


@pytest.mark.postgres
def test_a_database_behind_its_version_is_used_as_soon_as_it_is_upgraded(bare, heard, monkeypatch, opened):
    monkeypatch.setattr(recording, "SECONDS_BETWEEN_TRIES", 0.01)
    recorder = Recorder(Store(Database(bare.folder, bare.url, 5)), heard)
    recorder.start()
    recorder.wait_for_the_first_try()
    assert recorder.problem == BEHIND
    upgrade(bare.url)
    until(lambda: recorder.problem is None)
    assert run(recorder.record(about("one"))).position == 1
    closed_in_time(recorder)
