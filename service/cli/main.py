"""The commands. Exit codes: 0 answered, 2 bad input (the reason on stderr)."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_json
from rich.table import Table

from service.cli import audit_commands, model_commands, record_commands
from service.cli.explaining import explained
from service.cli.scoring import score
from service.cli.terminal import console, engine_or_exit, refused, settings_or_exit
from service.cli.trying import try_service
from service.patient.reading import RefusedRequest
from service.presentation.as_json import as_json
from service.presentation.as_text import as_text

app = typer.Typer(
    name="prrt-cds", no_args_is_help=True, add_completion=False, help="Decision support for PRRT. Not a medical device."
)
app.add_typer(model_commands.app, name="models")
app.add_typer(audit_commands.app, name="audit")
app.add_typer(record_commands.db, name="db")
app.add_typer(record_commands.keys, name="keys")
app.command()(record_commands.rerun)
app.command()(score)
app.command("try")(try_service)


@app.command()
def assess(
    file: Annotated[str, typer.Argument(help="JSON file with one patient, or - for standard input.")],
    json: Annotated[bool, typer.Option("--json", help="Print the contract's JSON.")] = False,
) -> None:
    """Assess one patient, without recording it."""
    try:
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise refused(f"{file}: {error.strerror}") from None
    engine = engine_or_exit()
    try:
        assessment = engine.assess(engine.read(body))
    except RefusedRequest as error:
        lines = [f"{refusal.pointer or 'The input'} {refusal.message}" for refusal in error.refusals]
        raise refused("\n".join(["The input is not a patient state:", *lines])) from None
    if json:
        typer.echo(to_json(as_json(assessment), indent=2).decode())
    else:
        console().print(as_text(assessment))


@app.command()
def rules() -> None:
    """List the rules."""
    table = Table("Rule", "Title", "Claim", box=None, padding=(0, 2, 0, 0))
    for rule in engine_or_exit().rules:
        table.add_row(rule.name, rule.title, rule.evidence.claim)
    console().print(table)


@app.command()
def explain(rule: Annotated[str, typer.Argument(help="Name of a rule.")]) -> None:
    """Explain one rule: what it does, its decision rows, its numbers with sources, its cases."""
    engine = engine_or_exit()
    found = engine.rules_by_name.get(rule)
    if found is None:
        raise refused(f"No rule has that name. The rules are: {', '.join(engine.rules_by_name)}.")
    console().print(explained(found))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", envvar="PORT")] = 8000,
) -> None:
    """Serve HTTP. Swagger UI is at /docs. Exits with 2 for a setting that cannot be used."""
    from service.cli.serving import serve_until_stopped  # noqa: PLC0415  # no other command needs HTTP

    serve_until_stopped(settings_or_exit(), host, port)
