"""The process that draws: started beside the service, replaced when it fails, and gone when the service is gone."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service import drawing as drawing_module
from service.drawing import MOST_WAITING, Drawing, NotDrawnError
from service.presentation.figures.shapes import Course, Given
from tests.reading import TODAY

COURSE = Course(TODAY, cycles=(Given(TODAY, 7.4, "lutetium_177_dotatate"),))
PATIENCE = 60.0  # seconds, on a machine that has much else to do
MUTE = (sys.executable, "-c", "import time; time.sleep(600)")

SLOW = (sys.executable, "-c", "import pickle, sys, time; pickle.load(sys.stdin.buffer); print('{}', flush=True); time.sleep(600)")


@pytest.fixture
def said(monkeypatch):
    """What was logged."""
    lines = []
    monkeypatch.setattr(drawing_module._log, "warning", lambda event, **more: lines.append(more), raising=False)
    return lines


@pytest.fixture
def open_drawing():
    """Makes and starts one; it is closed after the test."""
    opened = []

    def opens(*how, **more):
        opened.append(Drawing(*how, **more))
        opened[-1].start()
        return opened[-1]

    yield opens
    for each in opened:
        each.close()


def drawn(drawing, course=COURSE):
    return asyncio.run(drawing.draw(course, [], []))


def is_gone(process_id):
    """A process that nobody has waited for yet has no command line."""
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes() == b""
    except OSError:
        return True


def wait_until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_worker_draws_survives_a_failure_is_replaced_when_killed_and_leaves_nothing(open_drawing, said):
    drawing = open_drawing(PATIENCE)
    assert drawn(drawing).timeline.startswith("<svg ")
    first, folder = drawing._process, Path(drawing._folder.name)
    assert os.getpgid(first.pid) == first.pid  # Ctrl-C in the terminal of the service is not for it
    os.kill(first.pid, signal.SIGINT)
    assert drawn(drawing, "no course") is None
    assert [line["error"] for line in said] == ["AttributeError"]
    assert drawing._process is first
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert drawn(drawing).timeline
    assert folder.is_dir()
    second = drawing._process
    assert second.pid != first.pid
    drawing.close()
    assert second.returncode is not None
    assert not folder.exists()
    assert drawn(drawing) is None


def test_a_worker_that_takes_too_long_is_ended_and_a_new_one_made_ready(open_drawing, said):
    drawing = open_drawing(0.3, SLOW)
    drawing._thread.submit(lambda: None).result()  # it has drawn something small
    slow = drawing._process
    assert drawn(drawing) is None
    assert said[0]["error"] in ("TimeoutError", "the worker ended")
    wait_until(lambda: slow.returncode is not None and drawing._process not in (None, slow))


def test_a_worker_that_cannot_be_started_costs_the_figures_and_nothing_else(open_drawing, said):
    drawing = open_drawing(PATIENCE, ("/nonexistent",))
    assert drawn(drawing) is None
    assert {line["error"] for line in said} == {"FileNotFoundError"}


def test_when_many_wait_more_are_turned_away_at_once(open_drawing, said):
    drawing = open_drawing(0.3, MUTE)

    async def many():
        return await asyncio.gather(*(drawing.draw(COURSE, [], []) for _ in range(MOST_WAITING + 2)))

    assert asyncio.run(many()) == [None] * (MOST_WAITING + 2)
    assert [line["error"] for line in said].count("too many are waiting") == 2


def test_before_it_is_started_nothing_is_drawn_and_there_is_nothing_to_close():
    drawing = Drawing()
    assert drawn(drawing) is None
    drawing.close()


def test_a_worker_that_starts_while_the_service_closes_is_ended_too():
    drawing = Drawing(worker=MUTE)
    with pytest.raises(NotDrawnError, match="closed"):
        drawing._running()
    process = drawing._process
    drawing.close()
    assert process.returncode == -signal.SIGKILL


def test_the_service_never_reads_matplotlib_and_its_worker_ends_when_it_is_killed():
    program = (
        "import asyncio, os, signal, sys; import service.app; from service.drawing import _SMALL, Drawing\n"
        "drawing = Drawing(60); drawing.start(); asyncio.run(drawing.draw(*_SMALL))\n"
        "print('matplotlib' in sys.modules, drawing._process.pid, drawing._folder.name, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, "")
    has_read_it, process_id, folder = killed.stdout.split()
    assert has_read_it == "False"
    wait_until(lambda: is_gone(process_id) and not Path(folder).exists())
