"""Running the service until something dies, or under strace; and what came of it."""

import random
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.account import account_of, told_by_audit_verify
from tests.faults.databases import MortalPostgres, held
from tests.faults.load import Load
from tests.faults.processes import Service, started, wait_until
from tests.faults.syncs import answers_without_a_sync, syncs_of_the_log, traced

CLIENTS = 6
MANY_CLIENTS = 16
SETTINGS = {"PRRT_RECORD_SECONDS": 20}  # under strace everything takes its time

Act = Callable[[], None]


@dataclass(slots=True)
class Deaths:
    """What was found after each SIGKILL."""

    acknowledged: int = 0
    broke_off: int = 0  # requests whose connection broke or that were refused, and that were sent again
    broken_chains: int = 0
    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)  # every finding in words


@dataclass(frozen=True, slots=True)
class Syncs:
    """What strace saw."""

    sequential: int  # answers to requests one after the other
    unsynced: Sequence[int]  # which of them were sent before their entry was on the disk
    sequential_syncs: int
    concurrent: int  # answers to requests from many clients
    concurrent_syncs: int
    waiting: int  # answers to requests that waited for the same commit
    waiting_syncs: int

    @property
    def wrong(self) -> list[str]:
        """What does not hold."""
        told = []
        if self.unsynced:
            told.append(f"{len(self.unsynced)} of {self.sequential} answers were sent before their entry was on the disk")
        if self.concurrent_syncs >= self.concurrent:
            told.append(f"{self.concurrent_syncs} syncs for {self.concurrent} concurrent requests: no group commit")
        if self.waiting_syncs * 2 > self.waiting:
            told.append(f"{self.waiting_syncs} syncs for {self.waiting} requests that waited together: no group commit")
        return told


def deaths_of_the_service(folder: Path, url: str | None, rounds: int, code: Path | None = None) -> Deaths:
    """SIGKILL to the service under load, again and again."""
    service = Service(folder, code, **_settings(url))
    try:
        service.start()
        return _rounds(service, rounds, kill=service.kill, repair=_nothing, resume=service.start)
    finally:
        service.end()


def deaths_of_the_database(folder: Path, url: str, server: MortalPostgres, rounds: int) -> Deaths:
    """SIGKILL to all of PostgreSQL under load, again and again; the service lives on."""
    service = Service(folder, **_settings(url))
    with started(service):
        return _rounds(service, rounds, kill=server.kill, repair=server.start, resume=_nothing)


def _nothing() -> None:
    """It needs nothing."""


def _rounds(service: Service, rounds: int, *, kill: Act, repair: Act, resume: Act) -> Deaths:
    """`repair` brings back what the record can be read with, `resume` what it is written with."""
    load, found, head = Load(lambda _: service.address, clients=CLIENTS), Deaths(), ""
    for number in range(rounds):
        with load.running():
            load.wait_for_more(CLIENTS)
            time.sleep(random.random())  # noqa: S311  # any moment
            kill()
        repair()
        head = _verified(service, head, found, number)  # as the death left it
        resume()
        wait_until(service.is_ready)
        load.repeat(service.address)
        if number == rounds - 1:
            load.finish(service.address)
        _compared(service, load, found, number)
        sys.stderr.write(f"\r  {number + 1} of {rounds}, {len(load.acknowledged)} acknowledged ")
    sys.stderr.write("\n")
    found.acknowledged = len(load.acknowledged)
    found.broke_off = len(load.broke_off)
    return found


def _verified(service: Service, head: str, found: Deaths, number: int) -> str:
    """What the command says; the head of the chain."""
    told = told_by_audit_verify(service.environment, *(["--expect", head] if head else []))
    if told.returncode != 0:
        found.broken_chains += 1
        found.wrong.append(f"round {number + 1}: audit verify says {told.returncode}: {told.stderr}{told.stdout}")
        return head
    return told.stdout.split()[-1]


def _compared(service: Service, load: Load, found: Deaths, number: int) -> None:
    account = account_of(service, load)
    found.lost |= set(account.lost)
    found.doubled |= set(account.doubled)
    found.wrong += [f"round {number + 1}: {what}: {len(which)}, {which[0]}" for what, which in account.wrong.items()]
    if load.different:
        found.wrong.append(f"round {number + 1}: answered otherwise when asked again: {len(load.different)}, {load.different[0]}")
        load.different.clear()


def syncs(folder: Path, url: str | None, server: MortalPostgres | None, requests: int, code: Path | None = None) -> Syncs:
    """Trace the service, and the database if it is a process of its own, while requests are answered."""
    service = Service(folder, code, **_settings(url))
    load = Load(lambda _: service.address, clients=MANY_CLIENTS)
    with started(service):
        assert service.process is not None
        load.one(service.address)  # connections and files are open

        def processes() -> list[int]:
            return [service.process.pid, *(server.processes() if server else [])]

        with traced(processes(), folder / "sequential") as one_by_one:
            for _ in range(requests):
                assert load.one(service.address).status == 200
        before = len(load.acknowledged)
        with traced(processes(), folder / "concurrent") as at_once, load.running():
            load.wait_for_more(4 * requests)
        concurrent = len(load.acknowledged) - before
        with traced(processes(), folder / "waiting") as together:
            _wait_together(service, load)
    sequential, unsynced = answers_without_a_sync(one_by_one)
    if sequential != requests:
        raise RuntimeError(f"The trace shows {sequential} answers to {requests} requests.")
    return Syncs(
        sequential=sequential,
        unsynced=unsynced,
        sequential_syncs=syncs_of_the_log(one_by_one),
        concurrent=concurrent,
        concurrent_syncs=syncs_of_the_log(at_once),
        waiting=MANY_CLIENTS,
        waiting_syncs=syncs_of_the_log(together),
    )


def _wait_together(service: Service, load: Load) -> None:
    """Requests that all come while nobody can append."""
    with ThreadPoolExecutor(MANY_CLIENTS) as pool:
        with held(service.data, service.url):
            sent = [pool.submit(load.one, service.address) for _ in range(MANY_CLIENTS)]
            time.sleep(2)
        assert {each.result().status for each in sent} == {200}


def _settings(url: str | None) -> dict[str, object]:
    return SETTINGS | ({"PRRT_DATABASE_URL": url} if url else {})
