"""The commands of the README: every recipe is something that a shell can read."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TARGETS = ["run", "test", "check", "format", "vignettes", "docs", "train", "bench", "mutants", "lock", "clean"]


@pytest.mark.parametrize("settings", [["REQUIRE_ALL=1"], ["REQUIRE_ALL=", "CHROMIUM="]], ids=["all required", "no Chromium"])
def test_a_shell_can_read_every_recipe(settings):
    recipes = subprocess.run(
        ["make", "-n", "-B", *TARGETS, *settings], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert len(recipes.splitlines()) > len(TARGETS)
    for line in recipes.replace("\\\n", " ").splitlines():
        read = subprocess.run(["sh", "-n"], input=line, capture_output=True, text=True, check=False)
        assert (read.returncode, read.stderr) == (0, "")


def test_what_is_left_out_is_said_and_only_then():
    for settings, said in ((["REQUIRE_ALL=1"], ""), (["REQUIRE_ALL=", "CHROMIUM="], "LEFT OUT: the browser tests")):
        recipe = subprocess.run(["make", "-n", "test", *settings], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        last = recipe.strip().splitlines()[-1]
        told = subprocess.run(["sh", "-c", last], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert told.startswith(said)
        assert bool(told) == bool(said)
