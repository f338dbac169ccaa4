"""`prrt-cds score IN OUT`: a cohort in, the same answers as one by one out, interrupted or not."""

import csv
import json
import os
import subprocess
import time

import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from service.batch import cohort, table
from service.batch.columns import UnknownColumnsError
from service.batch.resuming import beside
from service.cli import scoring
from service.cli.main import app
from tests.conftest import COMMAND, EXAMPLES, environment_with
from tests.reading import engine
from tests.vignettes import names

CANARY = "zebra-4711"
pytestmark = pytest.mark.usefixtures("without_processes")


def score(source, target):
    return CliRunner().invoke(app, ["score", str(source), str(target), "--processes", "2"])


def rows_of(path):
    if path.suffix == ".csv":
        return list(csv.DictReader(path.read_text("utf-8").splitlines()))
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pylist()
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def patients():
    return [json.loads((EXAMPLES / f"{name}.json").read_text("utf-8")) for name in names()]


def leaves(node, steps=()):
    """What stands in a document, by its place with points."""
    if isinstance(node, dict | list) and node:
        for step, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(child, (*steps, str(step)))
    else:
        yield ".".join(steps), json.dumps(node) if isinstance(node, dict | list | bool) else str(node)


@pytest.fixture
def as_ndjson(tmp_path):
    path = tmp_path / "in.ndjson"
    path.write_text("".join(f"{json.dumps(told)}\n" for told in patients()), "utf-8")
    return path


@pytest.fixture
def as_flat_csv(tmp_path):
    flat = [dict(leaves(told)) for told in patients()]
    columns = list(dict.fromkeys(name for each in flat for name in each))
    # a list that is told empty is a column of its own, and may not be beside one of its entries
    columns = [name for name in columns if not any(other.startswith(f"{name}.") for other in columns)]
    path = tmp_path / "flat.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=";", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(flat)
    return path


@pytest.fixture
def as_parquet(tmp_path):
    path = tmp_path / "in.parquet"
    parquet.write_table(pa.table({"json": [json.dumps(told) for told in patients()]}), path)
    return path


def test_each_patient_of_a_cohort_gets_the_answer_that_one_alone_gets(as_ndjson, tmp_path):
    done = score(as_ndjson, tmp_path / "out.ndjson")
    assert (done.exit_code, done.stdout) == (0, f"{len(names())} rows, 0 of them with a problem.\n")
    for name, found in zip(names(), rows_of(tmp_path / "out.ndjson"), strict=True):
        alone = json.loads(CliRunner().invoke(app, ["assess", str(EXAMPLES / f"{name}.json"), "--json"]).stdout)
        del alone["id"], alone["created_at"]
        assert found == alone
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.ndjson", "out.ndjson"]


def test_a_table_tells_the_decision_the_rules_and_the_probabilities_of_the_whole_answer(as_ndjson, tmp_path):
    for end in ("ndjson", "csv", "parquet"):
        assert score(as_ndjson, tmp_path / f"out.{end}").exit_code == 0
    for whole, row, typed in zip(*(rows_of(tmp_path / f"out.{end}") for end in ("ndjson", "csv", "parquet")), strict=True):
        assert {name: "" if value is None else str(value) for name, value in typed.items()} == row
        next_cycle = whole.get("next_cycle", {})
        assert (typed["patient_id"], typed["as_of"], typed["problem"]) == (whole["patient_id"], whole["as_of"], None)
        assert [typed[name] for name in ("decision", "cycle", "due_on", "earliest_on")] == [
            next_cycle.get(name) for name in ("decision", "cycle", "due_on", "earliest_on")
        ]
        for urgency in ("critical", "warning", "info"):
            assert typed[urgency] == ";".join(each["rule"] for each in whole["verdicts"] if each["urgency"] == urgency)
        assert typed["unknown"] == ";".join(each["rule"] for each in whole["verdicts"] if each["status"] == "unknown")
        for risk in whole["risks"]:
            assert typed[f"{risk['question_id']}.status"] == risk["status"]
            for horizon in risk["horizons"]:
                place = ".".join(str(each) for each in (risk["question_id"], horizon["months"]) if each is not None)
                assert [typed[f"{place}.{bound}"] for bound in ("probability", "lower", "upper")] == [
                    horizon["probability"], horizon["lower"], horizon["upper"],
                ]  # fmt: skip
        estimated = [f"{risk['question_id']}." for risk in whole["risks"] if risk["horizons"]]
        assert all(
            (value is not None) == name.startswith(tuple(estimated)) for name, value in typed.items() if name.endswith(".upper")
        )


