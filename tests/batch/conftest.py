"""Processes are slow to start: in most tests what they would do is done here, at once."""

from concurrent.futures import Executor, Future

import pytest

from service.batch import workers


class AtOnce(Executor):
    """Does what is submitted before it returns."""

    def __init__(self, processes):
        assert processes >= 1

    def submit(self, task, /, *how, **more):
        done = Future()
        try:
            done.set_result(task(*how, **more))
        except BaseException as error:  # noqa: BLE001  # as an executor does
            done.set_exception(error)
        return done


@pytest.fixture
def without_processes(monkeypatch):
    monkeypatch.setattr(workers, "start", AtOnce)
    yield
    workers._engine.cache_clear()
