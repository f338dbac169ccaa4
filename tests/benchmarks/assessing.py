"""The rules on a full patient, beside the validation of that patient: no risk model, no HTTP."""

from pathlib import Path

from service.facts import derive_facts
from service.next_cycle import derive_next_cycle
from service.patient.reading import read_patient
from service.rules import RULES
from tests.benchmarks.risk import seconds
from tests.reading import TODAY

EXAMPLES = Path(__file__).parents[2] / "openapi" / "examples"
FULL = "held-and-resumed"  # the most laboratory values of all: five panels of thirteen over a course with a hold
ROUNDS = 500


def measured() -> list[tuple[str, str]]:
    """What was measured, in words."""
    body = (EXAMPLES / f"{FULL}.json").read_bytes()
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
    return [
        (f"reading and validating the patient `{FULL}` ({len(state.laboratory or ())} laboratory values)", _ms(validate_s)),
        ("deriving every fact", _ms(derive_s)),
        (f"judging by all {len(RULES)} rules, and the next cycle", _ms(judge_s)),
        ("facts, rules and next cycle together, without risk models", _ms(assess_s)),
        ("assessing / reading and validating", f"{assess_s / validate_s:.1f}"),
    ]


def _ms(seconds_taken: float) -> str:
    return f"{1000 * seconds_taken:.3f} ms"
