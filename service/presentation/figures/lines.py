"""Lines that fit: SVG does not break text."""

from collections.abc import Iterator
from unicodedata import east_asian_width

from service.presentation.figures.style import SMALL

_WIDE, _CAPITAL, _SPACE, _OTHER = 1.05, 0.76, 0.34, 0.6  # of the size of the text; never less than the mean of such letters


def width_of(text: str) -> float:
    """About how wide a text is, in units; rather too wide."""
    return SMALL * sum(map(_part, text))


def _part(letter: str) -> float:
    if east_asian_width(letter) in "WF":
        return _WIDE
    if letter == " ":
        return _SPACE
    return _CAPITAL if letter.isupper() else _OTHER


def lines_of(text: str, width: float) -> list[str]:
    """The text in lines no wider than that; a word that is wider is cut."""
    lines = [""]
    for word in _fitting(text, width):
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _fitting(text: str, width: float) -> Iterator[str]:
    for word in text.split():
        rest = word
        while width_of(rest) > width:
            fits = next(count for count in range(len(rest), 0, -1) if width_of(rest[:count]) <= width)
            yield rest[:fits]
            rest = rest[fits:]
        yield rest
