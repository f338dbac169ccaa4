"""A backup that was taken while the service wrote is restored, and the chain still holds."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from service.audit.chain import verify
from service.audit.database import FILE_NAME, Database
from service.audit.entry import Draft, new_id, now
from service.audit.store import Store
from tests.postgres import running


def drafts(count):
    return [Draft(new_id(), "assessment", now(), "ehr", patient_id="p", request=b"asked", answer=b"told") for _ in range(count)]


def restored(store, head):
    """The restored record verifies, ends where it was kept to end, and can be written."""
    found = verify(store.every())
    assert (found.findings, found.entries, found.head) == ((), head.position, head.sha256)
    store.append(drafts(1))
    assert verify(store.every()).findings == ()
    store.database.close()


def test_an_embedded_record_is_restored_from_a_backup_that_was_taken_while_it_was_open(tmp_path):
    store = Store(Database(tmp_path / "data", None, 5))
    store.open()
    head = store.append(drafts(3))[-1]
    (tmp_path / "restored").mkdir()
    with sqlite3.connect(tmp_path / "data" / FILE_NAME) as source, sqlite3.connect(tmp_path / "restored" / FILE_NAME) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    store.append(drafts(2))
    store.database.close()
    again = Store(Database(tmp_path / "restored", None, 5))
    again.open()
    restored(again, head)


@pytest.mark.postgres
def test_a_record_in_postgresql_is_restored_from_a_dump():
    with running() as server:
        store = Store(Database(Path("/nowhere"), server.new_database(), 5))
        store.database.upgrade()
        head = store.append(drafts(3))[-1]
        source = str(store.database._engine.url.database)
        environment = {"PATH": os.environ["PATH"], "PGHOST": str(server.folder), "PGUSER": "app"}
        dump, restore = shutil.which("pg_dump"), shutil.which("psql")
        assert dump, "install postgresql-15"
        dumped = subprocess.run([dump, source], env=environment, capture_output=True, check=True).stdout
        store.append(drafts(2))
        store.database.close()
        empty = server.new_database()
        command = [str(restore), "-q", "-v", "ON_ERROR_STOP=1", str(make_url(empty).database)]
        subprocess.run(command, env=environment, input=dumped, stdout=subprocess.DEVNULL, check=True)
        again = Store(Database(Path("/nowhere"), empty, 5))
        again.open()
        restored(again, head)
