"""Every mutant there is, and which of them are declared equivalent to the original."""

from typing import TypeAlias

import yaml

from tests.mutants import ROOT
from tests.mutants.comparator_mutants import ComparatorMutant, comparator_mutants
from tests.mutants.number_mutants import NumberMutant, number_mutants

Mutant: TypeAlias = NumberMutant | ComparatorMutant

EQUIVALENT = ROOT / "tests" / "mutants" / "equivalent.yaml"


class UnknownMutantError(ValueError):
    """`equivalent.yaml` names a mutant that does not exist."""


def every_mutant() -> list[Mutant]:
    """Every mutant: numbers first, then comparators. Raises ValueError if two share an id."""
    mutants: list[Mutant] = [*number_mutants(), *comparator_mutants()]
    identities = [mutant.id for mutant in mutants]
    if len(set(identities)) < len(identities):
        raise ValueError(f"Two mutants share an id: {sorted({each for each in identities if identities.count(each) > 1})}")
    return mutants


def every_mutant_id() -> list[str]:
    """The id of every mutant, in the order of the table."""
    return [mutant.id for mutant in every_mutant()]


def equivalents() -> dict[str, str]:
    """Why a mutant cannot be told from the original, by its id. Raises UnknownMutantError."""
    told: dict[str, str] = yaml.safe_load(EQUIVALENT.read_text("utf-8")) or {}
    gone = sorted(told.keys() - set(every_mutant_id()))
    if gone:
        raise UnknownMutantError(f"{EQUIVALENT.name} names mutants that do not exist: {', '.join(gone)}")
    return told
