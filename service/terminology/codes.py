"""The closed table of codes from the outside world (codes.yaml): system and code -> a word of ours.

A code that is not in the table means nothing here; a display text is never looked at.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from service.terminology.yaml_text import read_yaml

UCUM = "http://unitsofmeasure.org"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
_OF_PROCEDURES = ("http://www.ama-assn.org/go/cpt", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets")
_CODE_OF_ICD = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
_LONGEST = 20  # a longer text is no code of any system here
_LONGEST_OF_ICD = 7  # without the dot; no other system here has rows that are prefixes
_NO_UNITS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Code:
    """One code, and what it means: `kind` says for what question, `means` is the answer."""

    system: str
    code: str
    display: str
    kind: str
    means: str
    mark: Literal["verified", "recalled"]
    agent: str | None
    prefix: bool
    read_as: Mapping[str, str]  # spellings of a unit that this code completes
    answered_by: str | None  # the analyte whose newer value answers what a condition leaves open


def find_code(system: str, code: str) -> Code | None:
    """What a code means, or None; it keeps the code as it was told. The system is one of its addresses (URI)."""
    written_as = _SYSTEMS.get(system)
    if written_as is None or len(code) > _LONGEST:
        return None
    plain = _plain(written_as, code)
    found = _EXACT.get((written_as, plain)) or _by_prefix(written_as, plain)
    return found if found is None or found.code == code else replace(found, code=code)


def _by_prefix(system: str, plain: str) -> Code | None:
    if len(plain) > _LONGEST_OF_ICD or not plain.isalnum():
        return None
    return next((row for end in range(len(plain), 0, -1) if (row := _PREFIXES.get((system, plain[:end])))), None)


def code_of(kind: str, means: str, agent: str | None = None) -> Code | None:
    """The code to write for a word of ours (of a drug: for its kind and agent): the first in the table, or None."""
    return _FIRST.get((kind, means, agent))


def is_another_drug(system: str, code: str) -> bool:
    """Whether a code without a meaning here is that of another drug than the radiopharmaceuticals.

    It is, in a system in which the table has some, unless it is the group that one of them belongs to: ATC writes the code
    of a group as the beginning of its members' codes.
    """
    known = [row.code for row in CODES if row.kind == "radiopharmaceutical" and row.system == _SYSTEMS.get(system)]
    return bool(known) and not any(each.startswith(code) for each in known)


def is_another_procedure(system: str, code: str) -> bool:
    """Whether a code without a meaning here is that of another procedure than therapy with a radiopharmaceutical.

    It is, in a system that is of procedures and in which the table has those of radiopharmaceuticals.
    """
    return bool(code) and _SYSTEMS.get(system) in _OF_PROCEDURES


def is_of_no_concern(system: str, code: str) -> bool:
    """Whether a code of ICD-10 without a meaning here is of a condition that no rule asks for: all others have a row."""
    written_as = _SYSTEMS.get(system, "")
    return written_as in (ICD_10_CM, ICD_10) and bool(_CODE_OF_ICD.fullmatch(_plain(written_as, code)))


def _plain(system: str, code: str) -> str:
    return code.replace(".", "").upper() if system in (ICD_10_CM, ICD_10) else code


def _rows(document: Any) -> tuple[Code, ...]:
    return tuple(
        Code(
            system=document["systems"][system][0],
            code=row["code"],
            display=row["display"],
            kind=kind,
            means=row["means"],
            mark=row["mark"],
            agent=row.get("agent"),
            prefix=row.get("prefix", False),
            read_as=row.get("read_as", _NO_UNITS),
            answered_by=row.get("answered_by"),
        )
        for kind, rows in document["codes"].items()
        for row in rows
        for system in (row["system"], *([row["also"]] if "also" in row else ()))
    )


_DOCUMENT = read_yaml(files("service.terminology").joinpath("codes.yaml").read_text("utf-8"))
_SYSTEMS: dict[str, str] = {address: addresses[0] for addresses in _DOCUMENT["systems"].values() for address in addresses}
CODES: tuple[Code, ...] = _rows(_DOCUMENT)
UCUM_UNITS: frozenset[str] = frozenset(_DOCUMENT["ucum_units"])
_EXACT = {(row.system, _plain(row.system, row.code)): row for row in CODES if not row.prefix}
_PREFIXES = {(row.system, _plain(row.system, row.code)): row for row in CODES if row.prefix}
_FIRST = {(row.kind, row.means, row.agent): row for row in reversed(CODES)}
