"""`prrt-cds assess`: the same engine without HTTP."""

import json
import subprocess

import pytest
from typer.testing import CliRunner

from service.cli.main import app
from tests.conftest import COMMAND, EXAMPLES, clean_environment

EXAMPLE = str(EXAMPLES / "skeletal-metastases-cycle-3.json")
CANARY = "zebra-4711"


def run(*arguments, told=None):
    return CliRunner().invoke(app, arguments, input=told)


def process(*arguments, told=b"", cwd=None):
    return subprocess.run([COMMAND, *arguments], input=told, capture_output=True, check=False, cwd=cwd, env=clean_environment())


def test_a_patient_in_a_file_is_assessed():
    done = run("assess", EXAMPLE)
    assert done.exit_code == 0
    assert done.stderr == ""
    assert done.stdout.startswith("PRRT assessment of demo-017 as of 2026-03-10\n")
    assert "WARNING  ALP alert" in done.stdout


def test_a_patient_on_standard_input_is_assessed(skeletal):
    done = run("assess", "-", told=json.dumps(skeletal).encode())
    assert done.exit_code == 0
    assert done.stdout.startswith("PRRT assessment of demo-017 as of 2026-03-10\n")


def test_the_command_answers_in_json_as_http_does(client, skeletal):
    by_command, by_http = json.loads(run("assess", EXAMPLE, "--json").stdout), client.assess(skeletal).json()
    assert by_command.keys() == by_http.keys()
    for answer in (by_command, by_http):
        del answer["id"], answer["created_at"]
    assert by_command == by_http


def test_the_installed_command_assesses_from_any_folder(tmp_path):
    done = process("assess", EXAMPLE, "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == b""
    assert json.loads(done.stdout)["patient_id"] == "demo-017"


def test_the_installed_command_reads_standard_input(skeletal):
    done = process("assess", "-", told=json.dumps(skeletal).encode())
    assert done.returncode == 0
    assert b"ALP alert" in done.stdout


def test_the_installed_command_says_what_is_wrong_on_standard_error():
    done = process("assess", "-", told=b'{"patient": {"id": "zebra-4711", "sex": "zebra-4711"}}')
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr == (
        b"The input is not a patient state:\n/patient/sex must be one of 'male', 'female', 'other' or 'unknown'\n"
    )


def test_bad_input_is_refused_with_its_place_and_without_its_value():
    done = run("assess", "-", told=json.dumps({"patient": {"id": CANARY, "sex": "male"}, "disease": {"grade": CANARY}}))
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr == "The input is not a patient state:\n/disease/grade must be a whole number\n"


def test_a_refusal_of_the_whole_input_has_the_root_as_its_place():
    done = run("assess", "-", told=f"[{CANARY}")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert (
        done.stderr
        == "The input is not a patient state:\nThe input is not valid JSON, or holds a number out of range, at line 1 column 2\n"
    )


def test_a_long_refusal_stays_on_one_line():
    told = {"patient": {"id": "demo", "sex": "male"}, "laboratory": [{"analyte": CANARY, "value": 1, "unit": "U/L"}]}
    done = run("assess", "-", told=json.dumps(told))
    assert [line.split(" ")[0] for line in done.stderr.splitlines()[1:]] == ["/laboratory/0/analyte", "/laboratory/0/taken_on"]


@pytest.mark.parametrize("file", ["nowhere.json", "."])
def test_a_file_that_cannot_be_read_is_bad_input(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("assess", file)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr in {"nowhere.json: No such file or directory\n", ".: Is a directory\n"}


def test_no_file_is_bad_input():
    done = run("assess")
    assert done.exit_code == 2
    assert done.stdout == ""


CRASH = """
import service.engine

def crash(self, state):
    raise ZeroDivisionError

service.engine.Engine.assess = crash
"""


def test_a_crash_shows_nothing_of_the_patient(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(CRASH, "utf-8")
    environment = {**clean_environment(), "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([COMMAND, "assess", EXAMPLE], capture_output=True, check=False, env=environment)
    assert done.returncode == 1
    assert b"ZeroDivisionError" in done.stderr
    for value in (b"demo-017", b"1961", b"lanreotide"):
        assert value not in done.stdout + done.stderr


def test_a_patient_cannot_command_the_terminal():
    done = run("assess", "-", told=json.dumps({"patient": {"id": "demo\u001b[2J\u001b]0;title\u0007", "sex": "male"}}))
    assert "\x1b" not in done.stdout + done.stderr


def test_a_setting_that_cannot_be_used_is_told_in_a_line(monkeypatch):
    monkeypatch.setenv("PRRT_TIME_ZONE", "Mars/Olympus")
    done = run("assess", EXAMPLE)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "PRRT_TIME_ZONE" in done.stderr
