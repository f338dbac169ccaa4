"""`prrt-cds db`, `prrt-cds keys` and `prrt-cds rerun`: the database, who may call, and what would be answered today."""

from datetime import date
from typing import Annotated

import typer
from rich.text import Text

from service.access.api_keys import new_key
from service.access.caller import SCOPES
from service.audit.database import Database
from service.audit.entry import Draft, RecordUnavailableError, as_recorded, new_id, now
from service.cli.rerunning import differences
from service.cli.terminal import caller, console, engine_or_exit, opened_record, refused, settings_or_exit

db = typer.Typer(no_args_is_help=True, help="The database of the record.")
keys = typer.Typer(no_args_is_help=True, help="API keys.")
DIFFERENT = 1


@db.command()
def upgrade() -> None:
    """Bring the tables of the record to this version of the service. Run it before the new version starts."""
    database = Database.of(settings_or_exit())
    try:
        database.upgrade()
    except RecordUnavailableError as error:
        raise refused(str(error)) from None
    finally:
        database.close()
    console().print("The tables of the record are current.")


@db.callback()
def _db() -> None:
    """Keep `upgrade` a command of its own."""


@keys.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Whom the key is for; it stands in the record.")],
    scope: Annotated[list[str], typer.Option(help=f"What the key is for, once or more: {', '.join(SCOPES)}.")],
    expires_on: Annotated[str | None, typer.Option(help="First day (YYYY-MM-DD) on which it is no longer accepted.")] = None,
) -> None:
    """Make an API key: the secret, shown once, and the entry for the file that PRRT_API_KEYS_FILE names."""
    try:
        made = new_key(name, scope, date.fromisoformat(expires_on) if expires_on else None)  # type: ignore[arg-type]
    except ValueError as error:
        raise refused(str(error)) from None
    typer.echo(f"The key, for the caller; it is not kept anywhere:\n{made.secret}\n\nUnder `keys:` in the file:\n{made.entry}")


@keys.callback()
def _keys() -> None:
    """Keep `new` a command of its own."""


def rerun(assessment_id: Annotated[str, typer.Argument(help="Id of a stored assessment.")]) -> None:
    """Answer a stored request again. Exits with 0 for the same answer, with 1 if it differs, and shows where and why."""
    engine = engine_or_exit()
    with opened_record() as store:
        entry = store.find(assessment_id)
        if entry is None or as_recorded(entry).is_erased:
            raise refused("No assessment has that id." if entry is None else "That assessment was erased.")
        store.append([Draft(new_id(), "reading", now(), caller(), subject=entry.draft.id)])
    found = differences(entry, engine)
    if not found:
        console().print("The same answer.")
        return
    console().print(Text("\n".join(["Today's answer differs (then -> now):", *found])))
    raise typer.Exit(DIFFERENT)
