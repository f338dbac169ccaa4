"""A figure stands in a page as it is: no style, no script, no id of another figure, whatever the text of a patient says."""

import re

import pytest

from service.presentation.figures.svg import inline, plain
from service.presentation.figures.timeline import timeline
from tests.presentation.figures.pictures import HOSTILE, every_course, parsed, said, two_courses

TAGS = {"svg", "title", "desc", "g", "defs", "path", "use", "text", "clipPath", "rect", "pattern"}


@pytest.fixture(scope="module")
def figure():
    return timeline(two_courses())


def attributes(figure):
    return [(name, value) for element in parsed(figure).iter() for name, value in element.attrib.items()]


def test_it_is_made_of_shapes_and_text_alone(figure):
    assert {element.tag for element in parsed(figure).iter()} <= TAGS
    assert figure.startswith("<svg ")


def test_no_attribute_is_a_style_or_does_anything(figure):
    names = {name for name, _ in attributes(figure)}
    assert "style" not in names
    assert [name for name in names if name.startswith("on") or ":" in name] == []
    assert {"font-size", "font-weight", "text-anchor", "fill", "stroke", "stroke-dasharray"} <= names


def test_it_points_to_nothing_but_itself(figure):
    ids = [value for name, value in attributes(figure) if name == "id"]
    referred = {value.removeprefix("#") for name, value in attributes(figure) if name == "href"}
    referred |= {found for _, value in attributes(figure) for found in re.findall(r"url\(([^)]*)\)", value)}
    assert {each.removeprefix("#") for each in referred} | {"timeline-title", "timeline-desc"} == set(ids)
    assert len(ids) == len(set(ids))
    assert all(each.startswith("timeline-") for each in ids)


def test_it_is_an_image_with_a_title_and_a_description_and_takes_the_size_of_its_place(figure):
    root = parsed(figure)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [root[0].get("id"), root[1].get("id")]
    assert [root[0].tag, root[1].tag] == ["title", "desc"]
    assert {"width", "height"}.isdisjoint(root.keys())
    assert root.get("viewBox").startswith("0 0 760 ")


def test_the_text_of_a_patient_is_text_and_never_mathematics(figure):
    described = parsed(figure).find("desc").text
    assert HOSTILE.lower() in described
    assert any("</desc></svg><script>" in each.text for each in said(figure))
    assert "<script" not in figure
    assert "$x^2$" in described


def test_the_same_course_gives_the_same_figure(figure):
    assert timeline(two_courses()) == figure


def test_a_character_that_xml_does_not_know_is_a_space():
    assert plain("a\x00b\x1f\ufffe\ud800c é 漢") == "a b   c é 漢"
    assert parsed(inline('<svg viewBox="0 0 1 1" />', "x", "a\x00b", "a\ufffeb"))[0].text == "a b"


@pytest.mark.parametrize("letters", ["$x^2$", "\\frac{1}{2}", "&lt;", "]]>", "<!--"])
def test_any_name_of_a_toxicity_is_drawn_as_it_is(letters, monkeypatch):
    monkeypatch.setattr("service.presentation.figures.timeline.captions", lambda *_: [letters])
    assert letters in {each.text for each in said(timeline(every_course()["one dose"]))}
