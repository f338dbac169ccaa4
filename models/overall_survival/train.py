"""Trains `overall_survival`: `python -m models.overall_survival.train`."""

from pathlib import Path

from models.training.card import write_report
from models.training.cohorts import PATIENTS
from models.training.ensembles import MEMBERS, SEED, survival_ensembles
from models.training.evaluate import UNSEEN, evaluate
from models.training.export import Description, export
from service.evidence import RISK

DESCRIPTION = Description(
    name="overall_survival",
    version="1.0.0",
    population="Well-differentiated NET with skeletal metastases, first course of Lu-177 DOTATATE, adults",
    features={
        "alp_raised": "baseline ALP above the laboratory's upper limit (yes or no)",
        "male": "male sex (yes or no)",
        "activity_reached": "29.6 GBq or more received within 12 months of the first cycle (yes or no); landmark question only",
    },
    seed=SEED,
)


def main(folder: Path = Path(__file__).parent, members: int = MEMBERS, patients: int = PATIENTS) -> None:
    """Train and write the model folder."""
    record, covariates = RISK["overall_survival"], ("alp", "male")
    fitted = survival_ensembles(record, covariates, members, DESCRIPTION.seed, patients)
    questions = {
        "overall_survival_from_start": {"from_start": fitted["from_start"]},
        "overall_survival_landmark_12": {"landmark": fitted["landmark"]},
    }
    export(folder, DESCRIPTION, questions)
    write_report(folder, DESCRIPTION, questions, evaluate(record, covariates, fitted, DESCRIPTION.seed + UNSEEN))


if __name__ == "__main__":
    main()
