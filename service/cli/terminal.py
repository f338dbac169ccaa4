"""What every command needs: settings, engine, record, and a place to write. Exit code 2: bad input, the reason on stderr."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from service.audit.database import Database
from service.audit.entry import RecordUnavailableError
from service.audit.store import Store
from service.engine import Engine, build
from service.risk.artefacts import ModelRefusedError
from service.settings import Settings

BAD_INPUT = 2


def settings_or_exit() -> Settings:
    """The settings; exits if one cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"PRRT_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors(include_input=False)]
        raise refused("\n".join(lines)) from None


def engine_or_exit() -> Engine:
    """The engine; exits if a model is refused."""
    try:
        return build(settings_or_exit())
    except ModelRefusedError as error:
        raise refused(str(error)) from None


@contextmanager
def opened_record() -> Iterator[Store]:
    """The record that the settings name, ready to be used; exits if it cannot be."""
    store = Store(Database.of(settings_or_exit()))
    try:
        store.open()
        yield store
    except RecordUnavailableError as error:
        raise refused(str(error)) from None
    finally:
        store.database.close()


def caller() -> str:
    """Who calls, for the record."""
    try:
        return f"command-line:{getuser()}"
    except (KeyError, OSError):  # a container may run as a user that has no name
        return f"command-line:uid-{os.getuid()}"


def console() -> Console:
    """Wide enough to read when the output goes into a file."""
    return Console(width=None if sys.stdout.isatty() else 100, highlight=False)


def refused(reason: str) -> typer.Exit:
    """Say why on stderr; to be raised."""
    complain(reason)
    return typer.Exit(BAD_INPUT)


def complain(reason: str) -> None:
    """Say something on stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(reason))
