"""The image, as far as it can be read without building it; `make check-image` builds it."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
CHECK = Path(__file__).with_name("container_check.sh")
HADOLINT = Path(sys.executable).with_name("hadolint")
READ_OF_A_MODEL = {"manifest.json", "model.joblib", "known_answers.json", "card.md"}


class Instruction(NamedTuple):
    name: str
    text: str


def instructions() -> list[Instruction]:
    """Comments left out, continued lines joined."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def named(name: str) -> list[str]:
    return [each.text for each in instructions() if each.name == name]


def last_stage() -> list[Instruction]:
    every = instructions()
    return every[max(at for at, each in enumerate(every) if each.name == "FROM") :]


def exec_form(name: str) -> list[str]:
    (text,) = [each.text for each in last_stage() if each.name == name]
    return json.loads(text[text.index("[") :])


def copied_from_the_context() -> list[str]:
    return [source for copy in named("COPY") if "--from=" not in copy for source in copy.split()[:-1]]


def as_expression(pattern: str) -> str:
    """A pattern of .dockerignore: * and ? stay within a folder, ** does not; a folder that matches takes what is in it along."""
    parts = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    wild = re.sub(r"\*\*/|\*\*|\*|\?|[^*?]+", lambda found: parts.get(found[0]) or re.escape(found[0]), pattern)
    return f"{wild}(/.*)?"


def let_in(path: str) -> bool:
    """The last line that matches decides."""
    allowed = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if line and not line.startswith("#") and re.fullmatch(as_expression(line.removeprefix("!")), path):
            allowed = line.startswith("!")
    return allowed


def files_of(folder: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*") if path.is_file()}


def findings(dockerfile: str) -> list[str]:
    lint = subprocess.run(
        [HADOLINT, "--no-fail", "--format", "json", "-"], input=dockerfile, capture_output=True, text=True, check=True
    )
    return [f"{each['line']}: {each['code']} {each['message']}" for each in json.loads(lint.stdout)]


def test_hadolint_finds_nothing():
    assert findings(DOCKERFILE.read_text("utf-8")) == []


def test_hadolint_finds_what_is_wrong():
    assert len(findings("FROM python:latest\nRUN cd /tmp\nENTRYPOINT prrt-cds\n")) >= 3


def test_a_finding_that_is_ignored_has_a_reason_on_the_line_above():
    lines = ["", *DOCKERFILE.read_text("utf-8").splitlines()]
    ignores = [at for at, line in enumerate(lines) if "hadolint" in line]
    assert all(re.fullmatch(r"# hadolint ignore=[A-Z0-9,]+", lines[at]) and re.match(r"# \w+", lines[at - 1]) for at in ignores)


def test_the_base_is_an_argument_that_the_operator_pins():
    assert instructions()[0] == ("ARG", "BASE_IMAGE=python:3.12-slim-bookworm")
    bases = [text.split() for text in named("FROM")]
    stages = {words[2] for words in bases if len(words) == 3}
    assert {words[0] for words in bases} <= {"${BASE_IMAGE}"} | stages
    assert bases[-1] == ["${BASE_IMAGE}"]


def test_it_says_nothing_that_older_builders_cannot_read():
    assert not re.search(r"--link|--mount|--parents|--exclude|<<|# syntax", DOCKERFILE.read_text("utf-8"))


def test_what_is_installed_is_compared_with_its_hash_and_brings_nothing_along():
    commands = re.findall(r"(?:pip|uv) (?:--python \S+ )?(?:download|install|wheel)\b[^&]*", " ".join(named("RUN")))
    assert len(commands) == 4
    for command in commands:
        assert "--no-deps" in command
        assert "--require-hashes" in command or "--no-index" in command
    fetching = [command for command in commands if "--no-index" not in command]
    assert [re.search(r"-r (\S+)", command)[1] for command in fetching] == ["requirements/build.txt"]


def test_what_is_locked_for_the_build_holds_what_is_locked_for_running():
    run, build = (
        set(re.findall(r"^\S+==\S+.*$|--hash=\S+", (ROOT / "requirements" / name).read_text("utf-8"), re.MULTILINE))
        for name in ("run.txt", "build.txt")
    )
    assert run <= build


def test_the_last_stage_takes_over_only_what_was_installed_and_runs_as_a_user_without_rights():
    assert [each.text for each in last_stage() if each.name == "COPY"] == [
        "--from=dependencies /opt/prrt /opt/prrt",
        "--from=service /image /",
    ]
    assert [each.text for each in last_stage() if each.name == "USER"] == ["10001:10001"]
    names = [each.name for each in last_stage()]
    assert not {"RUN", "COPY", "ADD"} & set(names[names.index("USER") :])


def test_the_server_is_the_first_process_and_the_port_is_one():
    assert exec_form("ENTRYPOINT") == ["prrt-cds"]
    *_, port = command = exec_form("CMD")
    assert command == ["serve", "--host", "0.0.0.0", "--port", "8000"]  # noqa: S104  # a container has its own loopback
    assert named("EXPOSE") == [port]
    first, *_, program = exec_form("HEALTHCHECK")
    assert first == "python"
    assert f"'127.0.0.1', {port}" in program
    assert "/livez" in program


def test_it_says_what_it_is():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert named("ARG")[-1] == f"VERSION={project['version']}"
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', named("LABEL")[0]))
    assert labels["title"] == project["name"]
    assert labels["description"].startswith(project["description"])
    assert labels["licenses"] == project["license"]
    assert labels["version"] == "${VERSION}"


@pytest.mark.parametrize("source", copied_from_the_context())
def test_what_is_copied_exists_and_is_let_in(source):
    assert (ROOT / source).exists()
    assert let_in(source)


def test_the_whole_service_is_let_in():
    made_by_python = {path for path in files_of("service") if "__pycache__" in path}
    assert {path for path in files_of("service") if not let_in(path)} == made_by_python


def test_of_a_model_only_what_the_service_reads_is_let_in():
    served = yaml.safe_load((ROOT / "models" / "served.yaml").read_text("utf-8"))["models"]
    expected = {f"models/{name}/{file}" for name in served for file in READ_OF_A_MODEL} | {"models/served.yaml"}
    assert {path for path in files_of("models") if let_in(path)} == expected


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".venv/bin/python",
        "Dockerfile",
        "data/record.sqlite3",
        "docs/architecture.md",
        "k8s/secret.yaml",
        "keys.json",
        "models/overall_survival/train.py",
        "models/training/cohorts.py",
        "requirements/test.txt",
        "service/rules/__pycache__/eligibility.cpython-312.pyc",
        "tests/conftest.py",
    ],
)
def test_nothing_else_is_let_in(path):
    assert not let_in(path)


def test_the_check_is_something_that_a_shell_can_read_and_start():
    read = subprocess.run(["bash", "-n", CHECK], capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")
    assert CHECK.stat().st_mode & 0o111 == 0o111
