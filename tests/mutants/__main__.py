"""`python -m tests.mutants [--only SUBSTRING] [--again SUBSTRING] [--list]`."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from time import monotonic

from tests.mutants.catalogue import Mutant, UnknownMutantError, equivalents, every_mutant
from tests.mutants.pool import run_all, run_unmutated
from tests.mutants.stages import every_test
from tests.mutants.table import TABLE, counts, is_settled, read, told, write

OURS = ("service", "tests", "__main__", "conftest")


def main() -> int:
    """0 if every mutant was killed or is declared equivalent."""
    options = _options()
    before = {} if options.again is None else {identity: words for identity, words in read().items() if is_settled(words)}
    every = [mutant for mutant in every_mutant() if options.only in mutant.id]
    chosen = [mutant for mutant in every if mutant.id not in before or options.again in mutant.id]
    try:
        reasons = equivalents()
    except UnknownMutantError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if options.list:
        sys.stdout.writelines(f"{mutant.id}\n" for mutant in chosen)
        return 0
    unmutated, output = run_unmutated(every_test())
    if unmutated.kind != "survived":
        sys.stderr.write(f"{output}\nThe tests fail without any mutant ({unmutated.kind} {unmutated.detail}): mend them first.\n")
        return 1
    _import_before_forking(unmutated.modules)
    found = before | _run(chosen, reasons)
    rows = {mutant.id: found[mutant.id] for mutant in every}
    if options.only:
        sys.stdout.writelines(f"{identity}: {words}\n" for identity, words in rows.items())
    else:
        write(rows)
        sys.stderr.write(f"{TABLE.name} is written.\n")
    sys.stderr.write(f"{counts(rows)}\n")
    return 0 if all(map(is_settled, rows.values())) else 1


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.mutants", description="Every mutant must be killed.")
    parser.add_argument("--only", metavar="SUBSTRING", default="", help="run only ids that hold this; print, write no table")
    parser.add_argument(
        "--again", metavar="SUBSTRING", help="run what the table does not hold, and ids that hold this; keep the rest"
    )
    parser.add_argument("--list", action="store_true", help="print the ids and run nothing")
    return parser.parse_args()


def _import_before_forking(modules: Iterable[str]) -> None:
    """Import what the tests use and is not ours, once for all children."""
    for name in modules:
        if name.partition(".")[0] not in OURS:
            with suppress(ImportError):
                import_module(name)


def _run(mutants: list[Mutant], reasons: dict[str, str]) -> dict[str, str]:
    """The outcome of each mutant in words, in their order, with a word on progress."""
    started = monotonic()
    found: dict[str, str] = {}
    for mutant, outcome in run_all(mutants):
        words = found[mutant.id] = told(outcome, reasons.get(mutant.id))
        if not is_settled(words):
            sys.stderr.write(f"{mutant.id}: {words}\n")
        if len(found) % 25 == 0 or len(found) == len(mutants):
            sys.stderr.write(f"{len(found)} of {len(mutants)} after {monotonic() - started:.0f} s\n")
    return {mutant.id: found[mutant.id] for mutant in mutants}


if __name__ == "__main__":
    sys.exit(main())
