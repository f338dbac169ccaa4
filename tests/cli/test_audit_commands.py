"""`prrt-cds audit`: the chain is followed, the record is taken out, and contents go for good."""

import json
import os
import re
import subprocess
from contextlib import ExitStack, contextmanager
from hashlib import sha256

import pytest
from typer.testing import CliRunner

from service.audit.database import FILE_NAME
from service.audit.entry import BEFORE_THE_FIRST, Card
from service.audit.erasure import erase_patient
from service.cli.main import app
from service.settings import Settings
from tests.audit.places import TRIGGERS, TRIGGERS_OF_SQLITE, Place, about, append, draft, findings, make_bare, upgrade, verified
from tests.conftest import COMMAND, environment_with
from tests.postgres import running

CANARY = "zebra-4711"
HEAD = re.compile(r"Head: ([0-9]+:[0-9a-f]{64})\n")


@pytest.fixture(autouse=True)
def _called_by_an_operator(monkeypatch):
    monkeypatch.setenv("LOGNAME", "operator")


@pytest.fixture(scope="module")
def one_database():
    """The address of a PostgreSQL that one test after the other uses."""
    with running() as server:
        yield server.new_database()


@pytest.fixture
def bare(one_database, monkeypatch):
    """The address of a PostgreSQL without any tables, which the commands use."""
    make_bare(one_database)
    monkeypatch.setenv("PRRT_DATABASE_URL", one_database)
    return one_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request):
    """Where the record of the commands is."""
    if request.param == "sqlite":
        return Place(Settings().data_dir, None)
    bare = request.getfixturevalue("bare")
    upgrade(bare)
    return Place(Settings().data_dir, bare)


@pytest.fixture
def store(place):
    """An empty record, open at the same time as the commands use it."""
    with ExitStack() as stack:
        yield place.store(stack)


@pytest.fixture
def three(store):
    """A record of three assessments of two patients."""
    append(
        store,
        about(CANARY, created_at="2026-03-09T23:59:59.999999Z", request='{"ü": 1}\n'.encode(), answer='{"ü": 2}'.encode()),
        about("other", created_at="2026-03-10T00:00:00.000000Z", idempotency_key="key"),
        about(CANARY, created_at="2026-03-11T12:00:00.000000Z"),
    )
    return store


def run(*arguments, told=None):
    return CliRunner().invoke(app, ["audit", *arguments], input=told)


def refused(done, *words):
    """Bad input: nothing on standard output, a reason on standard error, and no traceback."""
    assert done.exit_code == 2, (done.stdout, done.stderr, done.exception)
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def head():
    done = run("verify")
    assert done.exit_code == 0
    return HEAD.search(done.stdout).group(1)


# Verifying


def test_a_chain_that_holds_is_said_to_hold_with_its_head(three):
    done = run("verify")
    assert done.exit_code == 0
    assert done.stderr == ""
    assert done.stdout == f"3 entries, 0 of them erased; the chain holds.\nHead: 3:{list(three.every())[-1].sha256}\n"


def test_verifying_records_nothing(three):
    assert head() == head()
    assert verified(three).entries == 3


def test_what_is_wrong_is_said_entry_by_entry(three, place):
    place.tamper(
        "UPDATE entry SET caller = 'other' WHERE position = 1", "UPDATE entry SET patient_id = 'other' WHERE position = 3"
    )
    done = run("verify")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr == "Entry 1: its header is not what was recorded.\nEntry 3: its contents are not what was recorded.\n"


def test_an_entry_that_was_expected_is_there(three):
    kept = head()
    assert run("verify", "--expect", kept).exit_code == 0
    append(three, about("later"))
    done = run("verify", "--expect", kept)
    assert done.exit_code == 0
    assert done.stdout.startswith("4 entries, ")
    assert head() != kept


def test_the_head_of_a_record_without_entries_may_be_expected(store):
    kept = head()
    append(store, about("later"))
    done = run("verify", "--expect", kept)
    assert done.exit_code == 0, done.stderr


def test_an_entry_that_was_expected_and_is_another_is_said(three, place):
    position, digest = head().split(":")
    for other in (f"2:{digest}", f"{position}:{'0' * 64}"):
        done = run("verify", "--expect", other)
        assert done.exit_code == 1
        assert done.stdout == ""
        assert done.stderr == (
            f"Entry {other.split(':')[0]} is not the one that was expected: "
            "what was recorded up to there was replaced or cut off.\n"
        )


