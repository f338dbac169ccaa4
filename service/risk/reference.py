"""Outcomes of published cohorts that resemble the patient in one respect: never a prediction."""

from collections.abc import Callable
from dataclasses import dataclass

from service.evidence import RISK, Finding
from service.facts import Facts
from service.facts.exposure import LABELLED_AGENT
from service.risk.features import pancreatic
from service.risk.questions import Outcome

RECORD = RISK["reference_outcomes"]
_THORACIC = ("lung", "thymus")


@dataclass(frozen=True, slots=True)
class Reference:
    """A published outcome, and why it is shown for this patient."""

    outcome: Outcome
    finding: Finding


def _primary(facts: Facts) -> str | None:
    return facts.state.disease.primary_site if facts.state.disease else None


def _midgut(facts: Facts) -> bool:
    return _primary(facts) == "small_intestine" and _prrt(facts)


def _pancreatic(facts: Facts) -> bool:
    return pancreatic(facts) and _prrt(facts)


def _gastroenteropancreatic(facts: Facts) -> bool:
    return _primary(facts) not in (None, "unknown", *_THORACIC) and _prrt(facts)


def _higher_grade(facts: Facts) -> bool:
    disease = facts.state.disease
    return bool(disease and disease.differentiation == "well" and disease.grade == HIGHEST_GRADE) and _prrt(facts)


def _edotreotide(facts: Facts) -> bool:
    return facts.exposure.agent == "lutetium_177_edotreotide"


def _further_course(facts: Facts) -> bool:
    return bool(facts.exposure.earlier)


def _sirt(facts: Facts) -> bool:
    return any(treatment.kind == "sirt" for treatment in facts.state.treatments or ())


def _prrt(facts: Facts) -> bool:
    return facts.exposure.agent == LABELLED_AGENT and not facts.exposure.earlier


HIGHEST_GRADE = 3  # WHO grade 3, the upper of the two strata of NETTER-2
_SHOWN: tuple[tuple[str, Outcome, Callable[[Facts], bool]], ...] = (
    ("netter_1_survival", "overall_survival", _midgut),
    ("netter_2_progression", "progression_free_survival", _higher_grade),
    ("pancreatic_progression", "progression_free_survival", _pancreatic),
    ("pancreatic_survival", "overall_survival", _pancreatic),
    ("erasmus_progression", "progression_free_survival", _gastroenteropancreatic),
    ("erasmus_survival", "overall_survival", _gastroenteropancreatic),
    ("edotreotide_progression", "progression_free_survival", _edotreotide),
    ("retreatment_progression", "progression_free_survival", _further_course),
    ("sirt_survival", "overall_survival", _sirt),
    ("sirt_and_prrt_survival", "overall_survival", _sirt),
)


def reference_outcomes(facts: Facts) -> tuple[Reference, ...]:
    """The cohorts that resemble the patient."""
    return tuple(Reference(outcome, RECORD.finding(name)) for name, outcome, resembles in _SHOWN if resembles(facts))
