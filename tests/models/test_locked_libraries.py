"""The libraries that are locked are those that the models were trained with, whatever Python they are installed for."""

import re
from pathlib import Path

import pytest

from service.risk.artefacts import load_models
from service.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("lock", ["run", "build", "train", "test"])
def test_the_locked_libraries_are_those_of_the_manifests(lock):
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    for model in load_models(Settings().models_dir):
        for library, trained_with in model.manifest.libraries.items():
            pinned = re.findall(rf"^{library}==(\S+)", text, re.MULTILINE)
            assert {version.rsplit(".", 1)[0] for version in pinned} == {trained_with.rsplit(".", 1)[0]}, (library, lock)