def test_a_tail_that_was_cut_off_shows_only_when_its_head_is_expected(three, place):
    kept = head()
    place.tamper("DELETE FROM entry WHERE position = 3")
    assert run("verify").exit_code == 0
    done = run("verify", "--expect", kept)
    assert done.exit_code == 1
    assert "cut off" in done.stderr


def test_what_is_wrong_and_what_is_not_as_expected_is_both_said(three, place):
    place.tamper("UPDATE entry SET caller = 'other' WHERE position = 1", "DELETE FROM entry WHERE position = 3")
    done = run("verify", "--expect", f"3:{'a' * 64}")
    assert done.exit_code == 1
    assert [line.split(" ")[1] for line in done.stderr.splitlines()] == ["1:", "3"]


@pytest.mark.parametrize(
    "expected",
    [
        "",
        "1",
        ":",
        f"1:{'a' * 63}",
        f"1:{'a' * 65}",
        f"1:{'A' * 64}",
        f"01:{'a' * 64}",
        f"-1:{'a' * 64}",
        f" 1:{'a' * 64}",
        f"1:{'a' * 64}\n",
    ],
)
def test_an_expectation_that_is_no_head_is_refused(expected):
    refused(run("verify", f"--expect={expected}"), "POSITION:SHA256")


def test_the_installed_command_tells_by_its_exit_code_whether_the_chain_holds(tmp_path):
    place = Place(tmp_path / "data", None)
    with stored(place) as store:
        kept = f"1:{append(store, about(CANARY))[0].sha256}"
    first = process(tmp_path, "verify")
    assert (first.returncode, first.stderr) == (0, b"")
    assert first.stdout.decode() == f"1 entries, 0 of them erased; the chain holds.\nHead: {kept}\n"
    place.tamper("DELETE FROM entry")
    last = process(tmp_path, "verify", "--expect", kept)
    assert (last.returncode, last.stdout) == (1, b"")
    assert b"Entry 1 is not the one that was expected" in last.stderr


@contextmanager
def stored(place):
    with ExitStack() as stack:
        yield place.store(stack)


def process(folder, *arguments):
    return subprocess.run([COMMAND, "audit", *arguments], capture_output=True, check=False, env=environment_with(folder))


@pytest.mark.parametrize("arguments", [["verify"], ["export"], ["purge", "--before", "2026-03-10", "--yes"]])
def test_a_record_that_cannot_be_used_is_told(arguments):
    folder = Settings().data_dir
    folder.mkdir()
    (folder / FILE_NAME).write_text(CANARY * 100, "utf-8")
    refused(run(*arguments), "The record could not be used (DatabaseError).")


@pytest.mark.postgres
@pytest.mark.parametrize("arguments", [["verify"], ["export"], ["purge", "--before", "2026-03-10", "--yes"]])
def test_a_database_behind_its_version_is_told_and_not_touched(bare, arguments):
    refused(run(*arguments), "`prrt-cds db upgrade`")
    tables = Place(Settings().data_dir, bare).execute("SELECT 1 FROM information_schema.tables WHERE table_schema = 'public'")
    assert tables == []


def test_a_record_of_a_later_version_is_told(three, place):
    place.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(run("verify"))


def test_a_setting_that_cannot_be_used_is_told(monkeypatch):
    monkeypatch.setenv("PRRT_RECORD_SECONDS", CANARY)
    refused(run("verify"), "PRRT_RECORD_SECONDS: ")


@pytest.mark.parametrize("url", [f"postgresql://user:{CANARY}", f"{CANARY}://host/name", CANARY])
def test_an_address_that_cannot_be_one_is_told_without_what_stands_there(monkeypatch, url):
    monkeypatch.setenv("PRRT_DATABASE_URL", url)
    done = run("verify")
    refused(done, "PRRT_DATABASE_URL: ")
    assert CANARY not in done.stderr


# Exporting