def test_a_patient_is_the_same_from_each_kind_of_file(as_ndjson, as_flat_csv, as_parquet, tmp_path):
    found = []
    for source in (as_ndjson, as_flat_csv, as_parquet):
        assert score(source, tmp_path / f"{source.stem}.out.csv").exit_code == 0
        found.append((tmp_path / f"{source.stem}.out.csv").read_bytes())
        (tmp_path / f"{source.stem}.out.csv").unlink()
    assert found[0] == found[2]
    # only what was told empty is lost in a flat table, which has no cell for it
    differing = [
        index for index, pair in enumerate(zip(*(each.split(b"\n") for each in found[:2]), strict=True)) if len(set(pair)) > 1
    ]
    empty = [number for number, told in enumerate(patients(), 1) if any(value == "[]" for _, value in leaves(told))]
    assert set(differing) <= set(empty)


def test_a_row_with_a_problem_has_a_row_that_says_so_and_stops_nothing(tmp_path, monkeypatch):
    source = tmp_path / "in.csv"
    source.write_text(
        f"patient.id,patient.sex,disease\np-1,female,\n{CANARY},{CANARY},\np-2,female\n\np-3,female,{{\np-4,male,\n", "utf-8"
    )
    done = score(source, tmp_path / "out.csv")
    assert (done.exit_code, done.stdout) == (1, "5 rows, 3 of them with a problem.\n")
    found = rows_of(tmp_path / "out.csv")
    assert [row["row"] for row in found] == ["1", "2", "3", "4", "5"]
    assert [row["patient_id"] for row in found] == ["p-1", "", "", "", "p-4"]
    assert found[1]["problem"] == "/patient/sex must be one of 'male', 'female', 'other' or 'unknown'"
    assert found[2]["problem"] == "has more or fewer cells than the header"
    assert found[3]["problem"].startswith("is not valid JSON")
    assert CANARY not in (tmp_path / "out.csv").read_text("utf-8")


