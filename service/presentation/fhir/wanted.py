"""What is missing, as DataRequirements that a system can answer with a search by code."""

from collections.abc import Iterable

from service.presentation.fhir.elements import Element
from service.presentation.wire import AskedOut
from service.terminology.codes import CODES, Code

_KINDS = ("analyte", "reading")
_EITHER = {"performance": ("ecog", "karnofsky")}  # items that several readings answer


def data_requirements(missing: Iterable[AskedOut]) -> list[Element]:
    """One DataRequirement for each thing that is asked for and measured; what has no code stands in the notes only.

    A code that is only recalled is never asked for: another system would answer it with something else.
    """
    wanted = dict.fromkeys(_words(asked["item"]) for asked in missing)
    return [_observation(codes) for words in wanted if (codes := [code for code in CODES if _is_of(code, words)])]


def _words(item: str) -> tuple[str, ...]:
    """What answers an item: of `baseline_creatinine` or `bilirubin.upper_limit` the analyte."""
    return _EITHER.get(item) or (item.removeprefix("baseline_").partition(".")[0],)


def _is_of(code: Code, words: tuple[str, ...]) -> bool:
    return code.means in words and code.kind in _KINDS and code.mark == "verified"


def _observation(codes: list[Code]) -> Element:
    """Any one of the codes will do. No display: the table's are its own words."""
    coded = [{"system": code.system, "code": code.code} for code in codes]
    return {"type": "Observation", "codeFilter": [{"path": "code", "code": coded}]}
