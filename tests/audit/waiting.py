"""Waiting for what another thread does, and not for ever."""

from collections.abc import Callable
from time import monotonic, sleep

LONGEST = 20


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fails if it never does."""
    end = monotonic() + LONGEST
    while not holds():
        assert monotonic() < end
        sleep(0.002)
