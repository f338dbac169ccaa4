"""Trains every model: `python -m models.training`."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.mibg_overall_survival import train as mibg_overall_survival
from models.overall_survival import train as overall_survival
from models.progression_free_survival import train as progression_free_survival
from models.response_at_completion import train as response_at_completion
from models.training.cohorts import PATIENTS
from models.training.ensembles import MEMBERS

MODELS = Path(__file__).parents[1]


def train_all(out: Path = MODELS, members: int = MEMBERS, patients: int = PATIENTS) -> None:
    """Write the folder of each model in `out`, in the order of `served.yaml`: so many members, each of so many patients."""
    console, started = Console(), time.monotonic()
    for train in (overall_survival, progression_free_survival, response_at_completion, mibg_overall_survival):
        name = train.DESCRIPTION.name
        console.rule(name)
        if train is response_at_completion:
            train.main(out / name)
        else:
            train.main(out / name, members, patients)
    console.print(f"4 models written in {time.monotonic() - started:.0f} s")


def main(
    members: Annotated[int, typer.Option(min=2, help="Members of each ensemble.")] = MEMBERS,
    out: Annotated[Path, typer.Option(help="Folder of the model folders.")] = MODELS,
) -> None:
    """Train every model and write its artefact, manifest, known answers, evaluation, card and pictures."""
    train_all(out, members)


if __name__ == "__main__":
    typer.run(main)
