"""DiagnosticReport: imaging studies, with the response that the reader concluded."""

from typing import Any

from service.intake.concepts import codes_at, of_kind
from service.intake.gathering import Gathered, origin
from service.intake.moments import moment_of
from service.intake.own_extension import told_by_extension
from service.intake.settling import settle
from service.intake.sources import Source, Sources
from service.intake.studies import does_not_stage
from service.intake.unread_imaging import LABORATORY, NO_IMAGING, kinds_of_report, note_unread_report
from service.patient.findings import ImagingStudy

_MODALITIES = ("ct", "mri")


def read_report(source: Source, gathered: Gathered, sources: Sources) -> None:  # noqa: ARG001  # every reader has this shape
    """Add an imaging study that concludes a response, or is told in our extension; note one whose response is not read.

    Results of a laboratory are read from their own resources.
    """
    kinds = kinds_of_report(source)
    told = told_by_extension(source.resource, "imaging")
    if told is None and kinds and kinds <= {LABORATORY, NO_IMAGING}:
        of_results = "is a list of results, which are read from their own resources"
        gathered.refuse(source.label, of_results if LABORATORY in kinds else "is no report of imaging")
    elif told is None and does_not_stage(source) and not of_kind(codes_at(source.resource, "conclusionCode"), "response"):
        gathered.refuse(source.label, "is of a study that does not stage the tumour")
    elif told is None and not kinds:
        gathered.refuse(source.label, "has no category that is read")
        note_unread_report(source, gathered)
    elif not _add_study(source, kinds, told, gathered):
        note_unread_report(source, gathered)


def _add_study(source: Source, kinds: set[str], told: dict[str, Any] | None, gathered: Gathered) -> bool:
    """Whether the study was added with everything that the report says of the response."""
    when = moment_of(source.resource, "effective")
    if when is None:
        gathered.refuse(source.label, "has no full date")
        return False
    core = {"performed_on": when.on}
    modalities = kinds & set(_MODALITIES)
    if len(modalities) == 1:
        core["modality"] = modalities.pop()
    responses = of_kind(codes_at(source.resource, "conclusionCode"), "response")
    if len(responses) == 1:
        core["overall_response"] = responses[0].means
    elif told is None:
        why = "concludes more than one response" if responses else "concludes no response that is read"
        gathered.refuse(source.label, why)
        return False
    elif responses:
        gathered.refuse(source.label, "is used without its response: it concludes more than one")
    part = settle(ImagingStudy, (told or {}) | core, lambda reason: gathered.refuse(source.label, reason))
    if part is not None:
        gathered.add("imaging", part, origin(source.label, when, responses[0].code if len(responses) == 1 else None))
    return part is not None and len(responses) <= 1
