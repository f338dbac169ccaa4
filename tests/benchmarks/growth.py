"""How the cost of one request grows with what is told, and that of a batch with its patients."""

import json
from datetime import date, timedelta
from itertools import cycle, islice, pairwise
from statistics import median
from time import process_time_ns
from typing import Any

from pydantic_core import to_json

from service.presentation.as_json import as_json
from tests.benchmarks.candidates import PATIENT
from tests.conftest import EXAMPLES
from tests.reading import engine

LABORATORY = (10, 50, 200, 500, 1000, 2000)
CYCLES = (1, 2, 4, 8, 16, 32)
REPETITIONS = 9


def by_laboratory() -> dict[int, float]:
    """Milliseconds of CPU for one patient, by the number of laboratory values."""
    return {number: _cpu_ms(_with_laboratory(number)) for number in LABORATORY}


def by_cycles() -> dict[int, float]:
    """Milliseconds of CPU for one patient, by the number of cycles."""
    return {number: _cpu_ms(_with_cycles(number)) for number in CYCLES}


def worst_step(found: dict[int, float]) -> float:
    """How much faster than linearly the cost grows, at worst: the ratio of costs to the ratio of sizes between neighbours."""
    steps = list(found.items())
    return max((cost / before) / (size / fewer) for (fewer, before), (size, cost) in pairwise(steps))


def _cpu_ms(body: bytes) -> float:
    asked, taken = engine(), []
    for _ in range(REPETITIONS):
        started = process_time_ns()
        to_json(as_json(asked.assess(asked.read(body))))
        taken.append((process_time_ns() - started) / 1e6)
    return median(taken)


def _told() -> dict[str, Any]:
    return json.loads((EXAMPLES / f"{PATIENT}.json").read_bytes())


def _with_laboratory(number: int) -> bytes:
    """As many values of the patient's own kinds, each on a day of its own."""
    told = _told()
    kinds = {each["analyte"]: each for each in told["laboratory"]}
    last = date.fromisoformat(told["as_of"])
    values = islice(cycle(kinds.values()), number)
    told["laboratory"] = [
        value | {"taken_on": str(last - timedelta(days=2 * (index // len(kinds))))} for index, value in enumerate(values)
    ]
    return json.dumps(told).encode()


def _with_cycles(number: int) -> bytes:
    """As many doses of one course, eight weeks apart, the last one as far before `as_of` as it is now."""
    told = _told()
    last = told["treatments"][-1]
    day = date.fromisoformat(last["given_on"])
    told["treatments"] = [last | {"given_on": str(day - timedelta(weeks=8 * index))} for index in range(number)]
    return json.dumps(told).encode()
