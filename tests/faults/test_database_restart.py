"""PostgreSQL is stopped and started again, or is behind its revision."""

import subprocess
import time

import pytest

from tests.conftest import COMMAND
from tests.faults.account import account_of
from tests.faults.databases import mortal, with_tables
from tests.faults.load import Load
from tests.faults.processes import Service, started, wait_until

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def restarted():
    """A server that no other test uses."""
    with mortal() as server:
        yield server


@pytest.fixture(scope="module")
def service(restarted, tmp_path_factory):
    service = Service(tmp_path_factory.mktemp("service"), PRRT_DATABASE_URL=with_tables(restarted.new_database()))
    with started(service):
        yield service


@pytest.fixture(scope="module")
def everything():
    """Everything that the service was asked."""
    return Load.to_nobody()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_while_the_database_restarts_it_refuses_and_then_answers_again_without_loss(restarted, service, everything, mode):
    load = Load(lambda _: service.address, clients=3, pause=0.01)
    with load.running():
        load.wait_for_more(30)
        restarted.stop(mode)
        stopped = time.monotonic()
        wait_until(lambda: load.failures and load.failures[-1].at > stopped)
        assert service.get("/livez").status == 200
        restarted.start()
        load.wait_for_more(30)
    load.finish(service.address)
    wait_until(service.is_ready, 10)
    assert {failure.answer.status if failure.answer else failure.error for failure in load.failures} == {503}
    assert all("retry-after" in failure.answer.headers for failure in load.failures)
    everything.add(load)
    found = account_of(service, everything)
    assert (found.wrong, found.assessments) == ({}, len(everything.asked))


@pytest.mark.parametrize("asked", [Load.one, Load.read_one], ids=["an assessment", "a stored assessment"])
def test_without_its_database_it_is_not_ready_once_it_was_asked_for(restarted, service, asked):
    load = Load.to_nobody()
    wait_until(lambda: load.one(service.address).status == 200)
    restarted.stop("fast")
    try:
        assert asked(load, service.address).status == 503
        wait_until(lambda: not service.is_ready(), 5)
    finally:
        restarted.start()
    wait_until(service.is_ready, 10)


def test_with_a_database_behind_its_revision_it_is_not_ready_until_that_is_upgraded(restarted, tmp_path):
    service = Service(tmp_path, PRRT_DATABASE_URL=restarted.new_database())
    try:
        service.begin()
        service.wait_until_it_listens()
        answer = service.readiness()
        assert answer.status == 503
        assert answer.problem["detail"] == "The record's tables are not those of this version: run `prrt-cds db upgrade`."
        assert Load.to_nobody().one(service.address).status == 503
        subprocess.run([COMMAND, "db", "upgrade"], env=service.environment, check=True, capture_output=True)
        wait_until(service.is_ready, 10)
        assert Load.to_nobody().one(service.address).status == 200
    finally:
        service.end()
