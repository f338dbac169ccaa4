"""`prrt-cds try URL`: post the test patients to a service as an EHR would, and show the cards."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
import jwt
import typer
from rich.console import RenderableType
from rich.text import Text

from service.cli.terminal import console, refused

KIT = "cds-hooks"
LIFE_SECONDS = 300
SECONDS = 30
FAILED = 1
_STYLES = {"critical": "bold white on red", "warning": "bold black on yellow", "info": "bold black on cyan"}


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs one token for each call, as a CDS client does (ES384)."""

    issuer: str
    kid: str
    key: str

    def headers(self, address: str) -> dict[str, str]:
        """The `Authorization` header of a call to that address."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": address, "iat": now, "exp": now + LIFE_SECONDS, "jti": str(uuid4())}
        return {"Authorization": f"Bearer {jwt.encode(claims, self.key, algorithm='ES384', headers={'kid': self.kid})}"}


def try_service(
    url: Annotated[str, typer.Argument(help="Address of a service, such as http://127.0.0.1:8000.")],
    only: Annotated[str, typer.Option(help="Only test requests whose name holds this text.")] = "",
    detail: Annotated[bool, typer.Option("--detail", help="Show the detail of each card.")] = False,
    issuer: Annotated[str | None, typer.Option(help="Sign the calls as this issuer.")] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key: a PEM file, P-384.")] = None,
    kid: Annotated[str, typer.Option(help="The name of that key.")] = "try",
) -> None:
    """Post the test patients to a service as an EHR would, and show the cards. Exits with 1 if one is not answered."""
    from service.api.openapi import examples  # noqa: PLC0415  # no other command needs HTTP

    signer = _signer(issuer, key, kid)
    chosen = {name: told for name, told in examples(KIT).items() if only in name}
    if not chosen:
        raise refused(f"No test request has that in its name. They are: {', '.join(examples(KIT))}.")
    failed = 0
    try:
        with httpx.Client(base_url=url, timeout=SECONDS, follow_redirects=False) as client:
            services = {each["hook"]: each["id"] for each in client.get("/cds-services").raise_for_status().json()["services"]}
            for name, told in chosen.items():
                failed += not _try_one(client, services[told["hook"]], name, told, signer, detail=detail)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
        raise refused(f"There is no CDS service of ours ({type(error).__name__}).") from None
    if failed:
        raise typer.Exit(FAILED)


def _signer(issuer: str | None, key: Path | None, kid: str) -> Signer | None:
    if (issuer is None) != (key is None):
        raise refused("Say both --issuer and --key, or neither.")
    if issuer is None or key is None:
        return None
    try:
        signer = Signer(issuer, kid, key.read_text("ascii"))
        signer.headers("")
    except (OSError, ValueError, jwt.PyJWTError, TypeError):
        raise refused("--key wants a PEM file with a private key of the curve P-384.") from None
    return signer


def _try_one(
    client: httpx.Client, service_id: str, name: str, told: dict[str, Any], signer: Signer | None, *, detail: bool
) -> bool:
    address = str(client.base_url).rstrip("/") + f"/cds-services/{service_id}"
    answer = client.post(f"/cds-services/{service_id}", json=told, headers=signer.headers(address) if signer else {})
    console().print(Text(f"\n{name} -> {service_id}: {answer.status_code}", style="bold"))
    if answer.status_code != httpx.codes.OK:
        return False
    for line in _shown(answer.json()["cards"], detail=detail):
        console().print(line)
    return True


def _shown(cards: list[dict[str, Any]], *, detail: bool) -> Iterator[RenderableType]:
    from rich.markdown import Markdown  # noqa: PLC0415  # slow to import

    if not cards:
        yield Text("  no cards: nothing to say")
    for card in cards:
        yield Text.assemble("  ", (f" {card['indicator'].upper()} ", _STYLES[card["indicator"]]), f" {card['summary']}")
        yield Text(f"    {card['source']['label']} {card['source'].get('url', '')}".rstrip(), style="dim")
        for suggestion in card.get("suggestions", []):
            yield Text(f"    suggests: {suggestion['label']}")
        if detail:
            yield Markdown(card["detail"])
