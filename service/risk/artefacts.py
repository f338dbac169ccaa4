"""The served models: manifest first, digest second, and only then the artefact.

An artefact is a pickle: it is loaded only from the models folder, only after its digest is
the manifest's, and only with the library versions that the manifest names.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import joblib
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.risk.populations import Inputs
from service.risk.predict import Estimator, Predictor
from service.risk.questions import QUESTIONS
from service.terminology.yaml_text import read_yaml

_CLOSE_ENOUGH = 1e-6


class ModelRefusedError(Exception):
    """A served model is not what its manifest says. The message may be shown."""


class Manifest(BaseModel):
    """What a model folder says of itself."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    name: str = Field(description="Name of the model.", examples=["overall_survival"])
    version: str = Field(description="Version of the model.", examples=["1.0.0"])
    sha256: str = Field(description="Digest of the artefact.", examples=["2c88..."])
    evidence_sha256: str = Field(description="Digest of the evidence record it was trained from.", examples=["9a1f..."])
    features: dict[str, str] = Field(description="Features, with what they mean.", examples=[{"male": "male sex (yes or no)"}])
    population: str = Field(description="Of whom it speaks.", examples=["Well-differentiated NET with skeletal metastases"])
    horizons_months: dict[str, int | None] = Field(
        description="Longest horizon of each question. Unit: mo.", examples=[{"overall_survival_from_start": 60}]
    )
    libraries: dict[str, str] = Field(description="Library versions of the training.", examples=[{"numpy": "2.4.6"}])
    seed: int = Field(description="Seed of the training. Unit: 1.", examples=[20260310])
    members: int = Field(description="Members of the ensemble. Unit: 1 (a count).", examples=[1000])


@dataclass(frozen=True)
class ServedModel:
    """A verified model: its manifest, its card and the predictors of its questions."""

    manifest: Manifest
    card: str
    predictors: Mapping[str, Predictor]
    known_answers: tuple[Mapping[str, Any], ...]

    def replay(self) -> None:
        """Raises ModelRefusedError unless every known answer comes out again."""
        for known in self.known_answers:
            inputs = Inputs(known["values"], known["member"])
            estimate = self.predictors[known["question"]].estimate(inputs)
            band = estimate.probability or estimate.survival[known["months"]]
            found = (band.value, band.lower, band.upper)
            expected = (known["value"], known["lower"], known["upper"])
            if any(abs(one - other) > _CLOSE_ENOUGH for one, other in zip(found, expected, strict=True)):
                raise ModelRefusedError(f"{self.manifest.name}: a known answer does not come out again.")


def served(folder: Path) -> dict[str, str]:
    """Name and version of each served model, in the order of `served.yaml`. Raises ModelRefusedError."""
    try:
        return dict(read_yaml((folder / "served.yaml").read_text("utf-8"))["models"])
    except OSError:
        raise ModelRefusedError("served.yaml is not in the models folder (PRRT_MODELS_DIR).") from None


def load_models(folder: Path) -> tuple[ServedModel, ...]:
    """Every served model, verified. Raises ModelRefusedError."""
    return tuple(load_model(folder / name, name, wanted) for name, wanted in served(folder).items())


def load_model(folder: Path, name: str, wanted: str) -> ServedModel:
    """One model: manifest, versions, digest, artefact, known answers. Raises ModelRefusedError."""
    manifest = _manifest(folder, name)
    if (manifest.name, manifest.version) != (name, wanted):
        raise ModelRefusedError(f"{name}: the manifest is of {manifest.name} {manifest.version}, served is {wanted}.")
    if manifest.evidence_sha256 != evidence_digest(name):
        raise ModelRefusedError(f"{name}: the evidence record has changed since training; run make train.")
    for library, trained_with in manifest.libraries.items():
        installed = minor(version(library))
        if installed != minor(trained_with):
            raise ModelRefusedError(f"{name}: trained with {library} {trained_with}, installed is {installed}.")
    artefact = _content(folder, name, "model.joblib")
    if sha256(artefact).hexdigest() != manifest.sha256:
        raise ModelRefusedError(f"{name}: the digest of the artefact is not the manifest's.")
    estimators: Mapping[str, Mapping[str, Estimator]] = joblib.load(folder / "model.joblib")
    predictors = {question: Predictor(QUESTIONS[question], members, {}) for question, members in estimators.items()}
    known = tuple(json.loads(_content(folder, name, "known_answers.json")))
    model = ServedModel(manifest, _content(folder, name, "card.md").decode(), predictors, known)
    model.replay()
    return model


def evidence_digest(name: str) -> str:
    """The digest of the evidence record that a model is trained from."""
    return sha256(files("service.evidence").joinpath("risk", f"{name}.yaml").read_bytes()).hexdigest()


def minor(number: str) -> str:
    """Major and minor of a version."""
    return ".".join(number.split(".")[:2])


def _content(folder: Path, name: str, file: str) -> bytes:
    try:
        return (folder / file).read_bytes()
    except OSError:
        raise ModelRefusedError(f"{name}: {file} is missing.") from None


def _manifest(folder: Path, name: str) -> Manifest:
    try:
        return Manifest.model_validate_json(_content(folder, name, "manifest.json"))
    except ValidationError:
        raise ModelRefusedError(f"{name}: manifest.json is not a manifest.") from None
