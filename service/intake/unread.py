"""Values that are there and could not be read, and the older values of the same kind that must not stand in for them.

An older value would reassure while a newer one may say otherwise. Values up to the day of the last radiopharmaceutical
stay: they are what later ones are compared with. ECOG and Karnofsky are one kind, because either answers for both.
"""

from collections.abc import Iterable
from datetime import date, datetime

from service.intake.concepts import of_kind
from service.intake.gathering import Claim, Entry, Gathered, Unread
from service.intake.moments import calendar_day, read_when, time_of
from service.intake.observed import Observed, observed_in
from service.intake.sources import Source
from service.intake.unread_imaging import note_unread_judgement
from service.patient.findings import LaboratoryValue

SCORES = ("ecog", "karnofsky")
PERFORMANCE = "performance"
OUTDATED = "is older than a value of the same kind that could not be read"


def note_unread(observed: Observed, gathered: Gathered) -> None:
    """Remember that a value of a known kind is there and was not read. What says that it is absent is no value."""
    if "dataAbsentReason" in observed.node or not _says_something(observed):
        return
    note_unread_judgement(observed, gathered)
    on = calendar_day(observed.when)
    at = time_of(observed.when) if on else None
    for code in of_kind(observed.codes, "analyte", "reading"):
        if code.kind == "analyte" or code.means in SCORES:
            gathered.unread.append(Unread(PERFORMANCE if code.means in SCORES else code.means, on, at))


def note_unread_observation(source: Source, gathered: Gathered) -> None:
    """The same of everything that an observation says."""
    for observed in observed_in(source):
        note_unread(observed, gathered)


def without_outdated_values(entries: Iterable[Entry], gathered: Gathered, as_of: date, last_dose: date | None) -> list[Entry]:
    """The laboratory values without those that are older than one of their kind that could not be read."""
    kept = []
    for entry in entries:
        value = entry.part
        if isinstance(value, LaboratoryValue) and _is_outdated(
            value.analyte, value.taken_on, value.taken_at, gathered.unread, as_of, last_dose
        ):
            for origin in entry.origins:
                gathered.refuse(origin.resource, OUTDATED)
        else:
            kept.append(entry)
    return kept


def drop_outdated_scores(gathered: Gathered, as_of: date, last_dose: date | None) -> None:
    """The same of performance status."""
    for name in SCORES:
        claims = gathered.claims.pop((PERFORMANCE, name), [])
        for claim in claims:
            if _is_outdated(PERFORMANCE, *_moment_of(claim), gathered.unread, as_of, last_dose):
                gathered.refuse(claim.origin.resource, OUTDATED)
            else:
                gathered.claim(PERFORMANCE, name, claim)


def _says_something(observed: Observed) -> bool:
    return any(name.startswith(("value", "interpretation")) and member is not None for name, member in observed.node.items())


def _moment_of(claim: Claim) -> tuple[date, datetime | None]:
    return date.fromisoformat(str(claim.on)), time_of(read_when(claim.origin.date))


def _is_outdated(kind: str, on: date, at: datetime | None, unread: Iterable[Unread], as_of: date, last_dose: date | None) -> bool:
    if last_dose is not None and on <= last_dose:
        return False
    return any(each.kind == kind and _is_older(on, at, each, as_of) for each in unread)


def _is_older(on: date, at: datetime | None, unread: Unread, as_of: date) -> bool:
    """Whether something is from before an unread value. Of one day it is, unless it has a later time."""
    unread_on = date.fromisoformat(unread.on) if unread.on else as_of
    if unread_on > as_of:
        return False
    if at is not None and unread.at is not None:
        return at <= unread.at
    return on <= unread_on
