"""Writes a model folder: artefact, manifest, known answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import joblib

from service.risk.artefacts import Manifest, evidence_digest
from service.risk.ensemble import WeibullEnsemble
from service.risk.populations import Inputs
from service.risk.predict import Estimator, Predictor
from service.risk.questions import QUESTIONS

LIBRARIES = ("numpy", "joblib")  # with which the artefact is read
Estimators = Mapping[str, Mapping[str, Estimator]]  # by question id, then by member name


@dataclass(frozen=True, slots=True)
class Description:
    """What a model says of itself in its manifest."""

    name: str
    version: str
    population: str
    features: Mapping[str, str]
    seed: int


def export(folder: Path, described: Description, estimators: Estimators) -> None:
    """Write `model.joblib`, `manifest.json` and `known_answers.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump({question: dict(members) for question, members in estimators.items()}, folder / "model.joblib", compress=3)
    fitted = [each for members in estimators.values() for each in members.values()]
    sizes = [len(each.shape) for each in fitted if isinstance(each, WeibullEnsemble)]
    manifest = Manifest(
        name=described.name,
        version=described.version,
        sha256=sha256((folder / "model.joblib").read_bytes()).hexdigest(),
        evidence_sha256=evidence_digest(described.name),
        features=dict(described.features),
        population=described.population,
        horizons_months={question: QUESTIONS[question].horizon_months for question in estimators},
        libraries={library: version(library) for library in LIBRARIES},
        seed=described.seed,
        members=max(sizes, default=1),
    )
    _write(folder / "manifest.json", manifest.model_dump())
    _write(folder / "known_answers.json", known_answers(estimators))


def known_answers(estimators: Estimators) -> list[dict[str, Any]]:
    """Each question with each of its inputs known, and with all of them unknown where they can be averaged over."""
    return [
        _known_answer(Predictor(QUESTIONS[question], members, {}), member, dict(zip(names, values, strict=True)))
        for question, members in estimators.items()
        for member, names in QUESTIONS[question].features.items()
        for values in _combinations(len(names), averaged=isinstance(members[member], WeibullEnsemble))
    ]


def _combinations(length: int, *, averaged: bool) -> list[tuple[bool | None, ...]]:
    unknown = [(None,) * length] if averaged and length else []
    return [*product((False, True), repeat=length), *unknown]


def _known_answer(predictor: Predictor, member: str, values: dict[str, bool | None]) -> dict[str, Any]:
    estimate = predictor.estimate(Inputs(values, member))
    months, band = (None, estimate.probability) if estimate.probability else estimate.horizons[-1]
    answer = {"value": band.value, "lower": band.lower, "upper": band.upper} if band else {}
    return {"question": predictor.question.id, "member": member, "values": values, "months": months, **answer}


def _write(path: Path, content: Any) -> None:
    path.write_text(f"{json.dumps(content, indent=2, ensure_ascii=False)}\n", "utf-8")
