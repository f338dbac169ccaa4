"""`make bench`: measure, and write docs/performance.md with its plot and docs/scaling.md. `soak` writes docs/soak.md."""

import argparse
from pathlib import Path

from tests.benchmarks import report, scaling, soak
from tests.benchmarks.measuring import everything
from tests.benchmarks.processes import ROOT
from tests.benchmarks.rounds import FULL, QUICK


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("run", "soak"), default="run")
    parser.add_argument("--quick", action="store_true", help="few short rounds, to see whether everything works")
    parser.add_argument("--into", type=Path, default=ROOT / "docs", help="folder of the documents")
    parser.add_argument("--minutes", type=int, default=15, help="of the soak")
    told = parser.parse_args()
    told.into.mkdir(parents=True, exist_ok=True)
    if told.what == "soak":
        quick = {"seconds_each": 3, "warm_up": 3} if told.quick else {}
        print(soak.run(told.minutes, told.into, **quick))  # noqa: T201  # it is a command
        return
    found = everything(QUICK if told.quick else FULL)
    scaling.write(found, told.into)
    print(report.write(found, told.into))  # noqa: T201  # it is a command


if __name__ == "__main__":
    main()
