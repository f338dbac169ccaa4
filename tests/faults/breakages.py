"""Copies of the service that break a promise on purpose: the checks must notice each."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import service

_HERE = Path(service.__file__).parent


@dataclass(frozen=True, slots=True)
class Breakage:
    """A text of a module that is replaced by another."""

    what: str
    module: str
    right: str
    broken: str
    noticed_by: Literal["SQLite", "PostgreSQL", "rounds"]  # what is traced, or rounds of SIGKILL


BREAKAGES = (
    Breakage(
        "SQLite with `synchronous=OFF`", "audit/database.py", '"synchronous=FULL"', '"synchronous=OFF"', noticed_by="SQLite"
    ),
    Breakage(
        "PostgreSQL without `synchronous_commit`",
        "audit/database.py",
        "-c synchronous_commit=on",
        "-c synchronous_commit=off",
        noticed_by="PostgreSQL",
    ),
    Breakage(
        "an answer before the append",
        "audit/recorder.py",
        "return await asyncio.wrap_future(future)",
        'return __import__("service.audit.entry", fromlist=["chained"]).chained(draft, 1, "", b"")',
        noticed_by="rounds",
    ),
    Breakage(
        "an Idempotency-Key that is forgotten",
        "recording.py",
        "idempotency_key=key,",
        "idempotency_key=None,",
        noticed_by="rounds",
    ),
)


@contextmanager
def broken(breakage: Breakage) -> Iterator[Path]:
    """A folder with the package `service`, broken."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(_HERE, folder / "service", ignore=shutil.ignore_patterns("__pycache__"))
        for beside in ("models", "openapi"):
            (folder / beside).symlink_to(_HERE.parent / beside)
        module = folder / "service" / breakage.module
        text = module.read_text("utf-8")
        if text.count(breakage.right) != 1:
            raise LookupError(f"{breakage.what}: {breakage.module} no longer holds {breakage.right} once.")
        module.write_text(text.replace(breakage.right, breakage.broken), "utf-8")
        yield folder
