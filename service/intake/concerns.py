"""Conditions that were not read and may be a ground against the dose: while there is any, conditions are told only in part.

Only a code says that a condition is none, with one exception: SNOMED CT writes at the end of a name what is no disorder, and
of such a name plain words of work, home and school are believed. Conditions of one reason are listed together, once.
"""

import re
from collections.abc import Iterable
from datetime import date

from service.intake.concepts import codes_at, of_kind, only_word
from service.intake.gathering import Concern, Entry, Gathered
from service.intake.members import entries_at, text_at
from service.intake.moments import calendar_day, read_when, start_of
from service.intake.own_extension import told_by_extension
from service.intake.sources import Source
from service.patient.findings import LaboratoryValue
from service.terminology.codes import is_of_no_concern
from service.vocabulary import ANALYTE_NAMES

UNKNOWN = "has no code that is known; whether it is a ground against the dose is not known"
UNKNOWN_TOGETHER = "have no code that is known; whether they are grounds against the dose is not known"
NO_CODE = "has no code that is read"
MARROW_NEOPLASM = "marrow_neoplasm"
CONCERNS = ("concern", "lasting_concern")
_OF_THE_TUMOUR = ("metastasis", "secondary", "tumour", "primary", "differentiation", "functional_syndrome")
_KNOWN = (*_OF_THE_TUMOUR, "comorbidity", "pregnancy", "may_be_pregnancy", MARROW_NEOPLASM, "no_concern")
_NO_DISORDER = re.compile(r"\((finding|situation|person)\)$", re.IGNORECASE)
_SOCIAL = re.compile(
    r"employ|labor force|work|education|school|college|housing|homeless|income|refugee|armed forces|transport|stress|"
    r"social|criminal|abuse|violence|marital|literacy|language|review due|body mass index|prediabetes|risk activity",
    re.IGNORECASE,
)


def note_concern(source: Source, gathered: Gathered) -> None:
    """List a condition that stands and has no code that is read; it is a question if it may be a ground against the dose."""
    concern = _concern(source)
    if concern is None:
        gathered.refuse(source.label, NO_CODE)
    else:
        gathered.concerns.append(concern)


def note_concern_of_what_does_not_stand(source: Source, gathered: Gathered) -> None:
    """The same of a condition that may stand or not, which is listed already: suspected, or of a status that is not understood.

    A neoplasm of the marrow, and a transplant of it, is never just over.
    """
    codes = codes_at(source.resource, "code")
    concern = _concern(source)
    if of_kind(codes, MARROW_NEOPLASM, "differentiation", "lasting_concern"):
        gathered.concerns.append(Concern(source.label, None))
    elif of_kind(codes, "pregnancy", "may_be_pregnancy"):
        gathered.unclear_pregnancies.append(source.label)
    elif concern is not None and only_word(source.resource, "clinicalStatus", ("remission",)) is None:
        gathered.concerns.append(Concern(source.label, None))


def settle_concerns(gathered: Gathered, laboratory: Iterable[Entry], as_of: date, last_dose: date | None) -> None:
    """Leave to a newer value what it answers, and list what stays, once for each reason."""
    values = [entry.part for entry in laboratory if isinstance(entry.part, LaboratoryValue)]
    answered = [each for each in gathered.concerns if _is_answered(each, values, as_of, last_dose)]
    for each in answered:
        gathered.refuse(each.label, f"is left to {ANALYTE_NAMES[each.answered_by or '']}, which was measured since")
    gathered.concerns[:] = [each for each in gathered.concerns if each not in answered]
    for reason in dict.fromkeys(each.reason for each in gathered.concerns if each.reason):
        first, *others = [each.label for each in gathered.concerns if each.reason == reason]
        together = UNKNOWN_TOGETHER if reason == UNKNOWN else reason
        gathered.refuse(f"{first} and {len(others)} more" if others else first, together if others else reason)
        for label in others:
            gathered.refuse(label, NO_CODE)


def _concern(source: Source) -> Concern | None:
    """Why a condition may be a ground against the dose; None if its codes say that it is none."""
    codes = codes_at(source.resource, "code")
    concerns = of_kind(codes, *CONCERNS)
    if concerns:
        since = start_of(source.resource, "onset") or read_when(text_at(source.resource, "recordedDate"))
        by = concerns[0].answered_by if len(concerns) == 1 else None
        return Concern(source.label, concerns[0].means, by, calendar_day(since))
    if of_kind(codes, *_KNOWN) or told_by_extension(source.resource, "disease") is not None or _is_social(source):
        return None
    codings = entries_at(source.resource, "code", "coding")
    is_known = any(is_of_no_concern(text_at(each, "system") or "", text_at(each, "code") or "") for each in codings)
    return None if is_known else Concern(source.label, UNKNOWN)


def _is_social(source: Source) -> bool:
    """Whether a condition is of the patient's circumstances, by its category or by the name that SNOMED CT gives it."""
    categories = [coding for each in entries_at(source.resource, "category") for coding in entries_at(each, "coding")]
    if any(text_at(each, "code") == "sdoh" for each in categories):
        return True
    codings = entries_at(source.resource, "code", "coding")
    names = [text_at(each, "display") or text_at(source.resource, "code", "text") or "" for each in codings]
    return bool(names) and all(_NO_DISORDER.search(name) and _SOCIAL.search(name) for name in names)


def _is_answered(concern: Concern, values: Iterable[LaboratoryValue], as_of: date, last_dose: date | None) -> bool:
    """Whether a value of what the condition is judged by is newer than it, and than the last dose. Rules ask how old it is."""
    if concern.answered_by is None or concern.since is None:
        return False
    since = max(date.fromisoformat(concern.since), last_dose or date.min)
    return any(value.analyte == concern.answered_by and since < value.taken_on <= as_of for value in values)
