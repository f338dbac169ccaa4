"""The durable record by itself: entries a second in groups of different size, and the room that one takes."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from pydantic_core import to_json

from service.audit.database import FILE_NAME, Database
from service.audit.entry import Draft, new_id, now
from service.audit.store import Store
from service.presentation.as_json import as_json
from tests.benchmarks.candidates import PATIENT
from tests.conftest import EXAMPLES
from tests.reading import engine

GROUPS = (1, 16, 64)
ENTRIES = 1_024


@dataclass(frozen=True, slots=True)
class Kept:
    """What the record alone can do."""

    per_second: dict[int, float]  # by entries in one transaction
    bytes_each: float


def measured(entries: int = ENTRIES) -> Kept:
    """Append the answer to the patient of the README again and again, each transaction on the disk before the next."""
    body, asked = (EXAMPLES / f"{PATIENT}.json").read_bytes(), engine()
    answer = to_json(as_json(asked.assess(asked.read(body))))
    with TemporaryDirectory(dir=Path.cwd()) as folder:  # on the disk of the checkout: /tmp may be memory
        store = Store(Database(Path(folder), None, 5))
        with closing(store.database):
            store.open()
            file = Path(folder) / FILE_NAME
            before = file.stat().st_size
            rates = {group: _rate(store, body, answer, asked.ground, group, entries) for group in GROUPS}
            store.database.compact()
            return Kept(rates, (file.stat().st_size - before) / (entries * len(GROUPS)))


def _rate(store: Store, body: bytes, answer: bytes, ground: str, group: int, entries: int) -> float:
    started = perf_counter()
    for _ in range(entries // group):
        store.append(
            [
                Draft(new_id(), "assessment", now(), "bench", patient_id="bench", ground=ground, request=body, answer=answer)
                for _ in range(group)
            ]
        )
    return entries / (perf_counter() - started)
