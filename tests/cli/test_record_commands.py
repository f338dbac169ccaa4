"""`prrt-cds db`, `keys` and `rerun`: tables of this version, keys that are accepted, and what would be answered today."""

import json
import shutil
from contextlib import ExitStack
from dataclasses import replace

import pytest
import yaml
from typer.testing import CliRunner

from service.access.api_keys import ApiKeys
from service.access.caller import Caller
from service.audit.database import FILE_NAME
from service.audit.erasure import erase_patient
from service.cli.main import app
from service.settings import Settings
from tests.audit.places import Place, about, append, make_bare, upgrade
from tests.conftest import EXAMPLES
from tests.postgres import running

CANARY = "zebra-4711"
PATIENT = json.loads((EXAMPLES / "skeletal-metastases-cycle-3.json").read_text("utf-8"))


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def refused(done, *words):
    """Bad input: nothing on standard output, a reason on standard error."""
    assert done.exit_code == 2, (done.stdout, done.stderr, done.exception)
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr
    assert CANARY not in done.stderr


# db upgrade


@pytest.fixture(scope="module")
def one_database():
    """The address of a PostgreSQL that one test after the other uses."""
    with running() as server:
        yield server.new_database()


@pytest.fixture
def bare(one_database, monkeypatch):
    """A PostgreSQL without any tables, which the commands use."""
    make_bare(one_database)
    monkeypatch.setenv("PRRT_DATABASE_URL", one_database)
    return Place(Settings().data_dir, one_database)


@pytest.mark.postgres
def test_the_tables_are_made_and_made_once(bare):
    refused(run("rerun", "x"), "`prrt-cds db upgrade`")
    for _ in range(2):
        done = run("db", "upgrade")
        assert (done.exit_code, done.stdout, done.stderr) == (0, "The tables of the record are current.\n", "")
    assert bare.execute("SELECT version_num FROM alembic_version") == [("0002",)]
    assert bare.execute("SELECT id FROM pulse") == [(1,)]
    with ExitStack() as stack:
        assert append(bare.store(stack), about("one"))[0].position == 1
    assert run("db", "upgrade").exit_code == 0
    assert bare.execute("SELECT position FROM entry") == [(1,)]


def test_an_embedded_record_may_be_upgraded_too():
    for _ in range(2):
        assert run("db", "upgrade").exit_code == 0
    assert (Settings().data_dir / FILE_NAME).exists()


def test_a_database_that_cannot_be_upgraded_is_told(tmp_path, monkeypatch):
    Settings().data_dir.mkdir()
    (Settings().data_dir / FILE_NAME).write_text(CANARY * 100, "utf-8")
    refused(run("db", "upgrade"), "The record could not be used (DatabaseError).")
    monkeypatch.setenv("PRRT_DATABASE_URL", f"postgresql://{CANARY}:{CANARY}@/{CANARY}?host={tmp_path}")
    refused(run("db", "upgrade"), "The record could not be used (OperationalError).")


def test_a_database_of_a_later_version_is_told():
    assert run("db", "upgrade").exit_code == 0
    Place(Settings().data_dir, None).execute("UPDATE alembic_version SET version_num = '9999'")
    refused(run("db", "upgrade"))


@pytest.mark.parametrize("url", [f"postgresql://user:{CANARY}", f"{CANARY}://host/name", CANARY])
def test_an_address_that_cannot_be_one_is_refused_without_what_stands_there(monkeypatch, url):
    monkeypatch.setenv("PRRT_DATABASE_URL", url)
    refused(run("db", "upgrade"), "PRRT_DATABASE_URL: ")


# keys new


def made(*arguments):
    """Secret and entry of a new key, as they are printed."""
    done = run("keys", "new", *arguments)
    assert (done.exit_code, done.stderr) == (0, "")
    secret, entry = done.stdout.removeprefix("The key, for the caller; it is not kept anywhere:\n").split(
        "\n\nUnder `keys:` in the file:\n"
    )
    return secret, entry


def test_a_key_that_was_made_opens_the_door_once_its_entry_is_in_the_file(tmp_path):
    secret, entry = made("pacs-bridge", "--scope", "read", "--scope", "assess")
    (tmp_path / "keys.yaml").write_text(f"keys:\n{entry}", "utf-8")
    assert ApiKeys(tmp_path / "keys.yaml").caller(secret) == Caller("api-key:pacs-bridge", frozenset({"assess", "read"}))
    assert secret not in entry
    assert made("pacs-bridge", "--scope", "read")[0] != secret


def test_a_key_may_expire():
    _, entry = made("one", "--scope", "admin", "--expires-on", "2027-01-31")
    assert str(yaml.safe_load(entry)[0]["expires_on"]) == "2027-01-31"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["one", "--scope", CANARY], "scopes[0]"),
        (["one", "--scope", "read", "--scope", CANARY], "scopes[1]"),
        ([f"{CANARY} two", "--scope", "read"], "name"),
        (["one", "--scope", "read", "--expires-on", "soon"], ""),
        (["one"], "--scope"),
        (["--scope", "read"], "name"),
    ],
)
def test_a_key_that_the_file_would_refuse_is_not_made(arguments, words):
    refused(run("keys", "new", *arguments), words)


# rerun


@pytest.fixture
def stored(start):
    """The id of a stored assessment."""
    return start().assess(PATIENT).json()["id"]