def exported():
    done = run("export")
    assert done.exit_code == 0
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_export_holds_every_entry_and_that_it_was_taken_out(three):
    lines = exported()
    assert [line["position"] for line in lines] == [1, 2, 3, 4]
    assert (lines[3]["kind"], lines[3]["caller"], lines[3]["patient_id"]) == ("export", "command-line:operator", None)
    for line, entry in zip(lines, three.every(), strict=True):
        told = entry.draft
        assert line == {
            "position": entry.position,
            "id": told.id,
            "kind": told.kind,
            "created_at": told.created_at,
            "caller": told.caller,
            "subject": told.subject,
            "patient_id": told.patient_id,
            "ground": told.ground,
            "request": told.request.decode(),
            "answer": told.answer.decode(),
            "salt": entry.salt.hex(),
            "content_sha256": entry.content_sha256,
            "previous_sha256": entry.previous_sha256,
            "sha256": entry.sha256,
        }
    assert [line["position"] for line in exported()] == [1, 2, 3, 4, 5]


def verified_from(lines):
    """The head of a chain that is computed anew from an export alone, as the record is described."""
    previous, gone, told = BEFORE_THE_FIRST, set(), set()
    for number, line in enumerate(lines, 1):
        assert (line["position"], line["previous_sha256"]) == (number, previous)
        if line["salt"] is None:
            gone.add(number)
        else:
            total = sha256(bytes.fromhex(line["salt"]))
            for part in (line["patient_id"] or "", line["request"], line["answer"]):
                total.update(len(part.encode()).to_bytes(8, "big") + part.encode())
            assert total.hexdigest() == line["content_sha256"]
            if line["kind"] == "erasure":
                told |= {each for first, last in json.loads(line["answer"])["erased"] for each in range(first, last + 1)}
        named = ("position", "id", "kind", "created_at", "caller", "subject", "ground", "content_sha256", "previous_sha256")
        header = json.dumps([line[name] for name in named], ensure_ascii=True, separators=(",", ":"))
        previous = sha256(header.encode()).hexdigest()
        assert previous == line["sha256"]
    assert gone <= told
    return f"{len(lines)}:{previous}"


def test_an_export_can_be_verified_without_the_service(three):
    assert verified_from(exported()) == head()
    assert run("purge", "--patient", CANARY, "--yes").exit_code == 0
    append(three, draft("review", caller='ü\u2028"\\', subject="s", ground='{"a": "ü\\n"}', request=b"\n", answer=b"\r\n"))
    lines = exported()
    assert verified_from(lines) == head()
    assert (lines[0]["salt"], lines[0]["request"], lines[0]["answer"], lines[0]["patient_id"]) == (None, "", "", None)


def test_a_change_in_an_export_does_not_verify(three):
    lines = exported()
    lines[1]["request"] += " "
    with pytest.raises(AssertionError):
        verified_from(lines)


def test_an_export_is_one_line_an_entry_whatever_stands_in_it(three):
    append(three, about("line\u2028line\x85line"))
    assert run("export").stdout.count("\n") == 5
    assert len(exported()) == 6


def test_that_it_was_taken_out_is_recorded_before_anything_is(three, monkeypatch):
    monkeypatch.setattr("service.audit.store.Store.append", lambda *_: 1 / 0)
    done = run("export")
    assert isinstance(done.exception, ZeroDivisionError)
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [["export"], ["purge", "--patient", CANARY, "--yes"]])
def test_a_user_whom_the_machine_does_not_know_by_name_is_recorded_too(three, monkeypatch, arguments):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 64_711)  # as a container may be told to run
    done = run(*arguments)
    assert done.exit_code == 0, done.exception
    assert list(three.every())[3].draft.caller.startswith("command-line:")


# Purging


def test_contents_before_a_day_go(three):
    done = run("purge", "--before", "2026-03-10", "--yes")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "1 entries erased.\n", "")
    assert [entry.is_erased for entry in three.every()] == [True, False, False, False]
    assert list(three.every())[3].draft.caller == "command-line:operator"
    assert run("verify").stdout.startswith("4 entries, 1 of them erased; the chain holds.")


def test_contents_about_a_patient_go(three):
    done = run("purge", "--patient", CANARY, "--yes")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "2 entries erased.\n", "")
    assert [entry.is_erased for entry in three.every()] == [True, False, True, False]
    assert run("purge", "--patient", CANARY, "--yes").stdout == "0 entries erased.\n"
    assert findings(three) == []


