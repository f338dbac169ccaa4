"""The card of a model, under the headings of TRIPOD+AI, made from records, estimators and evaluation.

Plain Markdown without HTML, to be read aloud.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.training import tables
from models.training.evaluate import UNSEEN
from models.training.export import Description, Estimators
from models.training.figures import Figure, mibg_figures, response_figures, survival_figures
from models.training.words import words
from service.evidence import RISK, Record
from service.risk.artefacts import Manifest
from service.risk.questions import QUESTIONS

HEADINGS = (
    "Title",
    "Background and objective",
    "Source of data",
    "Participants and population",
    "Outcome",
    "Predictors",
    "Sample size",
    "Missing data",
    "Model development",
    "Model specification and presentation",
    "Model performance",
    "Interpretation",
    "Limitations",
    "Fairness",
    "Intended use",
    "What it is not",
    "Use outside the population",
    "How to update",
)
Report = dict[str, Any]


def write_report(folder: Path, described: Description, estimators: Estimators, evaluation: Mapping[str, Any]) -> None:
    """Write the pictures, `evaluation.json` and `card.md` beside an exported model."""
    found = dict(evaluation)
    figures = _figures(folder, described, estimators, found)
    (folder / "evaluation.json").write_text(f"{json.dumps(found, indent=2, ensure_ascii=False)}\n", "utf-8")
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    (folder / "card.md").write_text(card(manifest, estimators, found, figures), "utf-8")


def card(manifest: Manifest, estimators: Estimators, evaluation: Report, figures: list[Figure]) -> str:
    """The text of `card.md`."""
    record, said = RISK[manifest.name], words(manifest.name)
    pictures = [figure.markdown for figure in figures]
    bodies = said | {
        "Title": f"{said['Title']}. Version {manifest.version}.",
        "Background and objective": f"{record.claim.strip()}\n\n{said['Background and objective']}",
        "Source of data": _sources(record),
        "Participants and population": f"{manifest.population}.",
        "Predictors": "\n".join(f"- `{name}`: {meaning}" for name, meaning in manifest.features.items()),
        "Sample size": _sample_size(manifest, record),
        "Model development": _development(record, said["Model development"]),
        "Model specification and presentation": _specification(manifest, estimators),
        "Model performance": "\n\n".join([said["Model performance"], *_performance(record, evaluation, said), *pictures]),
    }
    sections = (f"## {heading}\n\n{bodies[heading]}" for heading in HEADINGS)
    return "\n\n".join([f"# Model card: {manifest.name} {manifest.version}", GENERATED, *sections]) + "\n"


GENERATED = "Written by `python -m models.training` from the evidence record and the evaluation; headings after TRIPOD+AI."


def _figures(folder: Path, described: Description, estimators: Estimators, evaluation: Report) -> list[Figure]:
    if described.name == "response_at_completion":
        return response_figures(folder, evaluation)
    record = RISK[described.name]
    if described.name == "mibg_overall_survival":
        return mibg_figures(folder, record, estimators, evaluation)
    return survival_figures(folder, record, estimators, evaluation, described.seed + UNSEEN)


def _sources(record: Record) -> str:
    said = "Published aggregates, read in abstracts only; no data of any patient. Sources, with what limits them:"
    return f"{said}\n\n{tables.sources(record)}"


def _sample_size(manifest: Manifest, record: Record) -> str:
    sizes = " and ".join(f"{source.n} patients ({source.id})" for source in tables.cited(record) if source.n)
    if manifest.members == 1:
        return f"{sizes}; the counts of the groups are below. The uncertainty is that of the counts."
    return (
        f"{sizes}. The uncertainty is that of the published figures: it is drawn {manifest.members} times, one member each. "
        "The virtual cohorts are large, so that they add no sampling error of their own; their size is no evidence."
    )


def _development(record: Record, words: str) -> str:
    kinds = (
        "Reported was printed in the source; derived is arithmetic on it; assumed was chosen by this service and is a prior or a "
        "convention; recalled is still to be read in the primary document."
    )
    return f"{words}\n\n### Every number, its kind and its source\n\n{kinds}\n\n{tables.numbers(record)}"


def _specification(manifest: Manifest, estimators: Estimators) -> str:
    if manifest.members == 1:
        form = "The answer is the mean of a Beta distribution with its 95 % interval, one for each value of the input."
    else:
        form = (
            "S(t given x) = exp(-((t / scale) ^ shape) * exp(x . coef)), one curve per member, t in months from the "
            "first cycle; from the landmark, S(landmark + t) / S(landmark). The estimate is the mean over members, the interval "
            "holds 95 % of them. "
            f"The parameters of all {manifest.members} members are in `model.joblib`; the seed is {manifest.seed}."
        )
        if len(estimators) == 1:  # only from a landmark
            form = form.replace("first cycle; from the landmark, S(landmark + t) / S(landmark)", "landmark")
    asked = [f"### Answers: {text}\n\n{answers}" for text, answers in tables.predictions(estimators)]
    caps = ", ".join(f"{QUESTIONS[name].id} {months} months" for name, months in manifest.horizons_months.items() if months)
    beyond = [f"Longest horizons: {caps}. A median beyond is told as beyond, never as a number."] if caps else []
    return "\n\n".join([form, *beyond, *asked])


def _performance(record: Record, evaluation: Report, said: Mapping[str, str]) -> list[str]:
    if "readings" in evaluation:
        return ["### Both readings of the abstract", said["readings"], tables.proportions(evaluation["readings"])]
    if "recovery" not in evaluation:
        kinds = [each["sensitivity"] for each in evaluation.values()]
        joined = {sd: {name: ratio for kind in kinds for name, ratio in kind[sd].items()} for sd in kinds[0]}
        return [
            "### Published, used and recovered (a test of the code)",
            tables.mibg_recovery(record, evaluation),
            "### Sensitivity to the shrinkage",
            tables.sensitivity(record, joined),
            "### Coverage (a test of the code)",
            tables.coverage({kind: each["coverage"]["landmark"] for kind, each in evaluation.items()}),
        ]
    return [
        "### Published, used and recovered (a test of the code)",
        tables.recovery(record, evaluation["recovery"]),
        "### Sensitivity to the shrinkage and to the activity term",
        tables.sensitivity(record, evaluation["sensitivity"]),
        "### Coverage (a test of the code)",
        tables.coverage({name: each for name, each in evaluation["coverage"].items() if name != "note"}),
        "### Guarantee time: cohorts in which activity has no effect",
        said["guarantee time"],
        tables.guarantee_time({name: each for name, each in evaluation["guarantee_time"].items() if name != "note"}),
    ]
