"""The generated files: `make docs` writes them, a house rule compares them."""

import json
from collections.abc import Callable
from pathlib import Path

from pydantic.fields import FieldInfo

from service.app import create_app
from service.rules import RULES
from service.settings import Settings

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


def _default(field: FieldInfo) -> str:
    return "`models` of the checkout" if field.default_factory else f"`{field.default}`"


def _settings_table() -> str:
    rows = [
        f"| `PRRT_{name.upper()}` | {_default(field)} | {field.description} |" for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| setting | default | what |", "| --- | --- | --- |", *rows])


def _readme() -> str:
    text = (ROOT / "README.md").read_text("utf-8")
    return _between(_between(text, "rules", _rule_list()), "settings", _settings_table())


FILES: dict[Path, Callable[[], str]] = {
    Path("openapi/openapi.json"): _openapi,
    Path("README.md"): _readme,
}

if __name__ == "__main__":
    for path, make in FILES.items():
        (ROOT / path).write_text(make(), "utf-8")
