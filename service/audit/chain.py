"""Verifying the chain: nothing changed, nothing missing, nothing gone without an erasure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from service.audit.entry import BEFORE_THE_FIRST, Entry


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the chain: at which position, and what."""

    position: int
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying found; `head` is the digest of the last entry, to be kept elsewhere."""

    entries: int
    erased: int
    head: str
    findings: tuple[Finding, ...]


def verify(entries: Iterable[Entry]) -> Verification:
    """Follow the chain from its first entry to its last."""
    position, previous = 0, BEFORE_THE_FIRST
    findings: list[Finding] = []
    without_contents: set[int] = set()
    told_as_erased: set[int] = set()
    for entry in entries:
        if entry.position > position + 1:
            findings.append(Finding(entry.position, f"the entries from {position + 1} to {entry.position - 1} are missing"))
        elif entry.position < position + 1 or entry.previous_sha256 != previous:
            findings.append(Finding(entry.position, "it does not follow from the entry before"))
        if not entry.has_its_header:
            findings.append(Finding(entry.position, "its header is not what was recorded"))
        if not entry.has_its_contents:
            findings.append(Finding(entry.position, "its contents are not what was recorded"))
        elif entry.is_erased:
            without_contents.add(entry.position)
        elif entry.draft.kind == "erasure" and entry.has_its_header:
            told_as_erased |= erased_positions(entry)
        position, previous = entry.position, entry.sha256
    findings += [Finding(each, "its contents are gone, and no erasure names it") for each in without_contents - told_as_erased]
    return Verification(position, len(without_contents), previous, tuple(sorted(findings, key=lambda each: each.position)))


def erased_positions(erasure: Entry) -> set[int]:
    """The positions that an erasure names."""
    return {position for first, last in json.loads(erasure.draft.answer)["erased"] for position in range(first, last + 1)}
