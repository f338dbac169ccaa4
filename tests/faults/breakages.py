"""Copies of the service that break a promise on purpose: the checks must notice each."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import service

_HERE = Path(service.__file__).parent


@dataclass(frozen=True, slots=True)
class Breakage:
    """Texts of a module that are replaced by others."""

    what: str
    noticed_by: Literal["SQLite", "PostgreSQL", "rounds"]  # what is traced, or rounds of SIGKILL
    module: str
    replaced: Mapping[str, str]


BREAKAGES = (
    Breakage("SQLite with `synchronous=OFF`", "SQLite", "audit/database.py", {'"synchronous=FULL"': '"synchronous=OFF"'}),
    Breakage(
        "PostgreSQL without `synchronous_commit`",
        "PostgreSQL",
        "audit/database.py",
        {"-c synchronous_commit=on": "-c synchronous_commit=off"},
    ),
    Breakage(
        "an answer before the append",
        "rounds",
        "audit/recorder.py",
        {
            "return await asyncio.wrap_future(future)": "return chained(draft, 1, '', b'')",
            "entries = self.store.append(": "sleep(0.1); entries = self.store.append(",
            "\nfrom time import monotonic\n": "\nfrom time import monotonic, sleep\nfrom service.audit.entry import chained\n",
        },
    ),
    Breakage(
        "an Idempotency-Key that is forgotten",
        "rounds",
        "audit/store.py",
        {'"position": entry.position,': '"position": entry.position, "idempotency_key": None,'},
    ),
)


@contextmanager
def broken(breakage: Breakage) -> Iterator[Path]:
    """A folder with the package `service`, broken. Raises LookupError if what is replaced is no longer there."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(_HERE, folder / "service", ignore=shutil.ignore_patterns("__pycache__"))
        for beside in ("models", "openapi"):
            (folder / beside).symlink_to(_HERE.parent / beside)
        module = folder / "service" / breakage.module
        text = module.read_text("utf-8")
        for right, wrong in breakage.replaced.items():
            if text.count(right) != 1:
                raise LookupError(f"{breakage.what}: {breakage.module} no longer holds {right.strip()} once: mend this breakage.")
            text = text.replace(right, wrong)
        module.write_text(text, "utf-8")
        yield folder