def test_the_same_answer_is_said_to_be_the_same(stored):
    done = run("rerun", stored)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "The same answer.\n", "")


def test_an_answer_that_would_differ_is_shown_with_what_it_stands_on(stored, monkeypatch):
    monkeypatch.setenv("PRRT_CTCAE_VERSION", "6.0")
    done = run("rerun", stored)
    assert done.exit_code == 1
    assert done.stderr == ""
    first, ground, *rest = done.stdout.splitlines()
    assert first == "Today's answer differs (then -> now):"
    assert ground == 'ground/defaults/ctcae_version: "5.0" -> "6.0"'
    assert rest
    assert "CTCAE 6.0" in done.stdout


def test_another_ground_that_changes_no_answer_is_the_same_answer(stored):
    with ExitStack() as stack:
        store = Place(Settings().data_dir, None).store(stack)
        draft = store.find(stored).draft
        ground = draft.ground.replace('"jurisdiction": "us"', '"jurisdiction": "xx"')
        assert ground != draft.ground
        append(store, replace(draft, id="then", ground=ground))
    done = run("rerun", "then")
    assert (done.exit_code, done.stdout) == (0, "The same answer.\n")


def test_that_a_stored_answer_was_looked_at_again_is_recorded(stored):
    run("rerun", stored)
    with ExitStack() as stack:
        *_, last = Place(Settings().data_dir, None).store(stack).every()
    assert (last.draft.kind, last.draft.subject) == ("reading", stored)
    assert last.draft.caller.startswith("command-line:")


def test_an_answer_that_was_changed_in_the_database_is_not_answered_again(stored):
    Place(Settings().data_dir, None).tamper("UPDATE entry SET caller = 'another'")
    refused(run("rerun", stored), "not what was recorded")


def test_what_depends_on_the_day_is_answered_for_the_day_of_then(start):
    told = {name: value for name, value in PATIENT.items() if name != "as_of"}
    client = start()
    answer = client.assess(told).json()
    place = Place(Settings().data_dir, None)
    with ExitStack() as stack:
        store = place.store(stack)
        then = store.find(answer["id"]).draft.answer.replace(answer["as_of"].encode(), b"2026-03-10")
        append(
            store,
            about(
                "demo-017",
                id="then",
                request=json.dumps(told).encode(),
                answer=then,
                ground=store.find(answer["id"]).draft.ground,
            ),
        )
    done = run("rerun", "then")
    assert "as_of" not in done.stdout


def test_a_stored_answer_that_was_another_is_shown_where_it_differs(stored):
    place = Place(Settings().data_dir, None)
    with ExitStack() as stack:
        store = place.store(stack)
        draft = store.find(stored).draft
        answer = json.loads(draft.answer)
        answer["verdicts"][0]["advice"] = "x" * 200
        answer["missing"] = answer["missing"] + [{"item": "another"}]
        append(
            store, about("demo-017", id="then", request=draft.request, answer=json.dumps(answer).encode(), ground=draft.ground)
        )
    done = run("rerun", "then")
    assert done.exit_code == 1
    rule = answer["verdicts"][0]["rule"]
    flat = done.stdout.replace("\n", "")
    assert f'/verdicts/{rule}/advice: "{"x" * 159}... -> ' in flat
    assert "/missing: " in flat
    assert "ground" not in done.stdout


@pytest.mark.parametrize("asked", ["", "0193f4c2-7a1e-7c3b-9d61-0f6f5a1b2c3d", CANARY])
def test_an_id_that_no_assessment_has_is_told(asked):
    refused(run("rerun", asked), "No assessment has that id.")


def test_an_answer_to_fhir_resources_is_answered_again_from_them(start):
    client = start()
    body = (EXAMPLES / "fhir" / "skeletal-metastases-cycle-3.json").read_bytes()
    client.request("POST", "/fhir/$prrt-assess", content=body, headers={"content-type": "application/fhir+json"})
    search = client.request("POST", "/v1/assessments/search", json={"patient_id": "demo-017"})
    assert run("rerun", search.json()["assessments"][0]["id"]).stdout == "The same answer.\n"


def test_an_assessment_that_was_erased_is_told(stored):
    with ExitStack() as stack:
        erase_patient(Place(Settings().data_dir, None).store(stack), PATIENT["patient"]["id"], "tester")
    refused(run("rerun", stored), "That assessment was erased.")


def test_a_review_cannot_be_answered_again(start):
    client = start()
    url = f"/v1/assessments/{client.assess(PATIENT).json()['id']}/reviews"
    review = client.request("POST", url, json={"decision": "agreed", "reviewer": "Dr. Example"}).json()["id"]
    refused(run("rerun", review), "No assessment has that id.")


def test_a_model_that_is_refused_is_told(tmp_path, monkeypatch):
    shutil.copytree(Settings().models_dir, tmp_path / "models")
    (tmp_path / "models" / "overall_survival" / "card.md").unlink()
    monkeypatch.setenv("PRRT_MODELS_DIR", str(tmp_path / "models"))
    refused(run("rerun", "x"), "overall_survival: card.md is missing.")


@pytest.mark.postgres
def test_an_answer_in_a_postgresql_is_answered_again(bare, start):
    upgrade(bare.url)
    stored = start().assess(PATIENT).json()["id"]
    assert run("rerun", stored).stdout == "The same answer.\n"
