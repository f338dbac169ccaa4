"""Which lists are told only in part: from resources of a hospital nothing is complete, unless our own `state` says so.

What our own `state` tells in full stays so, except where a resource beside it may be a cycle and was not read.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import get_args

from service.intake.cycles import may_lack_cycles, radiopharmaceuticals
from service.intake.gathering import Entry, Gathered
from service.vocabulary import PartlyTold

_WORDS: tuple[PartlyTold, ...] = get_args(PartlyTold)
_LISTS: Mapping[PartlyTold, str] = {
    "other_treatments": "treatments",
    "comorbidities": "comorbidities",
    "imaging": "imaging",
}
_HOMES_OF_CYCLES = frozenset({"MedicationAdministration", "Procedure", ""})  # of the last, nobody knows what is missing


def told_in_part(gathered: Gathered, lists: Mapping[str, Sequence[Entry]], as_of: date) -> tuple[PartlyTold, ...] | None:
    """What our own `state` says, and what else cannot be complete; None if neither says anything."""
    own = _own(gathered)
    found = [word for word, name in _LISTS.items() if lists.get(name) and name not in gathered.told]
    if _lacks_cycles(gathered, lists.get("treatments", ()), as_of):
        found.insert(0, "radiopharmaceuticals")
    if gathered.concerns:
        found.append("conditions")
    if not found:
        return own
    return tuple(dict.fromkeys((*(own or ()), *found)))


def _lacks_cycles(gathered: Gathered, treatments: Sequence[Entry], as_of: date) -> bool:
    """Whether cycles may be missing.

    Treatments among which there is no radiopharmaceutical say as little about cycles as no treatments do.
    """
    if may_lack_cycles(gathered, treatments, as_of):
        return True
    if "treatments" in gathered.told or not treatments:
        return False
    return bool(gathered.not_had & _HOMES_OF_CYCLES) or not radiopharmaceuticals(treatments)


def _own(gathered: Gathered) -> tuple[PartlyTold, ...] | None:
    for claim in gathered.completed.get(("state", "told_in_part"), ()):
        words = claim.value if isinstance(claim.value, list) else [None]
        own = tuple(known for word in words for known in _WORDS if word == known)
        if len(own) == len(words) <= len(_WORDS):
            return own
        gathered.refuse(claim.origin.resource, "tells in part something that is not read; so nothing counts as complete")
        return _WORDS
    return None
