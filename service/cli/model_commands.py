"""`prrt-cds models`: what is served, and whether it is what it says."""

import typer
from rich.table import Table

from service.cli.terminal import complain, console, settings_or_exit
from service.risk.artefacts import ModelRefusedError, load_models

app = typer.Typer(no_args_is_help=True, help="The risk models.")
REFUSED = 1


@app.command()
def verify() -> None:
    """Check manifest, versions, digest and known answers of every served model. Exits with 1 if one is refused."""
    try:
        models = load_models(settings_or_exit().models_dir)
    except ModelRefusedError as refused:
        complain(str(refused))
        raise typer.Exit(REFUSED) from None
    table = Table("Model", "Version", "Digest", "Known answers", box=None, padding=(0, 2, 0, 0))
    for model in models:
        manifest = model.manifest
        reproduced = f"{len(model.known_answers)} reproduced"
        table.add_row(manifest.name, manifest.version, f"sha256:{manifest.sha256[:16]}...", reproduced)
    console().print(table)
