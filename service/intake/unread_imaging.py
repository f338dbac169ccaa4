"""Imaging that may tell the tumour's response and was not read.

An older response would reassure while the newer imaging may say otherwise. So the newest of what was not read stands among
the studies without a reading, and the facts ask what it showed. It takes nothing away: a progression that was read holds.
Before the first radiopharmaceutical no response is asked for.

Doubt: of one day, what was read speaks for what was not, because a report in words and the judgement of it often stand
side by side. Doubt: without a day that can be right it counts as of the day of the question.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from service.intake.concepts import codes_at, of_kind
from service.intake.cycles import radiopharmaceuticals
from service.intake.gathering import Claim, Entry, Gathered, origin
from service.intake.members import entries_at, text_at
from service.intake.moments import calendar_day, moment_of
from service.intake.observed import Observed
from service.intake.sources import Source
from service.patient.findings import AssessmentOfResponse, ImagingStudy

EVIDENCE_TYPE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type"
IMAGING, LABORATORY, NO_IMAGING = "imaging", "laboratory", "no_imaging"
_WORDS = ("valueCodeableConcept", "valueString")


def kinds_of_report(source: Source) -> set[str]:
    """What a report is about by its category or its code: a modality or imaging, a laboratory, what is no imaging."""
    return {code.means for name in ("category", "code") for code in of_kind(codes_at(source.resource, name), "study")}


def note_unread_report(source: Source, gathered: Gathered) -> None:
    """Remember a report that was not read, unless it says that it is of no imaging."""
    kinds = kinds_of_report(source)
    if not kinds or kinds - {LABORATORY, NO_IMAGING}:
        when = moment_of(source.resource, "effective")
        gathered.unread_imaging.append(Claim(None, origin(source.label, when), calendar_day(when)))


def note_unread_judgement(observed: Observed, gathered: Gathered) -> None:
    """Remember an observation with a value that was not read, if it may be a response that somebody saw on imaging."""
    if _may_be_response(observed):
        found = origin(observed.label, observed.when)
        gathered.unread_imaging.append(Claim(None, found, calendar_day(observed.when)))


def _may_be_response(observed: Observed) -> bool:
    codes = codes_at(observed.node, "code")
    if any(code.means == "disease_status" for code in codes):
        evidence = evidence_of(observed)
        return not evidence or IMAGING in evidence
    if codes or not any(observed.node.get(name) for name in _WORDS):
        return False
    categories = [
        text_at(coding, "code") for each in entries_at(observed.resource, "category") for coding in entries_at(each, "coding")
    ]
    return IMAGING in categories or bool(of_kind(codes_at(observed.node, "valueCodeableConcept"), "trend", "response"))


def evidence_of(observed: Observed) -> list[str]:
    """The kinds of evidence that a judgement of the disease says it rests on, as far as they are read."""
    extensions = [each for each in entries_at(observed.resource, "extension") if text_at(each, "url") == EVIDENCE_TYPE]
    return [
        code.means
        for code in of_kind((found for each in extensions for found in codes_at(each, "valueCodeableConcept")), "evidence")
    ]


def with_unread_imaging(lists: Mapping[str, Sequence[Entry]], gathered: Gathered, as_of: date) -> list[Entry]:
    """The imaging; the newest that was not read is a study without a reading, unless one that was read is of its day or later."""
    imaging = list(lists.get(IMAGING, ()))
    unread = [(date.fromisoformat(each.on) if each.on else as_of, each.origin) for each in gathered.unread_imaging]
    newest = max(((on, found) for on, found in unread if on <= as_of), key=lambda each: each[0], default=None)
    doses = [given.given_on for given in radiopharmaceuticals(lists.get("treatments", ()))]
    if newest is None or not any(dose < newest[0] for dose in doses):
        return imaging
    judged = _days((*imaging, *lists.get("assessments_of_response", ())))
    if any(newest[0] <= on <= as_of for on in judged):
        return imaging
    return [*imaging, Entry(ImagingStudy(performed_on=newest[0]), (newest[1],))]


def _days(entries: Iterable[Entry]) -> list[date]:
    """The days of studies, and of judgements that rest on imaging."""
    parts = [entry.part for entry in entries]
    days = [part.performed_on for part in parts if isinstance(part, ImagingStudy)]
    return days + [part.assessed_on for part in parts if isinstance(part, AssessmentOfResponse) and part.kind == IMAGING]
