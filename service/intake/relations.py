"""Resources that are about a condition of their own: used only if that is the tumour or its spread.

An observation names it as its focus. Of conditions only sites of spread are asked for what they belong to: a metastasis
may be another tumour's, while a code of a neuroendocrine tumour, or of another illness, says by itself what it is.
"""

from collections.abc import Collection, Mapping
from typing import Any

from service.intake.concepts import codes_at, of_kind
from service.intake.members import entries_at, object_at, text_at
from service.intake.sources import Source, Sources
from service.intake.standing import why_not_standing
from service.terminology.codes import Code, find_code

RELATED = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-related-condition"
_RELATED_ENDS = "condition-related"
_TUMOUR = ("tumour", "primary", "differentiation")
_CHAPTER = 3  # characters of the chapter of a code of ICD-10-CM
_SPREAD = ("metastasis", "secondary")


class Conditions:
    """The conditions of one patient that are read as the tumour, or as its spread."""

    def __init__(self, sources: Sources, patient: Collection[str]) -> None:
        standing = [each for each in sources.every if each.kind == "Condition" and why_not_standing(each, patient) is None]
        self._sources = sources
        self.is_neuroendocrine = any(_is_neuroendocrine(code) for each in standing for code in codes_at(each.resource, "code"))
        self._ours = {id(each.resource) for each in standing if of_kind(codes_at(each.resource, "code"), *_TUMOUR)}
        spread = [each for each in standing if _is_spread(each)]
        self._ours |= {id(each.resource) for each in spread if not _related(each.resource)}
        self._ours |= {id(each.resource) for each in spread if self._is_one_ours(each, _related(each.resource))}

    def is_about_another(self, source: Source) -> bool:
        """Whether a resource says that it is about a condition, and none that is read as the tumour or its spread."""
        if source.kind == "Observation" and "focus" in source.resource:
            return not self._is_one_ours(source, entries_at(source.resource, "focus"))
        return source.kind == "Condition" and _is_spread(source) and id(source.resource) not in self._ours

    def _is_one_ours(self, source: Source, targets: list[Mapping[str, Any]]) -> bool:
        return any(id(self._sources.find(source, target)) in self._ours for target in targets)


def _is_neuroendocrine(code: Code) -> bool:
    """A code of the tumour, or of its spread in the chapter of ICD-10-CM that is for neuroendocrine tumours alone."""
    chapter = find_code(code.system, code.code[:_CHAPTER])
    return code.kind in _TUMOUR or (chapter is not None and chapter.kind == "secondary")


def _is_spread(source: Source) -> bool:
    return bool(of_kind(codes_at(source.resource, "code"), *_SPREAD))


def _related(condition: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The references to the conditions that this one belongs to."""
    urls = [(text_at(each, "url") or "", each) for each in entries_at(condition, "extension")]
    return [object_at(each, "valueReference") for url, each in urls if url == RELATED or url.endswith(_RELATED_ENDS)]
