"""What is installed is what is here: the wheel works in an empty environment, away from the checkout."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import httpx
import pytest

from tests.conftest import EXAMPLES, clean_environment, serving

CHECKOUT = Path(__file__).parents[1]
EXAMPLE = str(EXAMPLES / "skeletal-metastases-cycle-3.json")


def environment():
    """Nothing in it points Python at the checkout or at the environment of the tests."""
    foreign = ("PYTHON", "COVERAGE", "COV_", "VIRTUAL_ENV")
    kept = {name: value for name, value in clean_environment().items() if not name.startswith(foreign)}
    return kept | {"PRRT_MODELS_DIR": str(CHECKOUT / "models")}


def run(*command, cwd):
    done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=cwd, env=environment())
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder with the commands of an environment that holds the wheel and what it needs, by hash."""
    built, home = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built), cwd=CHECKOUT)
    (wheel,) = built.glob("prrt_cds-*.whl")
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    install = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(home / "bin" / "python"), "install")
    run(*install, "--quiet", "--no-compile", "--require-hashes", "-r", str(CHECKOUT / "requirements" / "run.txt"), cwd=home)
    run(*install, "--quiet", "--no-deps", str(wheel), cwd=home)
    return home / "bin"


def test_the_package_is_the_installed_one(installed, tmp_path):
    where = run(str(installed / "python"), "-c", "import service; print(service.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_the_installed_command_assesses_as_the_checkout_does(installed, tmp_path, client, skeletal):
    told = json.loads(run(str(installed / "prrt-cds"), "assess", EXAMPLE, "--json", cwd=tmp_path))
    expected = client.assess(skeletal).json()
    for answer in (told, expected):
        del answer["id"], answer["created_at"]
    assert told == expected


def test_the_installed_command_lists_and_explains_the_rules(installed, tmp_path):
    listed = run(str(installed / "prrt-cds"), "rules", cwd=tmp_path)
    assert "alkaline_phosphatase" in listed
    assert "cumulative_activity" in run(str(installed / "prrt-cds"), "explain", "cumulative_activity", cwd=tmp_path)


def test_the_installed_command_serves_with_its_examples_and_its_documentation(installed, tmp_path, skeletal):
    with serving(tmp_path, str(installed / "prrt-cds"), environment(), tmp_path) as (server, _):
        assert httpx.get(f"{server}/readyz").json() == {"status": "ready"}
        document = httpx.get(f"{server}/openapi.json").json()
        body = document["paths"]["/v1/assessments"]["post"]["requestBody"]["content"]["application/json"]
        assert {path.stem for path in EXAMPLES.glob("*.json")} == set(body["examples"])
        assert next(iter(body["examples"].values()))["value"] == skeletal
        assert httpx.get(f"{server}/docs").status_code == 200
        assert httpx.get(f"{server}/static-offline-docs/swagger-ui-bundle.js").status_code == 200
        assert httpx.post(f"{server}/v1/assessments", json=skeletal).status_code == 200
    assert (tmp_path / "data" / "record.sqlite3").exists(), "the record is kept where it was started, not among the packages"
