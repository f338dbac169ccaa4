"""Lines out of pieces of a stream, however it is cut, and never more of a line in memory than may be."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from service.batch.lines import ENOUGH_BYTES, MOST_LINES, Line, Lines, chunks

MOST = 8
TEXTS = st.lists(st.sampled_from([b"{}", b"a" * MOST, b"a" * (MOST + 1), b"", b" \t\r", b"ab\r"]), max_size=8)


def told(content, number):
    return Line(number, content if len(content) <= MOST else None)


def cut(text, places):
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[one:other] for one, other in pairwise(edges)]


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(TEXTS, st.lists(st.integers(0, 200), max_size=12))
def test_however_a_stream_is_cut_its_lines_are_the_same(texts, places):
    lines = Lines(MOST)
    found = [line for piece in cut(b"\n".join(texts), places) for line in lines.feed(piece)] + lines.end()
    assert found == [told(text, number) for number, text in enumerate(texts, 1) if text.strip()]


def test_a_line_without_an_end_is_told_once_and_held_nowhere():
    lines = Lines(MOST)
    held = [(lines.feed(b"a" * 1000), len(lines._begun)) for _ in range(1000)]
    assert [found for found, _ in held if found] == [[Line(1, None)]]
    assert max(size for _, size in held) <= MOST
    assert lines.feed(b"\n{}\n") == [Line(2, b"{}")]


def test_a_chunk_is_bounded_in_lines_and_in_bytes():
    short, long = [Line(number, b"{}") for number in range(1, 41)], [Line(number, b"a" * ENOUGH_BYTES) for number in range(3)]
    assert [len(chunk) for chunk in chunks(short)] == [MOST_LINES, MOST_LINES, 40 - 2 * MOST_LINES]
    assert [len(chunk) for chunk in chunks(long)] == [1, 1, 1]
    assert [line for chunk in chunks(short) for line in chunk] == short
    assert list(chunks([])) == []
