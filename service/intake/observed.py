"""What one observation, or one component of one, says."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from service.intake.concepts import codes_at
from service.intake.members import entries_at
from service.intake.moments import When, moment_of
from service.intake.sources import Source
from service.terminology.codes import Code


class Observed(NamedTuple):
    """`node` holds code and value; `resource` is the whole observation, which is the node itself if it is no component."""

    node: Mapping[str, Any]
    resource: Mapping[str, Any]
    codes: list[Code]
    when: When | None
    label: str


def observed_in(source: Source) -> list[Observed]:
    """What an observation says itself, and what its components say. A panel without a code that is read says nothing itself."""
    when = moment_of(source.resource, "effective")
    codes, components = codes_at(source.resource, "code"), entries_at(source.resource, "component")
    parts = [
        Observed(component, source.resource, codes_at(component, "code"), when, f"{source.label} component {number}")
        for number, component in enumerate(components)
    ]
    if components and not codes:
        return parts
    return [Observed(source.resource, source.resource, codes, when, source.label), *parts]
