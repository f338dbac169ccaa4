"""Codes in resources: matched by system and code, never by display."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from service.intake.members import entries_at, objects_at, text_at
from service.terminology.codes import Code, find_code


def codes_at(node: Mapping[str, Any], *steps: str) -> list[Code]:
    """The known codes of a CodeableConcept, or of a list of them, at the end of these steps."""
    return [
        found
        for concept in objects_at(node, *steps)
        for coding in entries_at(concept, "coding")
        if (found := find_code(text_at(coding, "system") or "", text_at(coding, "code") or ""))
    ]


def of_kind(codes: Iterable[Code], *kinds: str) -> list[Code]:
    """Those codes that answer one of these questions, each answer once."""
    return list({(code.kind, code.means): code for code in codes if code.kind in kinds}.values())


def only_word(node: Mapping[str, Any], name: str, words: Collection[str]) -> str | None:
    """The word of FHIR's own closed list in a CodeableConcept: None if there is none of it, or more than one."""
    found = {code for coding in entries_at(node, name, "coding") if (code := text_at(coding, "code")) in words}
    return found.pop() if len(found) == 1 else None
