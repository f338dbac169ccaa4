"""The durable record by itself, on each database: entries a second in groups of different size, and the room that one takes."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
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
from tests.postgres import DURABLE, is_installed, running
from tests.reading import engine

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
GROUPS = (1, 16, 64)
ENTRIES = 1_024


Rates = dict[int, float]  # entries a second, by entries in one transaction


@dataclass(frozen=True, slots=True)
class Kept:
    """What the record alone can do."""

    per_second: dict[str, Rates]  # by database
    bytes_each: float  # on the disk, in SQLite

    @property
    def shared(self) -> float:
        """The most entries a second of a record that several machines share; of SQLite, where no server is installed."""
        return max(self.per_second.get(POSTGRESQL, self.per_second[SQLITE]).values())


def measured(entries: int = ENTRIES) -> Kept:
    """Append the answer to the patient of the README again and again, each transaction on the disk before the next."""
    rates, bytes_each = _on_sqlite(entries)
    per_second = {SQLITE: rates}
    if is_installed():
        per_second[POSTGRESQL] = _on_postgresql(entries)
    return Kept(per_second, bytes_each)


def _on_sqlite(entries: int) -> tuple[Rates, float]:
    """Entries a second, and the bytes of one."""
    # on the disk of the checkout: /tmp may be memory
    with TemporaryDirectory(dir=Path.cwd()) as folder, closing(Database(Path(folder), None, 5)) as database:
        store = Store(database)
        store.open()
        file = Path(folder) / FILE_NAME
        before = file.stat().st_size
        rates = _rates(store, entries)
        database.compact()
        return rates, (file.stat().st_size - before) / (entries * len(GROUPS))


def _on_postgresql(entries: int) -> Rates:
    with running(DURABLE) as server, closing(Database(Path(), server.url(), 5)) as database:
        database.upgrade()
        store = Store(database)
        store.open()
        return _rates(store, entries)


def _rates(store: Store, entries: int) -> Rates:
    drafts = _drafts()
    return {group: _rate(store, drafts, group, entries) for group in GROUPS}


def _rate(store: Store, drafts: Iterator[Draft], group: int, entries: int) -> float:
    started = perf_counter()
    for _ in range(entries // group):
        store.append(list(islice(drafts, group)))
    return entries / (perf_counter() - started)


def _drafts() -> Iterator[Draft]:
    """As many as are asked for."""
    body, asked = (EXAMPLES / f"{PATIENT}.json").read_bytes(), engine()
    answer = to_json(as_json(asked.assess(asked.read(body))))
    while True:
        moment = now()
        yield Draft(new_id(), "assessment", moment, "bench", patient_id="bench", ground=asked.ground, request=body, answer=answer)
