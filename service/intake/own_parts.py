"""Basic resources of our own: the parts of a patient's state for which FHIR has no resource."""

from service.intake.gathering import Gathered, origin
from service.intake.lists import LISTS
from service.intake.members import entries_at
from service.intake.own_extension import SYSTEM, told_by_extension
from service.intake.settling import settle
from service.intake.single_parts import SINGLE_PARTS
from service.intake.sources import Source, Sources

_MAY_BE_EMPTY = frozenset({*LISTS, *SINGLE_PARTS, "metastases"})


def read_basic(source: Source, gathered: Gathered, sources: Sources) -> None:  # noqa: ARG001  # every reader has this shape
    """Add an entry of a list, or what concerns the state as a whole: its day, its options, which parts it tells."""
    names = [coding.get("code") for coding in entries_at(source.resource, "code", "coding") if coding.get("system") == SYSTEM]
    name = names[0] if len(names) == 1 and isinstance(names[0], str) else ""
    told = told_by_extension(source.resource, name)
    if told is None or (name not in LISTS and name != "state"):
        gathered.refuse(source.label, "has no code that is read")
        return
    if name == "state":
        _read_state(told, source, gathered)
        return
    part = settle(LISTS[name], told, lambda reason: gathered.refuse(source.label, reason))
    if part is not None:
        gathered.add(name, part, origin(source.label))


def _read_state(told: dict[str, object], source: Source, gathered: Gathered) -> None:
    gathered.complete("state", {name: told[name] for name in ("as_of", "told_in_part") if name in told}, origin(source.label))
    for part in SINGLE_PARTS:
        fields = told.get(part)
        if isinstance(fields, dict):
            gathered.complete(part, fields, origin(source.label))
    names = told.get("told")
    gathered.told.update(
        name for name in (names if isinstance(names, list) else []) if isinstance(name, str) and name in _MAY_BE_EMPTY
    )
