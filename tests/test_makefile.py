"""The commands of the README: every recipe is something that a shell can read."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TARGETS = ["run", "test", "check", "format", "vignettes", "docs", "train", "bench", "mutants", "lock", "clean"]
TARGETS += ["check-faults", "check-image"]
NOTHING = ["REQUIRE_ALL=", "CHROMIUM=", "POSTGRES=", "CLUSTER="]
NO_BROWSER = ["REQUIRE_ALL=", "CHROMIUM=", "POSTGRES=here", "CLUSTER=here"]


# As a person calls it: the tests themselves may run under make, which would speak of its directories.
AS_A_PERSON = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}


def recipes(*words):
    dry = ["make", "-n", "--no-print-directory", *words]
    return subprocess.run(dry, cwd=ROOT, env=AS_A_PERSON, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("settings", [["REQUIRE_ALL=1"], NO_BROWSER, NOTHING], ids=["all required", "no Chromium", "nothing"])
def test_a_shell_can_read_every_recipe(settings):
    found = recipes("-B", *TARGETS, *settings)
    assert len(found.splitlines()) > len(TARGETS)
    for line in found.replace("\\\n", " ").splitlines():
        read = subprocess.run(["sh", "-n"], input=line, capture_output=True, text=True, check=False)
        assert (read.returncode, read.stderr) == (0, "")


def test_what_is_left_out_is_said_and_only_then():
    all_three = "LEFT OUT: the tests marked browser postgres cluster;"
    for settings, said in ((["REQUIRE_ALL=1"], ""), (NO_BROWSER, "LEFT OUT: the tests marked browser;"), (NOTHING, all_three)):
        last = recipes("test", *settings).strip().splitlines()[-1]
        told = subprocess.run(["sh", "-c", last], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert told.startswith(said)
        assert bool(told) == bool(said)


def test_what_is_left_out_is_deselected():
    assert "-m 'not (browser or postgres or cluster)'" in recipes("test", *NOTHING)
    assert "-m 'not (browser)'" in recipes("test", *NO_BROWSER)
    assert "-m 'not" not in recipes("test", "REQUIRE_ALL=1")
