"""Trains `response_at_completion`: `python -m models.response_at_completion.train`."""

from pathlib import Path

from models.training.card import write_report
from models.training.draws import number
from models.training.export import Description, export
from models.training.fitters import GroupedProportionFitter
from models.training.readings import evaluate_response, patients, used_reading
from service.evidence import RISK

DESCRIPTION = Description(
    name="response_at_completion",
    version="1.0.0",
    population="Well-differentiated NET with partial response or stable disease after two of at least four cycles",
    features={"responded": "partial or complete response after cycle 2 (yes or no); derived, disputed reading"},
    seed=0,
)


def main(folder: Path = Path(__file__).parent) -> None:
    """Train and write the model folder. The patients are those of the disputed reading, stable disease first."""
    record = RISK["response_at_completion"]
    fitted = GroupedProportionFitter(number(record, "jeffreys")).fit(*patients(used_reading(record))).proportion_
    questions = {"response_at_completion": {"responded": fitted}}
    export(folder, DESCRIPTION, questions)
    write_report(folder, DESCRIPTION, questions, evaluate_response(record))


if __name__ == "__main__":
    main()
