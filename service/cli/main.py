"""The commands. Exit codes: 0 answered, 2 bad input (the reason on stderr)."""

import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli import model_commands
from service.cli.explaining import explained
from service.engine import Engine, build
from service.patient.reading import RefusedRequest
from service.presentation.as_json import as_json
from service.presentation.as_text import as_text
from service.risk.artefacts import ModelRefusedError
from service.settings import Settings

app = typer.Typer(
    name="prrt-cds", no_args_is_help=True, add_completion=False, help="Decision support for PRRT. Not a medical device."
)
app.add_typer(model_commands.app, name="models")
_BAD_INPUT = 2


def _engine() -> Engine:
    try:
        return build(_settings())
    except ModelRefusedError as refused:
        raise _refuse(str(refused)) from None


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"PRRT_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors(include_input=False)]
        raise _refuse("\n".join(lines)) from None


def _console() -> Console:
    """Wide enough to read when the output goes into a file."""
    return Console(width=None if sys.stdout.isatty() else 100, highlight=False)


def _refuse(reason: str) -> typer.Exit:
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(reason))
    return typer.Exit(_BAD_INPUT)


@app.command()
def assess(
    file: Annotated[str, typer.Argument(help="JSON file with one patient, or - for standard input.")],
    json: Annotated[bool, typer.Option("--json", help="Print the contract's JSON.")] = False,
) -> None:
    """Assess one patient."""
    try:
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise _refuse(f"{file}: {error.strerror}") from None
    engine = _engine()
    try:
        assessment = engine.assess(engine.read(body))
    except RefusedRequest as refused:
        lines = [f"{refusal.pointer or 'The input'} {refusal.message}" for refusal in refused.refusals]
        raise _refuse("\n".join(["The input is not a patient state:", *lines])) from None
    if json:
        typer.echo(to_json(as_json(assessment), indent=2).decode())
    else:
        _console().print(as_text(assessment))


@app.command()
def rules() -> None:
    """List the rules."""
    table = Table("Rule", "Title", "Claim", box=None, padding=(0, 2, 0, 0))
    for rule in _engine().rules:
        table.add_row(rule.name, rule.title, rule.evidence.claim)
    _console().print(table)


@app.command()
def explain(rule: Annotated[str, typer.Argument(help="Name of a rule.")]) -> None:
    """Explain one rule: what it does, its decision rows, its numbers with sources, its cases."""
    engine = _engine()
    found = engine.rules_by_name.get(rule)
    if found is None:
        raise _refuse(f"No rule has that name. The rules are: {', '.join(engine.rules_by_name)}.")
    _console().print(explained(found))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", envvar="PORT")] = 8000,
) -> None:
    """Serve HTTP. Swagger UI is at /docs. Exits with 2 for a setting that cannot be used."""
    _settings()
    uvicorn.run(
        "service.app:create_app",
        factory=True,
        host=host,
        port=port,
        log_config=None,
        # httptools bounds no header and drops the body of a request that offers an upgrade, as Java's clients do.
        http="h11",
        ws="none",
        timeout_graceful_shutdown=30,
        access_log=False,
        server_header=False,
    )
