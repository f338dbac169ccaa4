"""Imaging that may tell the tumour's response and was not read.

An older response would reassure while the newer imaging may say otherwise. So the newest of what was not read stands among
the studies without a reading, and the facts ask what it showed. It takes nothing away: a progression that was read holds.
Before the first radiopharmaceutical no response is asked for.

Of one day, what was read speaks for what was not if both are of one study: a report in words and the judgement of it often
stand side by side. Beside another study of its day that was not read a response is not used, unless it may hold the dose.

Doubt: without a day that can be right it counts as of the day of the question.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache, partial

from service.intake.concepts import codes_at, of_kind
from service.intake.cycles import radiopharmaceuticals
from service.intake.gathering import Claim, Entry, Gathered, Origin, origin
from service.intake.lists import refuse_entry
from service.intake.members import entries_at, text_at
from service.intake.moments import calendar_day, moment_of
from service.intake.observed import Observed
from service.intake.sources import Source
from service.intake.studies import does_not_stage, study_of
from service.patient.fields import RequestPart
from service.patient.findings import AssessmentOfResponse, ImagingStudy

EVIDENCE_TYPE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type"
IMAGING, LABORATORY, NO_IMAGING = "imaging", "laboratory", "no_imaging"
ASSESSMENTS = "assessments_of_response"
ANOTHER_STUDY = "tells the response of a day on which another study was not read"
_WORDS = ("valueCodeableConcept", "valueString")


def kinds_of_report(source: Source) -> set[str]:
    """What a report is about by its category or its code: a modality or imaging, a laboratory, what is no imaging."""
    return {code.means for name in ("category", "code") for code in of_kind(codes_at(source.resource, name), "study")}


def note_unread_report(source: Source, gathered: Gathered) -> None:
    """Remember a report that was not read, unless it says that it is of no imaging, or of none that stages the tumour."""
    kinds = kinds_of_report(source)
    if (not kinds or kinds - {LABORATORY, NO_IMAGING}) and not does_not_stage(source):
        when = moment_of(source.resource, "effective")
        gathered.unread_imaging.append(Claim(None, origin(source.label, when), calendar_day(when)))


def note_unread_judgement(observed: Observed, gathered: Gathered) -> None:
    """Remember an observation with a value that was not read, if it may be a response that somebody saw on imaging."""
    if _may_be_response(observed):
        found = origin(observed.label, observed.when)
        gathered.unread_imaging.append(Claim(None, found, calendar_day(observed.when)))


def _may_be_response(observed: Observed) -> bool:
    if any(code.means == "disease_status" for code in observed.codes):
        evidence = evidence_of(observed)
        return not evidence or IMAGING in evidence
    if observed.codes or not any(observed.node.get(name) for name in _WORDS):
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


def with_unread_imaging(lists: Mapping[str, list[Entry]], gathered: Gathered, as_of: date) -> list[Entry]:
    """The imaging; the newest that was not read is a study without a reading, unless what was read speaks for it.

    A response of its day, of another study, is taken out of both lists that may tell one.
    """
    imaging = list(lists.get(IMAGING, ()))
    read = [*_dated(imaging), *_dated(lists.get(ASSESSMENTS, ()))]
    unread = [(date.fromisoformat(each.on) if each.on else as_of, each.origin) for each in gathered.unread_imaging]
    study_at = cache(partial(_study_at, gathered.sources))
    open_ = [each for each in unread if each[0] <= as_of and not _is_spoken_for(*each, read, study_at, as_of)]
    newest = max(open_, key=lambda each: each[0], default=None)
    doses = [given.given_on for given in radiopharmaceuticals(lists.get("treatments", ()))]
    if newest is None or not any(dose < newest[0] for dose in doses):
        return imaging
    left_out = [entry for on, entry in read if on == newest[0] and not _may_hold(entry.part)]
    for entry in left_out:
        refuse_entry(entry, ANOTHER_STUDY, gathered)
    if ASSESSMENTS in lists:
        lists[ASSESSMENTS][:] = [entry for entry in lists[ASSESSMENTS] if entry not in left_out]
    return [*(entry for entry in imaging if entry not in left_out), Entry(ImagingStudy(performed_on=newest[0]), (newest[1],))]


def _dated(entries: Iterable[Entry]) -> Iterator[tuple[date, Entry]]:
    """The studies, and the judgements that rest on imaging, with their days."""
    for entry in entries:
        match entry.part:
            case ImagingStudy(performed_on=on) | AssessmentOfResponse(assessed_on=on, kind="imaging"):
                yield on, entry
            case _:
                pass


def _is_spoken_for(
    on: date, unread: Origin, read: Iterable[tuple[date, Entry]], study_at: Callable[[str], frozenset[str]], as_of: date
) -> bool:
    """Whether something later was read, or something of its day that is of the same study."""
    study = study_at(unread.resource)
    return any(
        on < day <= as_of or (on == day and any(study & study_at(each.resource) for each in entry.origins)) for day, entry in read
    )


def _study_at(sources: Mapping[str, Source], label: str) -> frozenset[str]:
    return study_of(sources[label.partition(" component ")[0]])


def _may_hold(part: RequestPart) -> bool:
    """Whether a response may be a progression: that is never taken away."""
    if isinstance(part, AssessmentOfResponse):
        return part.response == "progression"
    told = [getattr(part, name) for name in ("overall_response", "bone_response", "non_target")]
    return "progressive_disease" in told or any(getattr(part, name) for name in ("new_lesions", "target_lesions"))
