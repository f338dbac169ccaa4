"""docs/mutants.md: every mutant and what became of it."""

from collections import Counter
from collections.abc import Mapping

from tests.mutants import ROOT
from tests.mutants.trial import Outcome

TABLE = ROOT / "docs" / "mutants.md"
SURVIVED = "SURVIVED"
_HEAD = """# Mutants

Made by `make mutants`. Each parameter and each step of a grade is moved by its smallest unit both ways, and each comparator
in facts, rules, phrases and the next cycle is flipped, one at a time. The tests must notice every one; a mutant that no test can
notice is explained in `tests/mutants/equivalent.yaml`. Findings are cited and never compared: they are not moved.
"""


def told(outcome: Outcome, why_equivalent: str | None) -> str:
    """An outcome in words. One that is declared equivalent must survive."""
    match outcome.kind, why_equivalent:
        case "survived", None:
            return SURVIVED
        case "survived", str():
            return f"equivalent: {why_equivalent}"
        case "broken", _:
            return f"BROKEN: {outcome.detail}"
        case _, str():
            return f"NOT EQUIVALENT: {_death(outcome)}"
        case _:
            return _death(outcome)


def _death(outcome: Outcome) -> str:
    match outcome.kind:
        case "killed":
            return f"killed by {_code(outcome.detail)}"
        case "timeout":
            return "killed by the time limit"
        case _:
            return f"killed at import ({outcome.detail})"


def is_settled(words: str) -> bool:
    """Whether an outcome in words is as it must be."""
    return words.startswith(("killed", "equivalent"))


def counts(rows: Mapping[str, str]) -> str:
    """How many there are of each outcome."""
    heads = {
        "killed by `": "by a test",
        "killed at": "at import",
        "killed by the": "by the time limit",
        "equivalent": "equivalent",
    }
    found = Counter(
        next((name for head, name in heads.items() if words.startswith(head)), "unsettled") for words in rows.values()
    )
    parts = [f"killed {name} {found[name]}" for name in ("by a test", "at import", "by the time limit")]
    return f"{len(rows)} mutants: {', '.join(parts)}; equivalent {found['equivalent']}; unsettled {found['unsettled']}."


def write(rows: Mapping[str, str]) -> None:
    """Write the table, in the order given."""
    lines = [f"| {_code(identity)} | {words} |" for identity, words in rows.items()]
    TABLE.write_text("\n".join([_HEAD, counts(rows), "", "| mutant | outcome |", "| --- | --- |", *lines, ""]), "utf-8")


def read() -> dict[str, str]:
    """The outcomes that the table holds, by mutant."""
    lines = [line.split(" | ", 1) for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| `")]
    return {
        identity.removeprefix("| ").strip("`").replace(chr(92) + "|", "|"): words.removesuffix(" |") for identity, words in lines
    }


def _code(text: str) -> str:
    return f"`{text.replace('|', chr(92) + '|')}`"
