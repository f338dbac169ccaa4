"""Which tests a mutant meets, the likeliest killers first.

A stage is a list of pytest arguments. A mutant that survives one stage meets the next.
"""

from pathlib import PurePosixPath
from typing import TypeAlias

from tests.mutants import ROOT
from tests.mutants.catalogue import Mutant

Stage: TypeAlias = tuple[str, ...]

CASES = "tests/test_cases.py"
FACTS = ("tests/facts", "tests/terminology")
LAWS = "tests/laws"
NEXT_CYCLE = "tests/engine/test_next_cycle.py"


def every_test() -> Stage:
    """All the tests that a mutant can meet."""
    return _present(CASES, *FACTS, NEXT_CYCLE, LAWS)


def stages(mutant: Mutant) -> list[Stage]:
    """The stages of one mutant. They end with all tests."""
    path = PurePosixPath(mutant.file)
    near: list[Stage]
    if path.parent.name in ("rules", "evidence"):
        near = [(CASES, "-k", path.stem)] if (ROOT / "service" / "rules" / f"{path.stem}.py").exists() else []
        rest = [_present(CASES, *FACTS, NEXT_CYCLE)]
    elif path.parent.name == "service":
        near, rest = [_present(NEXT_CYCLE)], [_present(CASES, *FACTS)]
    else:
        near = [each for each in (_present(*_tests_of_facts(path)),) if each]
        rest = [_present(*FACTS, CASES, NEXT_CYCLE)]
    return [*near, *rest, *([(LAWS,)] if _present(LAWS) else [])]


def _tests_of_facts(path: PurePosixPath) -> list[str]:
    """The test files of one module of facts, or of the modules that use one set of numbers."""
    mention = {"criteria": f'CRITERIA["{path.stem}"]', "gradings": "GRADINGS["}.get(path.parent.name)
    modules = (ROOT / "service" / "facts").rglob("*.py")
    stems = [module.stem for module in modules if mention and mention in module.read_text("utf-8")] if mention else [path.stem]
    stems += ["toxicity"] if path.parent.name == "toxicity" else []
    files = {file.name for stem in stems for file in (ROOT / "tests" / "facts").glob(f"test_{stem}*.py")}
    return [f"tests/facts/{name}" for name in sorted(files)]


def _present(*paths: str) -> Stage:
    return tuple(path for path in paths if (ROOT / path).exists())
