"""What was read so far: entries of lists, claims about single fields, and what was not used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from service.intake.members import shown
from service.intake.moments import When
from service.intake.sources import Source
from service.intake.trace import NotUsed, Used
from service.patient.fields import RequestPart


class Origin(NamedTuple):
    """Where something was read, with what was told there."""

    resource: str
    date: str | None = None
    value: str | None = None
    unit: str | None = None

    def used_as(self, item: str) -> Used:
        """The trace of it."""
        return Used(self.resource, item, self.date, self.value, self.unit)


def origin(resource: str, when: When | None = None, value: object = None, unit: str | None = None) -> Origin:
    """Where something was read; a value or unit too long to be shown is left out."""
    return Origin(resource, (when.at or when.on) if when else None, shown(value), shown(unit))


class Entry(NamedTuple):
    """One entry of a list of the patient's state, valid by itself."""

    part: RequestPart
    origins: tuple[Origin, ...]
    by_procedure: bool = False  # read from a Procedure, which may record what an administration records too


@dataclass(frozen=True, slots=True)
class Claim:
    """What one resource says about a single field. `on` is ISO text when claims compete by date."""

    value: object
    origin: Origin
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that is there and could not be read. Without a day it may be of any, so it counts as the latest."""

    kind: str
    on: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Concern:
    """A condition that was not read and may be a ground against the dose; without a reason it is listed already.

    A value of `answered_by` that is newer than `since` answers it.
    """

    label: str
    reason: str | None
    answered_by: str | None = None
    since: str | None = None


@dataclass(frozen=True, slots=True)
class PossibleCycle:
    """Something that may be an administered radiopharmaceutical and was not read. Without a day it may be of any."""

    on: str | None
    by_procedure: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that was read. `claims` is keyed by part and field, such as ("disease", "grade")."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)
    claims: dict[tuple[str, str], list[Claim]] = field(default_factory=dict)
    completed: dict[tuple[str, str], list[Claim]] = field(default_factory=dict)  # by our own extension
    sites: dict[str, list[tuple[Mapping[str, Any], Origin]]] = field(default_factory=dict)
    comorbidities: set[str] = field(default_factory=set)  # said by conditions
    pregnancies: list[Claim] = field(default_factory=list)  # said by conditions, which last
    pregnancy_tests: list[Claim] = field(default_factory=list)  # true: not negative
    unclear_pregnancies: list[str] = field(default_factory=list)  # conditions that may be of a pregnancy
    marrow_neoplasms: list[Claim] = field(default_factory=list)  # said by conditions, which last
    concerns: list[Concern] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)  # by label, where each thing was read
    unread_imaging: list[Claim] = field(default_factory=list)  # may tell a response; without a day it may be of any
    unread: list[Unread] = field(default_factory=list)
    possible_cycles: list[PossibleCycle] = field(default_factory=list)
    not_had: set[str] = field(default_factory=set)  # types of resources of which some, or all, could not be had
    told: set[str] = field(default_factory=set)
    not_used: list[NotUsed] = field(default_factory=list)

    def refuse(self, resource: str, reason: str) -> None:
        """Something was not used. The reason never holds a value."""
        self.not_used.append(NotUsed(resource, reason))

    def add(self, name: str, part: RequestPart, *origins: Origin, by_procedure: bool = False) -> None:
        """An entry of the list `name`."""
        self.entries.setdefault(name, []).append(Entry(part, origins, by_procedure))

    def claim(self, part: str, name: str, claim: Claim) -> None:
        """A single field, said by a resource in FHIR's own members."""
        self.claims.setdefault((part, name), []).append(claim)

    def complete(self, part: str, told: Mapping[str, Any], source: Origin) -> None:
        """Single fields, said by our own extension; they count where no resource says them otherwise."""
        for name, value in told.items():
            self.completed.setdefault((part, name), []).append(Claim(value, source))
