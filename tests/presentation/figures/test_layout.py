"""What is hard to lay out: nothing covers anything, nothing is cut off, and nothing is too small to read."""

from itertools import combinations

import pytest

from service.presentation.figures.lines import lines_of, width_of
from service.presentation.figures.panels import MOST_ROWS, rows_of
from service.presentation.figures.timeline import timeline
from tests.presentation.figures.pictures import NAMES, every_course, parsed, said


@pytest.fixture(scope="module", params=NAMES)
def figure(request):
    return timeline(every_course()[request.param])


def test_no_text_covers_another(figure):
    assert [(one.text, other.text) for one, other in combinations(said(figure), 2) if one.covers(other)] == []


def test_every_text_stands_within_the_figure(figure):
    _, _, width, height = map(float, parsed(figure).get("viewBox").split())
    texts = said(figure)
    assert [each.text for each in texts if min(each.left, each.top) < 0 or each.right > width or each.bottom > height - 1] == []


def test_no_text_is_smaller_than_eleven_units(figure):
    assert {element.get("font-size") for element in parsed(figure).iter("text")} == {"11px"}


def test_responses_that_are_too_close_stand_in_rows_until_there_are_no_more():
    assert rows_of([0, 100, 101, 102, 300]) == [0, 0, 1, 2, 0]
    assert rows_of([0.0] * (MOST_ROWS + 1)) == [*range(MOST_ROWS), None]


@pytest.mark.parametrize("text", ["one two three four five six", "W" * 50, "a " + "漢字" * 30, "x"])
def test_lines_are_no_wider_than_asked_and_lose_nothing(text):
    lines = lines_of(text, 60)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(width_of, lines)) <= 60
