"""`prrt-cds models verify` says on the command line what readiness says over HTTP."""

import shutil

from typer.testing import CliRunner

from service.cli.main import app
from service.settings import Settings


def test_what_is_served_verifies():
    done = CliRunner().invoke(app, ["models", "verify"])
    assert done.exit_code == 0
    assert "overall_survival" in done.stdout
    assert "reproduced" in done.stdout


def test_a_model_that_is_not_what_it_says_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "models"
    shutil.copytree(Settings().models_dir, folder)
    (folder / "overall_survival" / "card.md").unlink()
    monkeypatch.setenv("PRRT_MODELS_DIR", str(folder))
    verified = CliRunner().invoke(app, ["models", "verify"])
    assert verified.exit_code == 1
    assert verified.stderr == "overall_survival: card.md is missing.\n"
    assessed = CliRunner().invoke(app, ["assess", "-"], input='{"patient": {"id": "x", "sex": "male"}}')
    assert assessed.exit_code == 2
    assert assessed.stderr == "overall_survival: card.md is missing.\n"