def test_a_line_that_is_too_long_or_fails_is_a_problem_too(tmp_path, monkeypatch):
    monkeypatch.setenv("PRRT_MAX_BODY_BYTES", "1024")
    fails = type(engine()).assess

    def failing(self, state):
        if state.patient.id == CANARY:
            raise KeyError(CANARY)
        return fails(self, state)

    monkeypatch.setattr(type(engine()), "assess", failing)
    source = tmp_path / "in.ndjson"
    source.write_text(f'{"a" * 2000}\n{{"patient": {{"id": "{CANARY}", "sex": "female"}}}}\n', "utf-8")
    for end in ("ndjson", "csv"):
        assert score(source, tmp_path / f"out.{end}").exit_code == 1
    assert [(each["status"], each["line"]) for each in rows_of(tmp_path / "out.ndjson")] == [(413, 1), (500, 2)]
    assert [each["problem"] for each in rows_of(tmp_path / "out.csv")] == ["is too long", "internal error (KeyError)"]
    assert CANARY not in (tmp_path / "out.ndjson").read_text("utf-8") + (tmp_path / "out.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("in.txt", b"", "the name must end in"),
        ("in.csv", b"", "has no header"),
        ("in.csv", b"patient.id,zebra-4711\n", "Not a place of the contract (columns are counted from 1): 2."),
        ("in.csv", b'patient.id\n"zebra-4711', "is not CSV in UTF-8"),
        ("in.csv", b"patient.id\n\xff\xfe\n", "is not CSV in UTF-8"),
        ("in.parquet", b"zebra-4711", "is not Parquet"),
        ("none.csv", None, "No such file"),
    ],
)
def test_a_file_that_is_no_cohort_is_refused_with_the_reason(tmp_path, name, content, why):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = score(tmp_path / name, tmp_path / "out.csv")
    assert (done.exit_code, done.stdout) == (2, "")
    assert why in done.stderr
    assert CANARY not in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_without_arrow_parquet_is_refused_and_says_what_it_needs(as_ndjson, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    done = score(as_ndjson, tmp_path / "out.parquet")
    assert (done.exit_code, done.stderr) == (2, f"{cohort.WITHOUT_ARROW}\n")


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [(KeyboardInterrupt(), 130, "goes on where it stopped"), (scoring.BrokenExecutor(), 2, "goes on where it stopped")],
)
def test_when_it_is_interrupted_it_says_that_it_can_go_on(as_ndjson, tmp_path, monkeypatch, error, code, told):
    def ending(*_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(scoring, "score_chunk", ending)
        done = score(as_ndjson, tmp_path / "out.csv")
    assert done.exit_code == code
    assert told in done.stderr
    assert score(as_ndjson, tmp_path / "out.csv").exit_code == 0


def test_killed_on_the_way_it_goes_on_to_the_very_same_output(tmp_path):
    source, target, whole = tmp_path / "in.ndjson", tmp_path / "out.ndjson", tmp_path / "whole.ndjson"
    with source.open("w", encoding="utf-8") as file:
        for number in range(800):
            file.write(f'{{"patient": {{"id": "p-{number}", "sex": "{"female" if number % 7 else CANARY}"}}}}\n')
    environment = environment_with(tmp_path, PYTHONPATH=os.environ.get("PYTHONPATH", ""))
    command = [COMMAND, "score", str(source), str(target), "--processes", "1"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    while not beside(target, "progress").exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.002)
    process.kill()
    process.communicate()
    done = json.loads(beside(target, "progress").read_bytes())["rows"]
    assert 0 < done < 800
    assert score(source, target).exit_code == score(source, whole).exit_code == 1
    assert target.read_bytes() == whole.read_bytes()
    assert [each.get("patient_id", each.get("line")) for each in rows_of(target)] == [
        f"p-{number}" if number % 7 else number + 1 for number in range(800)
    ]
    for _ in range(500):  # whoever worked for the one that was killed has ended too
        if not still_there(process.pid):
            break
        time.sleep(0.02)
    assert not still_there(process.pid)


def still_there(session):
    return subprocess.run(["pgrep", "-s", str(session)], capture_output=True, check=False).returncode == 0


def test_a_bar_is_shown_to_who_watches_and_to_nobody_else(as_ndjson, tmp_path):
    assert score(as_ndjson, tmp_path / "out.csv").stderr == ""
    assert scoring._bar().disable


def test_a_frame_is_scored_with_its_index_and_an_empty_one_has_the_same_columns(as_ndjson, tmp_path):
    pd = table.pd
    frame = pd.DataFrame(
        {"patient.id": [17, 18], "patient.sex": ["female", None], "disease.grade": [2.0, None]}, index=["a", "b"]
    )
    found = table.score_table(frame, as_of=engine().today())
    assert list(found.index) == ["a", "b"]
    assert (found.at["a", "patient_id"], found.at["b", "problem"]) == ("17", "/patient/sex is required")
    empty = table.score_table(frame.head(0))
    assert list(empty.dtypes.items()) == list(found.dtypes.items())
    with pytest.raises(UnknownColumnsError):
        table.score_table(pd.DataFrame({CANARY: []}))
