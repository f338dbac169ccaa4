"""A process that assesses for another: what it answers, that it refuses to know something else, that it ends with the other."""

import signal
import time
from dataclasses import replace

import pytest

from service.batch import workers
from service.batch.assessing import assess_lines
from service.batch.lines import Line
from tests.conftest import EXAMPLES
from tests.reading import TODAY, engine
from tests.vignettes import names


def without_the_occasion(answered):
    """The answer is compared elsewhere as JSON; here it is enough that every other byte is the same."""
    return replace(answered, id="", answer=answered.answer.partition(b'"patient_id"')[2])


def test_a_process_of_its_own_answers_as_this_one_does_and_refuses_to_answer_on_another_ground():
    lines = tuple(Line(number, (EXAMPLES / f"{name}.json").read_bytes()) for number, name in enumerate(names(), 1))
    knowing = workers.Knowing.of(engine(), TODAY)
    pool = workers.start(1)
    try:
        found = pool.submit(workers.assess_chunk, knowing, lines).result(60)
        assert list(map(without_the_occasion, found)) == list(map(without_the_occasion, assess_lines(engine(), lines, TODAY)))
        with pytest.raises(workers.OtherKnowledgeError, match="are not those with which this began"):
            pool.submit(workers.assess_chunk, replace(knowing, ground="{}"), lines).result(60)
        with pytest.raises(workers.OtherKnowledgeError):
            replace(knowing, ground="{}").engine()
    finally:
        pool.shutdown()


def test_a_process_leaves_interrupts_to_its_parent_and_ends_with_it(monkeypatch):
    before, ended = signal.getsignal(signal.SIGINT), []

    class Parent:
        def join(self):
            ended.append("parent")

    monkeypatch.setattr(workers, "parent_process", Parent)
    monkeypatch.setattr(workers.os, "_exit", ended.append)
    try:
        workers._begin()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    for _ in range(500):
        if len(ended) == 2:
            break
        time.sleep(0.01)
    assert ended == ["parent", 1]


def test_as_many_cores_are_used_as_there_are():
    assert workers.cores() >= 1
