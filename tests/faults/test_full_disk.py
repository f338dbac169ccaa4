"""The disk under the embedded record is full."""

import time
from collections import Counter

import pytest

from service.audit.database import Database
from tests.faults.account import account_of, told_by_audit_verify
from tests.faults.load import Load
from tests.faults.processes import Service, started, wait_until
from tests.faults.small_disk import SmallDisk, small_disk

FULL = "The disk of the record is full."
SOME_ENTRIES = 128 * 1024
LESS_THAN_AN_ENTRY = 20 * 1024  # the smallest takes nine pages of 4096 bytes
SECONDS_WATCHED = 4  # it is tried again every second


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    with small_disk(tmp_path_factory.mktemp("disk")) as disk:
        yield disk


@pytest.fixture(scope="module")
def service(disk, tmp_path_factory):
    service = Service(tmp_path_factory.mktemp("service"), PRRT_DATA_DIR=disk.folder / "data")
    with started(service):
        yield service


@pytest.fixture(scope="module")
def load(service):
    """Everything that it is asked."""
    load = Load(lambda _: service.address)
    with load.running():
        load.wait_for_more(20)
    return load


@pytest.fixture
def fill(disk, service):
    """Leaves so many bytes of the disk; they are free again after the test."""
    yield lambda spare: disk.fill(service, spare)
    disk.free(service)
    wait_until(service.is_ready, 10)


def with_an_empty_log(service):
    """There is no room in the files of the record either."""
    database = Database(service.data, None, 30)
    database.compact()
    database.close()


by = pytest.mark.parametrize("how", [SmallDisk.name])  # so that the report says how the disk was made small


@by
def test_what_cannot_be_recorded_is_refused_and_told_when_to_come_again(fill, service, load, how):
    fill(SOME_ENTRIES)
    with load.running():
        wait_until(lambda: load.failures)
    assert [failure.error for failure in load.failures if failure.answer is None] == []
    for answer in (load.one(service.address), *(failure.answer for failure in load.failures)):
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.problem["type"] == "urn:prrt-cds:problem:record-unavailable"
    assert service.get("/livez").status == 200


@by
def test_with_less_room_than_an_assessment_takes_it_is_not_ready_and_says_why_without_values(fill, service, load, how):
    with_an_empty_log(service)
    fill(LESS_THAN_AN_ENTRY)
    assert load.one(service.address).status == 503
    seen, end = [], time.monotonic() + SECONDS_WATCHED
    while time.monotonic() < end:
        seen.append(service.readiness())
        time.sleep(0.05)
    assert Counter(answer.status for answer in seen) == {503: len(seen)}
    assert {answer.problem["detail"] for answer in seen} <= {FULL, "The record could not be used (OperationalError)."}
    assert seen[-1].problem["detail"] == FULL


@by
def test_with_room_again_it_answers_without_a_restart_and_nothing_acknowledged_is_lost(fill, disk, service, load, how):
    fill(SOME_ENTRIES)
    before = len(load.failures)
    with load.running():
        wait_until(lambda: len(load.failures) > before)
    refused = len(load.failures)
    disk.free(service)
    wait_until(service.is_ready, 10)
    with load.running():
        load.wait_for_more(20)
    load.finish(service.address)
    assert len(load.failures) == refused
    found = account_of(service, load)
    assert (found.wrong, found.assessments) == ({}, len(load.asked))
    verified = told_by_audit_verify(service.environment)
    assert (verified.returncode, verified.stderr) == (0, "")