@pytest.mark.parametrize("told", [CANARY, f"{CANARY}\n"])
def test_the_patient_may_come_from_standard_input(three, told):
    done = run("purge", "--patient", "-", "--yes", told=told)
    assert (done.exit_code, done.stdout) == (0, "2 entries erased.\n")
    assert CANARY not in done.stdout


def test_without_yes_it_asks_and_goes_on_when_told(three):
    done = run("purge", "--patient", "other", told="y\n")
    assert done.exit_code == 0
    assert "What is erased cannot be had back. Go on? [y/N]" in done.stdout
    assert done.stdout.endswith("1 entries erased.\n")


def test_after_a_patient_from_standard_input_it_asks_too(three):
    done = run("purge", "--patient", "-", told=f"{CANARY}\ny\n")
    assert done.exit_code == 0
    assert done.stdout.endswith("2 entries erased.\n")


@pytest.mark.parametrize("told", ["n\n", "\n", "", "no way\nn\n"])
def test_without_a_yes_nothing_is_erased(three, told):
    done = run("purge", "--patient", CANARY, told=told)
    assert done.exit_code == 1
    assert "erased." not in done.stdout
    assert verified(three).entries == 3


@pytest.mark.parametrize("arguments", [[], ["--before", "2026-03-10", "--patient", CANARY], ["--before", "", "--patient", "-"]])
def test_it_wants_either_a_day_or_a_patient(three, arguments):
    done = run("purge", *arguments, "--yes")
    refused(done, "Say either --before DATE or --patient ID.")
    assert CANARY not in done.stderr
    assert verified(three).entries == 3


@pytest.mark.parametrize(
    "day",
    [
        "",
        "2026-02-30",
        "20260310",
        "2026-3-10",
        "2026-W11-2",
        "2026-03-10T00:00:00",
        "tomorrow",
        "2026-03-10\n",
        "\uff12026-03-10",
    ],
)
def test_a_day_that_is_not_one_is_refused(three, day):
    refused(run("purge", "--before", day, "--yes"), "--before wants a day of the calendar, written YYYY-MM-DD.")
    assert verified(three).entries == 3


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_could_not_be_cleared_from_the_files_is_told_and_cleared_by_the_same_command(three, place, monkeypatch):
    monkeypatch.setenv("PRRT_RECORD_SECONDS", "0.1")
    with place.engine().connect() as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT * FROM entry").fetchall()
        refused(run("purge", "--patient", CANARY, "--yes"), "run the command again")
    assert verified(three).erased == 2
    assert run("purge", "--patient", CANARY, "--yes").stdout == "0 entries erased.\n"
    assert all(CANARY.encode() not in path.read_bytes() for path in sorted(place.folder.iterdir()))


def test_every_trigger_is_one_that_these_tests_know(place, store):
    kind, known = "SELECT name FROM sqlite_master WHERE type = 'trigger'", TRIGGERS_OF_SQLITE
    if place.url is not None:
        kind, known = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal", TRIGGERS
    assert {row[0] for row in place.execute(kind)} == set(known)


# feedback


def gave(store, topic, outcome, reason=None):
    """Feedback on a card about something, as the service records it."""
    answer = json.dumps({"card": "c", "service": "s", "topic": topic, "outcome": outcome, "reason": reason}).encode()
    append(store, about("patient-1", kind="feedback", answer=answer))


def rows(stdout):
    return [re.split(r" {2,}", line.strip()) for line in stdout.splitlines()[1:]]


def test_override_rates_are_of_the_cards_that_were_answered(store):
    append(store, about("patient-1", cards=(Card("1", "eligibility"), Card("2", "next_cycle"))))
    append(store, about("patient-2", cards=(Card("3", "eligibility"), Card("4", "eligibility"))))
    gave(store, "eligibility", "overridden", "patient-refuses")
    gave(store, "eligibility", "overridden")
    gave(store, "eligibility", "accepted")
    done = run("feedback")
    assert done.exit_code == 0, done.exception
    assert rows(done.stdout) == [
        ["eligibility", "3", "1", "2", "67 % of 3", "patient-refuses 1, no reason 1"],
        ["next_cycle", "1", "0", "0", "-"],
    ]


def test_feedback_about_an_erased_patient_is_not_counted(store):
    gave(store, "eligibility", "accepted")
    erase_patient(store, "patient-1", "tester")
    assert rows(run("feedback").stdout) == []
