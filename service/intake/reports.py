"""DiagnosticReport: imaging studies, with the response that the reader concluded."""

from service.intake.concepts import codes_at, of_kind
from service.intake.gathering import Gathered, origin
from service.intake.moments import moment_of
from service.intake.own_extension import told_by_extension
from service.intake.settling import settle
from service.intake.sources import Source, Sources
from service.patient.findings import ImagingStudy

_MODALITIES = ("ct", "mri")


def read_report(source: Source, gathered: Gathered, sources: Sources) -> None:  # noqa: ARG001  # every reader has this shape
    """Add an imaging study that concludes a response, or is told in our extension. A report alone tells nothing of the disease.

    Results of a laboratory are read from their own resources.
    """
    kinds = {code.means for code in of_kind(codes_at(source.resource, "category"), "study")}
    told = told_by_extension(source.resource, "imaging")
    if kinds == {"laboratory"}:
        gathered.refuse(source.label, "is a list of results, which are read from their own resources")
        return
    if told is None and not kinds - {"laboratory"}:
        gathered.refuse(source.label, "has no category that is read")
        return
    when = moment_of(source.resource, "effective")
    if when is None:
        gathered.refuse(source.label, "has no full date")
        return
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
        return
    elif responses:
        gathered.refuse(source.label, "is used without its response: it concludes more than one")
    part = settle(ImagingStudy, (told or {}) | core, lambda reason: gathered.refuse(source.label, reason))
    if part is not None:
        gathered.add("imaging", part, origin(source.label, when, responses[0].code if len(responses) == 1 else None))
