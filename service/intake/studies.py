"""Which imaging study a resource speaks of: two of one day speak of one study only if something says so.

Doubt: of one day two reports of the same modality are taken for one study.
"""

import re
from typing import Any

from service.intake.concepts import codes_at, of_kind
from service.intake.members import entries_at, object_at, objects_at, text_at
from service.intake.sources import Source, as_local

OTHER_REGION = "other_region"
_OF_A_STUDY = ("DiagnosticReport", "Observation")
_REFERENCES = ("result", "basedOn", "imagingStudy", "study", "partOf", "derivedFrom", "hasMember")
_MODALITIES = ("ct", "mri", "pet_ct")
_EXTREMITY = r"\b(knee|shoulder|hand|wrist|ankle|foot|elbow|finger|toe)s?\b"
_NEVER_STAGES = re.compile(
    rf"x-?\s?ray|\bxr\b|radiograph|mammogra|bone densit|densitometr|\bdxa\b|\bdexa\b|dental|orthopantom|echocardiogra|"
    rf"obstetric|f(o)?etal|ultrasound of thyroid|thyroid ultrasound|carotid|{_EXTREMITY}",
    re.IGNORECASE,
)
_MAY_STAGE = re.compile(
    r"\bct\b|tomogra|\bpet\b|spect\b|scinti|whole|abdom|liver|pelvi|spin(e|al)|nuclear|octreo|dota|"
    r"progress|metasta|lesion|tumou?r|mass\b|nodule",
    re.IGNORECASE,
)


def study_of(source: Source) -> frozenset[str]:
    """What tells which study a resource is of: its own name, what it refers to, its identifiers, its modality."""
    if source.kind not in _OF_A_STUDY:
        return frozenset()
    resource = source.resource
    named = [text_at(each, "reference") for name in _REFERENCES for each in objects_at(resource, name)]
    identifiers = [f"{text_at(each, 'system')}|{text_at(each, 'value')}" for each in entries_at(resource, "identifier")]
    modalities = [each.means for each in _studies(source) if each.means in _MODALITIES]
    own = [name for name in (source.key, source.address) if name]
    return frozenset([*own, *(as_local(each) for each in named if each), *identifiers, *modalities[: len(modalities) == 1]])


def does_not_stage(source: Source) -> bool:
    """Whether a report is of another region of the body, or a plain one: by its code, or by words that name nothing else."""
    if any(each.means == OTHER_REGION for each in _studies(source)):
        return True
    concept = object_at(source.resource, "code")
    codings = [text_at(each, "display") for each in entries_at(concept, "coding")]
    named = " ".join(filter(None, (text_at(concept, "text"), *codings)))
    said = f"{named} {text_at(source.resource, 'conclusion') or ''}"
    return bool(_NEVER_STAGES.search(named)) and not _MAY_STAGE.search(said)


def _studies(source: Source) -> list[Any]:
    return of_kind((code for name in ("category", "code") for code in codes_at(source.resource, name)), "study")
