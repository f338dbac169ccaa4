"""Lines out of a stream of bytes, in chunks; no line is ever held beyond its bound."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

MOST_LINES = 16  # some 20 ms of work: what is answered after it does not wait long, and a commit is shared
ENOUGH_BYTES = 262_144  # a chunk that holds so much takes no further line
_BLANKS = b" \t\r"
Held = TypeVar("Held")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its number from 1, and its bytes; none if it was longer than may be."""

    number: int
    content: bytes | None


class Lines:
    """Finds lines in pieces of a stream. What is too long is told at once, and skipped to its end without being held."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._begun = bytearray()
        self._is_skipped = False
        self._number = 1

    def feed(self, piece: bytes) -> list[Line]:
        """The lines that end in this piece, and the one that became too long in it."""
        *ended, begun = piece.split(b"\n")
        found: list[Line] = []
        for part in ended:
            found += [*self._grown(part), *self.end()]
            self._number += 1
        return [*found, *self._grown(begun)]

    def end(self) -> list[Line]:
        """The line that ends here, if there is one."""
        found = [Line(self._number, bytes(self._begun))] if self._begun.strip(_BLANKS) else []
        self._begun.clear()
        self._is_skipped = False
        return found

    def _grown(self, part: bytes) -> list[Line]:
        if self._is_skipped:
            return []
        if len(self._begun) + len(part) > self._most_bytes:
            self._begun.clear()
            self._is_skipped = True
            return [Line(self._number, None)]
        self._begun += part
        return []


def chunks(lines: Iterable[Held], most_lines: int = MOST_LINES) -> Iterator[tuple[Held, ...]]:
    """Lines, or rows of a table, in chunks that are bounded in number and, of lines, in bytes."""
    held: list[Held] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line.content or b"") if isinstance(line, Line) else 0
        if len(held) >= most_lines or size >= ENOUGH_BYTES:
            yield tuple(held)
            held, size = [], 0
    if held:
        yield tuple(held)
