"""Trains `progression_free_survival`: `python -m models.progression_free_survival.train`."""

from pathlib import Path

from models.training.card import write_report
from models.training.cohorts import PATIENTS
from models.training.ensembles import MEMBERS, SEED, survival_ensembles
from models.training.evaluate import UNSEEN, evaluate
from models.training.export import Description, export
from service.evidence import RISK

DESCRIPTION = Description(
    name="progression_free_survival",
    version="1.0.0",
    population="Well-differentiated NET with skeletal metastases, first course of Lu-177 DOTATATE, adults",
    features={
        "activity_reached": "29.6 GBq or more received within 12 months of the first cycle (yes or no); landmark question only",
    },
    seed=SEED + 1,
)


def main(folder: Path = Path(__file__).parent, members: int = MEMBERS, patients: int = PATIENTS) -> None:
    """Train and write the model folder."""
    record, covariates = RISK["progression_free_survival"], ()
    fitted = survival_ensembles(record, covariates, members, DESCRIPTION.seed, patients)
    questions = {
        "progression_free_survival_from_start": {"from_start": fitted["from_start"]},
        "progression_free_survival_landmark_12": {"landmark": fitted["landmark"]},
    }
    export(folder, DESCRIPTION, questions)
    write_report(folder, DESCRIPTION, questions, evaluate(record, covariates, fitted, DESCRIPTION.seed + UNSEEN))


if __name__ == "__main__":
    main()
