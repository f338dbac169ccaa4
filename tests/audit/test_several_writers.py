"""Several processes and threads write one record: one chain, and nothing is lost or doubled."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy.engine import make_url

from service.audit.erasure import erase_patient
from tests.audit.places import about, append, findings, upgrade, verified

ROOT = Path(__file__).parents[2]
GROUPS = 30
OF_ONE = GROUPS // 3 * (1 + 2 + 3)
WAIT = 60


def processes(place, *names):
    """What each process says that it recorded. They begin at the same time."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.audit.appending", str(place.folder), place.url or "-", name, str(GROUPS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for name in names
    ]
    try:
        assert [process.stdout.readline() for process in started] == ["open\n"] * len(names)
        for process in started:
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=WAIT)[0] for process in started]
        assert [process.returncode for process in started] == [0] * len(names)
    finally:
        for process in started:
            process.kill()
            process.communicate()
    return [[(int(line.split()[0]), line.split()[1]) for line in lines.splitlines()] for lines in said]


def test_processes_write_one_chain(store, place):
    said = processes(place, "one", "two", "three")
    entries = list(store.every())
    assert findings(store) == []
    assert sorted(entry for each in said for entry in each) == sorted((entry.position, entry.draft.id) for entry in entries)
    assert [len(each) for each in said] == [OF_ONE] * 3
    assert len({entry.draft.id for entry in entries}) == len(entries) == 3 * OF_ONE
    for each in said:
        assert each == sorted(each), "what one process records stays in its order"


def at_once(*works):
    """Run all of this at the same time; what each returns."""
    barrier = Barrier(len(works))

    def run(work):
        barrier.wait(WAIT)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [each.result(WAIT) for each in [pool.submit(run, work) for work in works]]


def test_threads_with_a_store_each_write_one_chain(place, opened):
    stores = [place.store(opened, seconds=30) for _ in range(4)]
    groups = [[[about("one") for _ in range(size)] for size in (1, 2, 3, 1, 5)] for _ in stores]
    recorded = at_once(
        *(lambda store=store, mine=mine: [store.append(g) for g in mine] for store, mine in zip(stores, groups, strict=True))
    )
    assert [[[entry.draft for entry in group] for group in mine] for mine in recorded] == groups
    assert findings(stores[0]) == []
    everything = [entry for mine in recorded for group in mine for entry in group]
    assert sorted(everything, key=lambda entry: entry.position) == list(stores[0].every())


def test_a_group_stands_together_whoever_else_writes(place, opened):
    stores = [place.store(opened, seconds=30) for _ in range(4)]
    recorded = at_once(
        *(lambda store=store: [store.append([about("one") for _ in range(5)]) for _ in range(5)] for store in stores)
    )
    for group in (group for mine in recorded for group in mine):
        assert [entry.position - group[0].position for entry in group] == [0, 1, 2, 3, 4]


def test_the_same_key_from_two_writers_at_once_is_one_entry(place, opened):
    stores = [place.store(opened, seconds=30) for _ in range(4)]
    for number in range(5):
        recorded = at_once(
            *(lambda store=store, n=number: store.append([about("one", idempotency_key=f"key-{n}")]) for store in stores)
        )
        assert len({group[0].draft.id for group in recorded}) == 1
    assert (verified(stores[0]).entries, findings(stores[0])) == (5, [])


@pytest.mark.postgres
def test_writers_do_not_disturb_each_other_whatever_isolation_the_server_is_told(bare, opened):
    name, default = make_url(bare.url).database, "default_transaction_isolation"
    bare.execute(f"ALTER DATABASE {name} SET {default} = 'serializable'")
    try:
        upgrade(bare.url)
        stores = [bare.store(opened, seconds=30) for _ in range(4)]
        at_once(*(lambda store=store: [store.append([about("one")]) for _ in range(10)] for store in stores))
    finally:
        bare.execute(f"ALTER DATABASE {name} RESET {default}")
    assert (verified(stores[0]).entries, findings(stores[0])) == (40, [])


def test_erasing_while_others_write_breaks_nothing(place, opened):
    stores = [place.store(opened, seconds=30) for _ in range(3)]
    append(stores[0], *(about("gone") for _ in range(5)))
    at_once(
        lambda: [stores[0].append([about("stays"), about("gone")]) for _ in range(10)],
        lambda: [erase_patient(stores[1], "gone", "tester") for _ in range(5)],
        lambda: [stores[2].append([about("stays")]) for _ in range(10)],
    )
    assert findings(stores[0]) == []
    erase_patient(stores[1], "gone", "tester")
    assert (verified(stores[0]).erased, findings(stores[0])) == (15, [])
    assert len(stores[2].of_patient("stays", 100)) == 20


def test_a_chain_that_is_verified_while_others_write_holds(place, opened):
    stores = [place.store(opened, seconds=30) for _ in range(2)]
    append(stores[0], *(about("gone") for _ in range(3)))

    def write():
        for _ in range(10):
            stores[0].append([about("stays"), *(about("gone") for _ in range(30))])
        erase_patient(stores[0], "gone", "tester")

    found = at_once(write, lambda: [findings(stores[1]) for _ in range(10)])[1]
    assert found == [[]] * 10


@pytest.mark.postgres
def test_several_processes_may_upgrade_at_once(bare, opened):
    program = "import sys, service.audit.database as d, pathlib; d.Database(pathlib.Path(), sys.argv[1], 30).upgrade()"
    started = [subprocess.Popen([sys.executable, "-c", program, bare.url], cwd=ROOT) for _ in range(3)]
    assert [process.wait(WAIT) for process in started] == [0, 0, 0]
    assert bare.execute("SELECT count(*) FROM pulse")[0][0] == 1
    assert append(bare.store(opened), about("one"))[0].position == 1
