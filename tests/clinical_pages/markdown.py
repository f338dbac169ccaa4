"""Plain Markdown: text that means only what it says, tables that a pipe does not break."""

import re
from collections.abc import Iterable, Sequence
from textwrap import fill
from urllib.parse import quote

_WIDTH = 100
_CODE = re.compile(r"(`[^`]+`)")
# What a host would read as emphasis, as struck out, as a link or as HTML.
_MARKUP = re.compile(r"[\\*~]|(?<!\w)_|_(?!\w)|(?<=\])\(|<(?=[A-Za-z/!?])")
_BLOCK = re.compile(r"^(\s*)([-+](?=\s)|[>#]|\d+(?=[.)]\s))", re.MULTILINE)


def text(words: str) -> str:
    """`words` as they are; what stands between backticks stays code."""
    parts = _CODE.split(words)
    return "".join(part if _CODE.fullmatch(part) else _MARKUP.sub(r"\\\g<0>", part) for part in parts)


def code(words: str) -> str:
    """A name, set apart."""
    return f"`{words}`"


def bold(words: str) -> str:
    """Words that must not be overlooked."""
    return f"**{words}**"


def link(label: str, target: str) -> str:
    """A link."""
    return f"[{label}]({target})"


def doi_link(label: str, doi: str | None) -> str:
    """A link to the document, if it has a DOI."""
    return link(label, f"https://doi.org/{quote(doi)}") if doi else label


def wrapped(words: str, first: str = "", rest: str = "") -> str:
    """A paragraph in short lines, none of which begins a list or a heading by chance."""
    lines = fill(
        " ".join(words.split()),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    head, _, tail = lines.partition("\n")
    return f"{head}\n{_BLOCK.sub(_escaped, tail)}" if tail else head


def _escaped(mark: re.Match[str]) -> str:
    indent, sign = mark.groups()
    return f"{indent}{sign}\\" if sign.isdigit() else f"{indent}\\{sign}"


def bullets(items: Iterable[str]) -> str:
    """A list, one item after the other."""
    return "\n".join(wrapped(item, "- ", "  ") for item in items)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. A pipe in a cell stays a pipe, a line break becomes a space."""
    return "\n".join(_row(cells) for cells in (columns, ["---"] * len(columns), *rows))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", r"\|")


def page(*blocks: str) -> str:
    """Blocks with an empty line between them."""
    return "\n\n".join(block.strip("\n") for block in blocks if block) + "\n"
