"""Two replicas on one PostgreSQL: one chain; and one of them can be stopped without a failed request."""

import signal
import time

import pytest

from tests.faults.account import account_of
from tests.faults.balancer import Balancer
from tests.faults.databases import with_tables
from tests.faults.load import Load
from tests.faults.processes import Service, started, wait_until

pytestmark = pytest.mark.postgres
DRAIN_SECONDS = 2


@pytest.fixture(scope="module")
def replicas(postgres, tmp_path_factory):
    url, folder = with_tables(postgres.new_database()), tmp_path_factory.mktemp("replicas")
    both = [Service(folder / name, PRRT_DATABASE_URL=url, PRRT_DRAIN_SECONDS=DRAIN_SECONDS) for name in ("first", "second")]
    with started(*both):
        yield both


@pytest.fixture(scope="module")
def together():
    """Everything that the two were asked."""
    return Load.to_nobody()


def test_two_replicas_write_one_chain_in_which_everything_acknowledged_is_once(replicas, together):
    load = Load(lambda number: replicas[number % 2].address, clients=8)
    with load.running():
        load.wait_for_more(200)
    together.add(load)
    assert load.failures == []
    found = account_of(replicas[0], together)
    assert (found.wrong, found.assessments) == ({}, len(together.acknowledged))


def test_a_replica_that_is_told_to_stop_drains_and_ends_and_no_request_fails(replicas, together):
    stopped, other = replicas
    load = Load(lambda _: balancer.address, clients=6)
    with Balancer(stopped, other) as balancer, load.running():
        load.wait_for_more(30)
        served = balancer.served[stopped]
        stopped.signal(signal.SIGTERM)
        told = time.monotonic()
        wait_until(lambda: balancer.ready == (other,), DRAIN_SECONDS)
        answer = stopped.readiness()
        stopped.wait(DRAIN_SECONDS + 20)
        lived = time.monotonic() - told
        load.wait_for_more(30)
    together.add(load)
    assert load.failures == []
    assert served > 0
    assert lived >= DRAIN_SECONDS
    assert (answer.status, answer.problem["detail"]) == (503, "The service is stopping.")
    found = account_of(other, together)
    assert (found.wrong, found.assessments) == ({}, len(together.acknowledged))
