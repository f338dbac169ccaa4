"""The generated files: `make docs` writes them, a house rule compares them."""

import json
from collections.abc import Callable
from pathlib import Path

from pydantic.fields import FieldInfo

from service.api.callers import CDS_CLIENT
from service.app import create_app
from service.rules import RULES
from service.settings import Settings
from tests.clinical_pages import every_page
from tests.k8s import prometheus_rule
from tests.kit import every_bundle, every_hook_request
from tests.prefetch_table import prefetch_table, template_table

ROOT = Path(__file__).parent.parent


def _openapi() -> str:
    return f"{json.dumps(create_app().openapi(), indent=2, ensure_ascii=False)}\n"


def _between(text: str, mark: str, content: str) -> str:
    """`text` with what stands between `<!-- mark -->` and `<!-- /mark -->` replaced."""
    head, _, rest = text.partition(f"<!-- {mark} -->\n")
    _, _, tail = rest.partition(f"<!-- /{mark} -->")
    return f"{head}<!-- {mark} -->\n{content}\n<!-- /{mark} -->{tail}"


def _rule_list() -> str:
    rows = [f"| `{rule.name}` | {rule.title} | {rule.evidence.claim} |" for rule in RULES]
    return "\n".join(["| rule | title | what the evidence says |", "| --- | --- | --- |", *rows])


def _default(name: str, field: FieldInfo) -> str:
    if field.default_factory:
        return f"`{name.removesuffix('_dir')}` of the checkout"
    return "none" if field.default in (None, "") else f"`{field.default}`"


def _settings_table() -> str:
    rows = [
        f"| `PRRT_{name.upper()}` | {_default(name, field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| setting | default | what |", "| --- | --- | --- |", *rows])


def _readme() -> str:
    text = (ROOT / "README.md").read_text("utf-8")
    return _between(_between(text, "rules", _rule_list()), "settings", _settings_table())


def _interop() -> str:
    text = (ROOT / "docs" / "interop.md").read_text("utf-8")
    return _between(_between(text, "feeds", prefetch_table()), "templates", template_table())


ACCESS = """# Who may call what

Made by `make docs` from the OpenAPI document. `any`: any caller who is let in. `open`: everybody. `CDS client`: who signs a token
of its own for each call.

| route | scope |
| --- | --- |
"""


def scopes_by_route() -> dict[str, str]:
    """What each route of the OpenAPI document asks of its caller, by method and path."""
    paths = create_app().openapi()["paths"]
    operations = {f"{method.upper()} {path}": told for path, methods in paths.items() for method, told in methods.items()}
    return {route: _scope(told.get("security")) for route, told in operations.items()}


def _scope(security: list[dict[str, list[str]]] | None) -> str:
    if security is None:
        return "open"
    if {scheme for requirement in security for scheme in requirement} == {CDS_CLIENT}:
        return "CDS client"
    (asked,) = (scope for requirement in security for scope in requirement.values())
    return ", ".join(asked) or "any"


THE_PAGE = """
## The page

| address | scope |
| --- | --- |
| `GET /`, `GET /form`, `POST /form`, `POST /form/json` | assess |
| `POST /` | assess, read |
| `GET /assessments/{id}` | read |
| `POST /assessments/{id}/reviews` | review, read |
| `/sign-in`, `/sign-in/oidc`, `/sign-in/answer`, `/sign-out`, `/static/*` | open |

Who comes is asked for in this order: an `Authorization: Bearer` header, through the same gate as the API and decisive if it is
there; the session of the page; the open loopback. A session begins with an API key, whose scopes it has as the keys file says
them at each request, or at the OIDC issuer, with the scopes of the access token; it never has more, and is no credential for
the API. Whoever is not known is sent to `/sign-in` and comes back. Every `POST` needs the token that its form was given out
with. How to set it up: [operations.md](operations.md).
"""


def _access() -> str:
    rows = [f"| `{route}` | {scope} |" for route, scope in scopes_by_route().items()]
    return ACCESS + "\n".join(rows) + "\n" + THE_PAGE


FILES: dict[Path, Callable[[], str]] = {
    Path("openapi/openapi.json"): _openapi,
    Path("README.md"): _readme,
    Path("docs/access.md"): _access,
    Path("docs/interop.md"): _interop,
    Path("k8s/monitoring/prometheus-rule.yaml"): prometheus_rule,
}

# Folders that hold nothing else than what is made: path below the folder, and text.
FOLDERS: dict[Path, Callable[[], dict[Path, str]]] = {
    Path("docs/clinical"): every_page,
    Path("openapi/examples/fhir"): every_bundle,
    Path("openapi/examples/cds-hooks"): every_hook_request,
}


def written(folder: Path) -> set[Path]:
    """The files that stand in a folder, below it."""
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def write(folder: Path, files: dict[Path, str]) -> None:
    """Make a folder hold these files and no others."""
    for stale in written(folder) - set(files):
        (folder / stale).unlink()
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, "utf-8")


if __name__ == "__main__":
    for path, make_all in FOLDERS.items():  # first: the OpenAPI document shows examples from among them
        write(ROOT / path, make_all())
    for path, make in FILES.items():
        (ROOT / path).write_text(make(), "utf-8")
