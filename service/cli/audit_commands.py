"""`prrt-cds audit`: verify the record, take it out, let contents go."""

import json
import re
import sys
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import typer

from service.audit.chain import verify as verify_chain
from service.audit.entry import BEFORE_THE_FIRST, Draft, Entry, new_id, now
from service.audit.erasure import erase_before, erase_patient
from service.cli.feedback_table import feedback_table
from service.cli.terminal import caller, complain, console, opened_record, refused

app = typer.Typer(no_args_is_help=True, help="The record of everything that was answered.")
BROKEN = 1
_HEAD = re.compile(r"(0|[1-9][0-9]{0,18}):([0-9a-f]{64})")


@app.command()
def verify(
    expect: Annotated[str | None, typer.Option(help="POSITION:SHA256 of an earlier head, kept elsewhere.")] = None,
) -> None:
    """Follow the chain and print its head. Exits with 1 if anything is not as it was recorded."""
    kept = _HEAD.fullmatch(expect) if expect is not None else None
    if expect is not None and kept is None:
        raise refused("--expect wants POSITION:SHA256, as an earlier `audit verify` printed it.")
    seen = {0: BEFORE_THE_FIRST}

    def every() -> Any:
        for entry in store.every():
            if kept and entry.position == int(kept[1]):
                seen[entry.position] = entry.sha256
            yield entry

    with opened_record() as store:
        found = verify_chain(every())
    for finding in found.findings:
        complain(f"Entry {finding.position}: {finding.what}.")
    if kept and seen.get(int(kept[1])) != kept[2]:
        complain(f"Entry {kept[1]} is not the one that was expected: what was recorded up to there was replaced or cut off.")
        raise typer.Exit(BROKEN)
    if found.findings:
        raise typer.Exit(BROKEN)
    typer.echo(f"{found.entries} entries, {found.erased} of them erased; the chain holds.\nHead: {found.entries}:{found.head}")


@app.command()
def export() -> None:
    """Write the whole record to standard output, one JSON object a line. That it was taken out is recorded first."""
    with opened_record() as store:
        store.append([Draft(new_id(), "export", now(), caller())])
        for entry in store.every():
            sys.stdout.write(f"{json.dumps(_line(entry))}\n")


@app.command()
def purge(
    before: Annotated[str | None, typer.Option(help="Day (YYYY-MM-DD, UTC): everything recorded before it.")] = None,
    patient: Annotated[str | None, typer.Option(help="Everything about one patient; - reads the id from standard input.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase contents for good. The entries stay, without contents, and the chain still verifies."""
    if (before is None) == (patient is None):
        raise refused("Say either --before DATE or --patient ID.")
    if before is not None and not _is_day(before):
        raise refused("--before wants a day of the calendar, written YYYY-MM-DD.")
    if patient == "-":
        patient = sys.stdin.readline().rstrip("\n")
    if not yes:
        typer.confirm("What is erased cannot be had back. Go on?", abort=True)
    with opened_record() as store:
        erased = erase_before(store, before, caller()) if before else erase_patient(store, str(patient), caller())
    console().print(f"{erased} entries erased.")


@app.command()
def feedback() -> None:
    """Show what clinicians did with the cards they were shown, by rule."""
    with opened_record() as store:
        table = feedback_table(store.every(), store.cards_by_topic())
    console().print(table)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _line(entry: Entry) -> Mapping[str, Any]:
    draft = entry.draft
    return {
        "position": entry.position,
        "id": draft.id,
        "kind": draft.kind,
        "created_at": draft.created_at,
        "caller": draft.caller,
        "subject": draft.subject,
        "patient_id": draft.patient_id,
        "ground": draft.ground,
        "request": draft.request.decode(),
        "answer": draft.answer.decode(),
        "salt": entry.salt.hex() if entry.salt else None,
        "content_sha256": entry.content_sha256,
        "previous_sha256": entry.previous_sha256,
        "sha256": entry.sha256,
    }
