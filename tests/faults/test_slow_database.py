"""The network to PostgreSQL is slow, falls silent, or cuts connections."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.faults.account import account_at
from tests.faults.chaosproxy import ChaosProxy
from tests.faults.databases import held, through, with_tables
from tests.faults.load import Load
from tests.faults.processes import Service, started, wait_until

pytestmark = pytest.mark.postgres
RECORD_SECONDS = 1
BOUND = 8 * RECORD_SECONDS  # a request uses the record twice, each use may be tried again, and connecting may take 2 seconds
PROMPT = 1.5  # seconds; a bound for what waits for nothing, on a machine that does other things as well
MANY = 48  # fewer than may be in flight


@pytest.fixture(scope="module")
def database(postgres):
    return with_tables(postgres.new_database())


@pytest.fixture(scope="module")
def network(postgres):
    with ChaosProxy(postgres.socket) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def running(network, database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    service = Service(folder, PRRT_DATABASE_URL=through(database, network.port), PRRT_RECORD_SECONDS=RECORD_SECONDS)
    with started(service):
        yield service


@pytest.fixture
def service(running, network):
    """It works when the test begins, and the network works when the test has ended."""
    wait_until(running.is_ready, BOUND)
    yield running
    network.heal()


@pytest.fixture(scope="module")
def everything():
    """Everything that the service was asked."""
    return Load.to_nobody()


@pytest.fixture
def load(service, network, database, everything):
    """Clients of the test; in the end all that they asked is in the record, once."""
    load = Load(lambda _: service.address, clients=4)
    wait_until(lambda: load.one(service.address).status == 200, BOUND)
    wait_until(lambda: load.read_one(service.address).status == 200, BOUND)
    yield load
    network.heal()
    wait_until(service.is_ready, 2 * BOUND)
    load.finish(service.address)
    everything.add(load)
    found = account_at(service.data, database, everything.asked, everything.acknowledged)
    assert (found.wrong, found.assessments) == ({}, len(everything.asked))


ASKS = {
    "an assessment with a key": lambda load, address: load.one(address, seconds=2 * BOUND),
    "an assessment without a key": lambda load, address: load.one(address, with_key=False, seconds=2 * BOUND),
    "a stored assessment": lambda load, address: load.read_one(address, seconds=2 * BOUND),
}
whatever = pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)


def at_once(load, service, ask, requests):
    """The answers to so many requests that are sent at the same time."""
    with ThreadPoolExecutor(requests) as pool:
        return list(pool.map(lambda _: ask(load, service.address), range(requests)))


def test_a_database_that_takes_50_milliseconds_each_way_is_waited_for(service, network, load):
    network.latency = 0.05
    with load.running():
        load.wait_for_more(12)
    assert load.failures == []


@whatever
def test_whatever_needs_a_silent_database_is_refused_within_the_bound_and_it_is_not_ready(service, network, load, ask):
    network.is_silent = True
    answer = ask(load, service.address)
    assert (answer.status, "retry-after" in answer.headers) == (503, True)
    assert answer.seconds < BOUND
    wait_until(lambda: not service.is_ready(), BOUND)


@whatever
def test_many_requests_to_a_silent_database_are_all_refused_within_the_bound_and_life_is_told(service, network, load, ask):
    network.is_silent = True
    over = Event()

    def look():
        looks = []
        while not over.wait(0.1):
            looks.append(service.get("/livez"))
        return looks

    with ThreadPoolExecutor(1) as looking:
        looked = looking.submit(look)
        try:
            answers = at_once(load, service, ask, MANY)
        finally:
            over.set()
    looks = looked.result()
    assert {answer.status for answer in answers} == {503}
    assert {answer.status for answer in looks} == {200}
    assert max(answer.seconds for answer in looks) < PROMPT
    assert max(answer.seconds for answer in answers) < BOUND


def test_after_the_silence_it_answers_again_without_a_restart(service, network, load):
    network.is_silent = True
    load.one(service.address)
    network.heal()
    wait_until(service.is_ready, BOUND)
    with load.running():
        load.wait_for_more(20)


@whatever
def test_a_request_after_every_connection_was_cut_meanwhile_is_answered(service, network, load, ask):
    at_once(load, service, ask, 6)
    network.cut()
    time.sleep(0.2)
    assert ask(load, service.address).status == 200


@pytest.mark.parametrize("how", ["cut", "cut after"], ids=["before the commit", "before its answer"])
def test_a_connection_that_is_cut_at_the_commit_loses_nothing_and_doubles_nothing(service, network, load, how):
    commits = 0

    def every_third_commit(piece):
        nonlocal commits
        commits += b"COMMIT\0" in piece
        return how if b"COMMIT\0" in piece and commits % 3 == 0 else None

    network.on_request = every_third_commit
    with load.running():
        load.wait_for_more(20)
    assert commits >= 6


def test_connections_that_are_cut_at_any_moment_lose_nothing_and_double_nothing(service, network, load):
    with load.running():
        for _ in range(30):
            network.cut_some(0.5)
            time.sleep(0.1)
        network.heal()
        load.wait_for_more(20)


def test_when_nobody_may_append_every_request_is_refused_within_the_bound(service, database, load):
    with held(service.data, database):
        answers = at_once(load, service, Load.one, 8)
    assert {answer.status for answer in answers} == {503}
    assert max(answer.seconds for answer in answers) < BOUND


def silence_once(word):
    """Makes the connection silent over which that word is sent first."""
    told = Event()

    def once(piece):
        if word in piece and not told.is_set():
            told.set()
            return "silence"
        return None

    return once, told


@pytest.mark.parametrize("word", ["SELECT", "ROLLBACK\0", "INSERT", "COMMIT\0"], ids=lambda word: word.strip("\0"))
def test_a_connection_that_falls_silent_at_any_word_holds_nobody_up_beyond_the_bound(service, network, load, word):
    network.on_request, told = silence_once(word.encode())
    answer = load.read_one(service.address, seconds=2 * BOUND)  # it is searched, and that it was read is recorded
    assert told.is_set()
    assert answer.seconds < BOUND
    wait_until(service.is_ready, BOUND)
    assert load.one(service.address).status == 200


def test_a_service_whose_first_connection_falls_silent_becomes_ready_over_the_next(network, database, tmp_path):
    network.on_request, told = silence_once(b"pg_catalog.version()")
    service = Service(tmp_path, PRRT_DATABASE_URL=through(database, network.port), PRRT_RECORD_SECONDS=RECORD_SECONDS)
    try:
        service.begin()
        service.wait_until_it_listens()
        assert told.is_set()
        wait_until(service.is_ready, BOUND)
    finally:
        service.end()
        network.heal()
