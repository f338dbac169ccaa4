"""Conditions for which the state has no field of their own: a neoplasm of the marrow, and whatever was not read.

A neoplasm of the marrow becomes an event of that name. What may be a ground against the dose and is not read, another neoplasm,
a disease of the blood, or whatever has no code that is known, leaves the conditions told only in part.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from service.intake.concepts import codes_at, of_kind, only_word
from service.intake.gathering import Claim, Entry, Gathered
from service.intake.members import entries_at, text_at
from service.intake.own_extension import told_by_extension
from service.intake.sources import Source
from service.patient.findings import Event
from service.terminology.codes import is_of_no_concern

UNKNOWN = "has no code that is known; whether it is a ground against the dose is not known"
NO_CODE = "has no code that is read"
MARROW_NEOPLASM = "marrow_neoplasm"
_OF_THE_TUMOUR = ("metastasis", "secondary", "tumour", "primary", "differentiation", "functional_syndrome")
_KNOWN = (*_OF_THE_TUMOUR, "comorbidity", "pregnancy", "may_be_pregnancy", MARROW_NEOPLASM, "no_concern")


def why_not_read(source: Source) -> str:
    """Why a condition without a code that is read is not used."""
    return _concern(source) or NO_CODE


def _concern(source: Source) -> str | None:
    """Why a condition may be a ground against the dose; None if its codes say that it is none."""
    codes = codes_at(source.resource, "code")
    concerns = of_kind(codes, "concern")
    if concerns:
        return concerns[0].means
    if of_kind(codes, *_KNOWN) or told_by_extension(source.resource, "disease") is not None:
        return None
    codings = entries_at(source.resource, "code", "coding")
    is_known = any(is_of_no_concern(text_at(each, "system") or "", text_at(each, "code") or "") for each in codings)
    return None if is_known else UNKNOWN


def note_concern(source: Source, gathered: Gathered) -> None:
    """Remember that a condition was not read, if it may be a ground against the dose."""
    if _concern(source) is not None:
        gathered.concerns.append(source.label)


def note_concern_of_what_does_not_stand(source: Source, gathered: Gathered) -> None:
    """The same of a condition that may stand or not: suspected, or of a status that is not understood."""
    codes = codes_at(source.resource, "code")
    if of_kind(codes, MARROW_NEOPLASM, "differentiation"):
        gathered.concerns.append(source.label)
    elif of_kind(codes, "pregnancy", "may_be_pregnancy"):
        gathered.unclear_pregnancies.append(source.label)
    elif only_word(source.resource, "clinicalStatus", ("remission",)) is None:
        note_concern(source, gathered)


def with_marrow_neoplasms(
    lists: Mapping[str, Sequence[Entry]], gathered: Gathered, born: date | None, as_of: date, *, is_today: bool
) -> list[Entry]:
    """The events, and those that conditions tell.

    Without a day that can be right they count as of the day of the question: that they are active says that they last.
    """
    told = [Entry(_event(claim, born, as_of, is_today=is_today), (claim.origin,)) for claim in gathered.marrow_neoplasms]
    return [*lists.get("events", ()), *told]


def _event(claim: Claim, born: date | None, as_of: date, *, is_today: bool) -> Event:
    on = date.fromisoformat(claim.on) if claim.on else as_of
    if (born is not None and on < born) or (is_today and on > as_of):
        on = as_of
    return Event(occurred_on=on, kind="adverse_event", detail=str(claim.value))
