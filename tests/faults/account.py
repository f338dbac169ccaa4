"""The record set against what was asked and acknowledged: nothing lost, nothing doubled, nothing else."""

import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.audit.chain import verify
from service.audit.database import Database
from service.audit.entry import Entry
from service.audit.store import Store
from tests.conftest import COMMAND
from tests.faults.load import Acknowledged, Asked, Load, digest
from tests.faults.processes import Service


@dataclass(frozen=True, slots=True)
class Account:
    """What the record holds against what it should."""

    assessments: int
    findings: tuple[str, ...]  # of the chain
    lost: tuple[str, ...]  # acknowledged, and not there byte by byte
    doubled: tuple[str, ...]  # asked once, there more than once
    strays: tuple[str, ...]  # there, and never asked

    @property
    def wrong(self) -> dict[str, tuple[str, ...]]:
        """What does not hold; empty if everything does."""
        told = {"chain": self.findings, "lost": self.lost, "doubled": self.doubled, "strays": self.strays}
        return {what: keys for what, keys in told.items() if keys}


def account(entries: Iterable[Entry], asked: Mapping[str, Asked], acknowledged: Mapping[str, Acknowledged]) -> Account:
    """Read the whole record once."""
    keys = {digest(each.body): key for key, each in asked.items()}
    seen: Counter[str] = Counter()
    answers: dict[str, str] = {}  # digest of what was answered, by id and key
    strays: list[str] = []

    def every() -> Iterator[Entry]:
        for entry in entries:
            if entry.draft.kind == "assessment":
                key = keys.get(digest(entry.draft.request))
                if key is None:
                    strays.append(entry.draft.id)
                else:
                    seen[key] += 1
                    answers[f"{entry.draft.id} {key}"] = digest(entry.draft.answer)
            yield entry

    found = verify(every())
    lost = [key for key, each in acknowledged.items() if answers.get(f"{each.id} {key}") != each.answer_sha256]
    return Account(
        assessments=sum(seen.values()) + len(strays),
        findings=tuple(f"{finding.position}: {finding.what}" for finding in found.findings),
        lost=tuple(lost),
        doubled=tuple(key for key, times in seen.items() if times > 1),
        strays=tuple(strays),
    )


def account_of(service: Service, load: Load) -> Account:
    """The account of what that service recorded for those clients."""
    return account_at(service.data, service.url, load.asked, load.acknowledged)


def account_at(folder: Path, url: str | None, asked: Mapping[str, Asked], acknowledged: Mapping[str, Acknowledged]) -> Account:
    """The account of a record in a folder or at an address."""
    database = Database(folder, url, 30)
    try:
        return account(Store(database).every(), asked, acknowledged)
    finally:
        database.close()


def told_by_audit_verify(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """What `prrt-cds audit verify` says."""
    command = [COMMAND, "audit", "verify", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
