"""Verifying the chain: nothing changed, nothing missing, nothing gone without an erasure."""

import json
from collections.abc import Iterable, Iterator
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
    told_as_erased: list[tuple[int, int]] = []
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
            told_as_erased += _erased_ranges(entry)
        position, previous = entry.position, entry.sha256
    untold = _outside(without_contents, told_as_erased)
    findings += [Finding(each, "its contents are gone, and no erasure names it") for each in untold]
    return Verification(position, len(without_contents), previous, tuple(sorted(findings, key=lambda each: each.position)))


def _erased_ranges(erasure: Entry) -> Iterator[tuple[int, int]]:
    """First and last of each run of positions that an erasure names."""
    return ((first, last) for first, last in json.loads(erasure.draft.answer)["erased"])


def _outside(positions: Iterable[int], ranges: list[tuple[int, int]]) -> Iterator[int]:
    """The positions that are in none of the ranges, however wide these are."""
    coming = sorted(ranges, reverse=True)
    reached = 0
    for position in sorted(positions):
        while coming and coming[-1][0] <= position:
            reached = max(reached, coming.pop()[1])
        if position > reached:
            yield position
