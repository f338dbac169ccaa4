"""The rules on full patients, beside the validation of the same patients: no risk model, no HTTP."""

from collections.abc import Iterator
from pathlib import Path

from service.facts import derive_facts
from service.next_cycle import derive_next_cycle
from service.patient.reading import read_patient
from service.rules import RULES
from tests.benchmarks.risk import seconds
from tests.reading import TODAY

EXAMPLES = Path(__file__).parents[2] / "openapi" / "examples"
# the patient of the README, and the one with most values: five panels of thirteen over a course with a hold
FULL = ("skeletal-metastases-cycle-3", "held-and-resumed")
ROUNDS = 500


def measured() -> Iterator[tuple[str, str]]:
    """What was measured, in words."""
    for name in FULL:
        yield from _measured(name)


def _measured(name: str) -> Iterator[tuple[str, str]]:
    body = (EXAMPLES / f"{name}.json").read_bytes()
    state = read_patient(body, TODAY)
    facts = derive_facts(state)

    def validate() -> None:
        read_patient(body, TODAY)

    def derive() -> None:
        derive_facts(state)

    def judge() -> None:
        derive_next_cycle([rule(facts) for rule in RULES], facts)

    def assess() -> None:
        found = derive_facts(state)
        derive_next_cycle([rule(found) for rule in RULES], found)

    validate_s, derive_s, judge_s, assess_s = seconds(validate, derive, judge, assess, rounds=ROUNDS)
    values = len(state.laboratory or ())
    yield f"reading and validating the patient `{name}` ({values} laboratory values)", _ms(validate_s)
    yield "deriving every fact", _ms(derive_s)
    yield f"judging by all {len(RULES)} rules, and the next cycle", _ms(judge_s)
    yield "facts, rules and next cycle together, without risk models", _ms(assess_s)
    yield "assessing / reading and validating", f"{assess_s / validate_s:.1f}"


def _ms(seconds_taken: float) -> str:
    return f"{1000 * seconds_taken:.3f} ms"
