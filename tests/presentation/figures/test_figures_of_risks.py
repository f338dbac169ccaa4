"""Curves and contributions: only of estimates, with both groups, and with what others published beside them."""

import copy
from itertools import combinations

import pytest

from service.presentation.figures.contributions import contributions
from service.presentation.figures.curves import curve, published
from service.presentation.figures.drawn import draw
from service.presentation.figures.numbers import number, per_cent
from service.presentation.risks_as_json import risk_as_json
from tests.presentation.figures.pictures import every_course, parsed, said
from tests.risk.patients import BONE, cycle, risks

SEEN = [{"performed_on": "2025-12-29", "overall_response": "stable_disease"}]
TOLD = {name: risk_as_json(risk) for name, risk in risks(disease=BONE, treatments=[cycle("2025-01-05")], imaging=SEEN).items()}
START, LATER = TOLD["overall_survival_from_start"], TOLD["overall_survival_landmark_12"]
REFERENCES = [
    {"outcome": "overall_survival", "median_months": {"value": months}, "population": f"Population {months}"}
    for months in (47.0, 48.0, 48.5, 63.0)
] + [{"outcome": "progression_free_survival", "median_months": {"value": 20.0}, "population": "Others"}]


def texts(figure):
    return [each.text for each in said(figure)]


@pytest.mark.parametrize("risk", [START, LATER], ids=["from the start", "from a landmark"])
def test_nothing_of_a_curve_covers_anything_or_leaves_the_figure(risk):
    for figure in (curve(risk, REFERENCES), contributions(risk)):
        _, _, width, height = map(float, parsed(figure).get("viewBox").split())
        found = said(figure)
        assert [(one.text, other.text) for one, other in combinations(found, 2) if one.covers(other)] == []
        assert [each.text for each in found if each.left < 0 or each.right > width or each.bottom > height] == []


def test_each_horizon_stands_below_the_curve_with_its_interval():
    drawn, first = texts(curve(START, [])), START["horizons"][0]
    assert f"{per_cent(first['probability'])} %" in drawn
    assert f"{per_cent(first['lower'])}\u2013{per_cent(first['upper'])}" in drawn


def test_horizons_without_room_are_left_to_the_description():
    risk = copy.deepcopy(START)
    risk["horizons"] = [{**risk["horizons"][0], "months": months} for months in (12, 13)]
    figure = curve(risk, [])
    assert texts(figure).count(f"{per_cent(risk['horizons'][0]['probability'])} %") == 1
    assert "After 13 months" in parsed(figure).find("desc").text


def test_published_medians_of_the_same_outcome_stand_beside_a_curve_from_the_start_and_beside_no_landmark():
    assert [letter for letter, _ in published(START, REFERENCES)] == ["a", "b", "c", "d"]
    assert published(LATER, REFERENCES) == []
    drawn = " ".join(texts(curve(START, REFERENCES)))
    assert "a: 47 months, Population 47.0" in drawn
    assert "d: 63 months (beyond the axis), Population 63.0" in drawn
    assert texts(curve(START, REFERENCES)).count("d") == 0


def test_both_groups_are_dashed_and_named_and_their_direction_is_called_not_established():
    figure = curve(LATER, [])
    drawn = " ".join(texts(figure))
    assert "Labelled total reached by the landmark: no" in drawn
    assert "Labelled total reached by the landmark: yes" in drawn
    assert "the direction of their difference is not established" in drawn
    assert figure.count("stroke-dasharray") >= 4


def test_a_question_without_a_time_has_no_curve_and_one_without_inputs_no_contributions():
    assert curve(TOLD["response_at_completion"] | {"curve": None}, []) is None
    assert contributions(START | {"contributions": []}) is None


def test_an_input_that_is_unknown_is_called_averaged_over():
    assert any(text.endswith("unknown, averaged over") for text in texts(contributions(START)))
    assert any(text == "Male sex: no" for text in texts(contributions(START)))


def test_an_input_without_a_word_keeps_its_name():
    risk = copy.deepcopy(LATER)
    risk["contributions"][0]["feature"] = risk["groups"][0]["feature"] = "another"
    assert "another: unknown, averaged over" in texts(contributions(risk))
    assert "another: no" in texts(curve(risk, []))


def test_only_estimates_are_drawn():
    refused = START | {"status": "refused", "question_id": "refused"}
    found = draw(None, [refused, START, TOLD["response_at_completion"]], REFERENCES)
    assert found.timeline is None
    assert set(found.curves) == {START["question_id"]}
    assert set(found.contributions) == {START["question_id"]}
    assert draw(every_course()["one dose"], [], []).timeline


def test_figures_of_one_answer_share_no_id():
    found = draw(every_course()["one dose"], [START, LATER], REFERENCES)
    figures = [found.timeline, *found.curves.values(), *found.contributions.values()]
    ids = [element.get("id") for figure in figures for element in parsed(figure).iter() if element.get("id")]
    assert len(figures) == 5
    assert len(ids) == len(set(ids))


def test_numbers_are_written_as_in_the_answer():
    assert [number(each) for each in (7.4, 100.0, 0.0, 1.516)] == ["7.4", "100", "0", "1.52"]
    assert [per_cent(each) for each in (0, 0.001, 0.5, 0.999, 1)] == ["0", "<1", "50", ">99", "100"]
