"""What one observation, or one component of one, says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.intake.moments import When


@dataclass(frozen=True, slots=True)
class Observed:
    """`node` holds code and value; `resource` is the whole observation, which is the node itself if it is no component."""

    node: Mapping[str, Any]
    resource: Mapping[str, Any]
    when: When | None
    label: str
