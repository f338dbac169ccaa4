"""A model answers only if it is what its manifest says; nothing is loaded before its digest is checked."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import joblib
import pytest

from service.risk.artefacts import ModelRefusedError, load_models, minor
from service.settings import Settings

ROOT = Path(__file__).parents[2]
MODELS = Settings().models_dir
NAME = "response_at_completion"


@pytest.fixture
def folder(tmp_path):
    """A copy of what is served."""
    copy = tmp_path / "models"
    shutil.copytree(MODELS, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__", "*.svg"))
    return copy


def edit(path: Path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def refusal(folder):
    with pytest.raises(ModelRefusedError) as refused:
        load_models(folder)
    return str(refused.value)


def test_what_is_served_verifies(folder):
    assert [model.manifest.name for model in load_models(folder)] == [
        "overall_survival",
        "progression_free_survival",
        "response_at_completion",
        "mibg_overall_survival",
    ]


def test_another_artefact_is_refused_before_it_is_loaded(folder, monkeypatch):
    with (folder / NAME / "model.joblib").open("ab") as file:
        file.write(b"x")
    loaded = []
    monkeypatch.setattr(joblib, "load", lambda path: loaded.append(path.parent.name))
    shutil.copy(folder / "served.yaml", folder / "all.yaml")
    (folder / "served.yaml").write_text(f"models: {{{NAME}: 1.0.0}}")
    assert refusal(folder) == f"{NAME}: the digest of the artefact is not the manifest's."
    assert loaded == []


@pytest.mark.parametrize("library", ["joblib", "numpy"])
def test_other_library_versions_than_the_manifests_are_refused(folder, library):
    path = folder / NAME / "manifest.json"
    trained = json.loads(path.read_text())["libraries"] | {library: "0.1.2"}
    edit(path, libraries=trained)
    assert refusal(folder).startswith(f"{NAME}: trained with {library} 0.1.2, installed is ")


def test_another_patch_release_of_a_library_is_accepted(folder):
    path = folder / NAME / "manifest.json"
    trained = {library: f"{minor(number)}.999" for library, number in json.loads(path.read_text())["libraries"].items()}
    edit(path, libraries=trained)
    assert len(load_models(folder)) == 4


@pytest.mark.parametrize("file", ["manifest.json", "model.joblib", "known_answers.json", "card.md"])
def test_a_missing_file_is_named(folder, file):
    (folder / NAME / file).unlink()
    assert refusal(folder) == f"{NAME}: {file} is missing."


def test_a_missing_folder_is_named_by_its_setting(tmp_path):
    assert "PRRT_MODELS_DIR" in refusal(tmp_path / "nowhere")


def test_a_manifest_that_is_none_is_refused(folder):
    (folder / NAME / "manifest.json").write_text("{}")
    assert refusal(folder) == f"{NAME}: manifest.json is not a manifest."


def test_another_version_than_the_served_one_is_refused(folder):
    edit(folder / NAME / "manifest.json", version="1.0.1")
    assert refusal(folder) == f"{NAME}: the manifest is of {NAME} 1.0.1, served is 1.0.0."


def test_a_model_of_other_numbers_than_the_evidence_is_refused(folder):
    edit(folder / NAME / "manifest.json", evidence_sha256="0" * 64)
    assert refusal(folder) == f"{NAME}: the evidence record has changed since training; run make train."


def test_a_known_answer_that_does_not_come_out_again_is_refused(folder):
    path = folder / "overall_survival" / "known_answers.json"
    answers = json.loads(path.read_text())
    answers[3]["upper"] += 2e-6
    path.write_text(json.dumps(answers))
    assert refusal(folder) == "overall_survival: a known answer does not come out again."


def test_the_service_starts_and_answers_without_the_training_code_and_what_it_needs(tmp_path):
    code = """
import sys
from pathlib import Path
from service.settings import Settings
from tests.conftest import EXAMPLES, InProcess
with InProcess(Settings(data_dir=Path(sys.argv[1]))) as service:
    answer = service.assess((EXAMPLES / "skeletal-metastases-cycle-3.json").read_bytes()).json()
print(answer["risks"][0]["status"], {"models", "pandas", "scipy", "sklearn"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout == "estimated set()\n", done.stderr
