"""Trains `mibg_overall_survival`: `python -m models.mibg_overall_survival.train`."""

from pathlib import Path

import numpy as np

from models.training.card import write_report
from models.training.cohorts import PATIENTS
from models.training.ensembles import MEMBERS, SEED, from_start_ensemble
from models.training.evaluate import UNSEEN, evaluate_mibg
from models.training.export import Description, export
from models.training.mibg import KINDS, mibg_truths
from service.evidence import RISK

DESCRIPTION = Description(
    name="mibg_overall_survival",
    version="1.0.0",
    population="Stage IV pulmonary or gastroenteropancreatic NET treated with I-131 MIBG, alive at the first follow-up",
    features={
        "better_imaging": "response or stable disease on imaging at the first follow-up (yes or no)",
        "better_biochemistry": "biochemical response or stability at the first follow-up (yes or no); used without imaging",
        "better_symptoms": "symptomatic response at the first follow-up (yes or no); used without the other two",
    },
    seed=SEED + 2,
)


def main(folder: Path = Path(__file__).parent, members: int = MEMBERS, patients: int = PATIENTS) -> None:
    """Train and write the model folder; months count from the landmark."""
    random = np.random.default_rng(DESCRIPTION.seed)
    record = RISK["mibg_overall_survival"]
    fitted = {kind: from_start_ensemble(mibg_truths(record, kind, members, random), random, patients) for kind in KINDS}
    questions = {"mibg_overall_survival_landmark_3": fitted}
    export(folder, DESCRIPTION, questions)
    write_report(folder, DESCRIPTION, questions, evaluate_mibg(record, fitted, DESCRIPTION.seed + UNSEEN))


if __name__ == "__main__":
    main()
