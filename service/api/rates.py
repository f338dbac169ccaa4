"""How often somebody asked during the last minute."""

from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic

MINUTE = 60.0


class Rates:
    """The moments of the last minute at which each name was counted. For one thread; a count costs the same at every limit."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._moments: OrderedDict[str, deque[float]] = OrderedDict()  # who was counted last stands last

    def has_room(self, name: str, most: int) -> bool:
        """Whether the name was counted fewer times than `most` during the last minute."""
        before = self._clock() - MINUTE
        while self._moments and next(iter(self._moments.values()))[-1] <= before:
            self._moments.popitem(last=False)
        moments = self._moments.get(name) or deque()
        while moments and moments[0] <= before:
            moments.popleft()
        return len(moments) < most

    def count(self, name: str, most: int) -> bool:
        """Count the name, if there is room for it; whether there was."""
        if not self.has_room(name, most):
            return False
        self._moments.setdefault(name, deque()).append(self._clock())
        self._moments.move_to_end(name)
        return True
