"""What the timeline says in words: what is seen, and what was not told."""

import pytest

from service.presentation.figures.shapes import Course
from service.presentation.figures.telling import about_the_course
from service.presentation.figures.timeline import timeline
from tests.patients import cycle, lab, study
from tests.presentation.figures.pictures import course, every_course, said, two_courses
from tests.reading import TODAY


def texts(figure):
    return " ".join(each.text for each in said(figure))


def test_the_description_tells_the_doses_their_sum_and_the_labelled_total():
    told = about_the_course(course(treatments=[cycle("2025-11-03"), cycle("2025-12-29")]))
    assert "Doses of Lu-177 DOTATATE: 2, from 2025-11-03 to 2025-12-29. Sum of the course: 14.8 GBq" in told
    assert "Labelled total of a first course: 29.6 GBq." in told


def test_the_description_tells_the_latest_value_of_each_series_and_its_range():
    told = about_the_course(two_courses())
    assert "Latest platelets (10⁹/L): 161 on 2026-02-06; of 60 values the lowest is 60, the highest 220." in told
    assert "Response on imaging: stable disease 2025-04-02, partial response 2025-04-05" in told
    assert "Next cycle planned on 2026-04-20." in told


def test_a_panel_without_a_value_is_named_and_not_drawn():
    drawn = texts(timeline(every_course()["one dose"]))
    assert "Not told: ALP as multiple of the upper limit, platelets" in drawn
    assert "Platelets, 10⁹/L" not in drawn


def test_no_dose_given_is_not_the_same_as_no_dose_told():
    values = [lab("platelets", 200, "10*9/L", "2026-03-02")]
    assert "No dose of a radiopharmaceutical was given." in texts(timeline(course(treatments=[], laboratory=values)))
    assert "Not told: doses of a radiopharmaceutical" in texts(timeline(course(laboratory=values)))
    partly = course(treatments=[cycle("2026-01-05")], told_in_part=["radiopharmaceuticals"])
    assert "Doses are told only in part" in texts(timeline(partly))


def test_only_the_last_holds_are_named_below_the_figure_and_the_others_counted():
    low = {"analyte": "platelets", "unit": "10*9/L", "lower_limit": 150}
    days = [("2025-11-10", 60), ("2025-11-12", 200)]
    events = [
        {"occurred_on": f"2025-11-{number}", "kind": "adverse_event", "grade": 3, "related": True, "detail": f"toxicity {number}"}
        for number in range(14, 19)
    ]
    values = [{**low, "taken_on": on, "value": value} for on, value in days]
    drawn = texts(timeline(course(treatments=[cycle("2025-11-03")], laboratory=values, events=events)))
    assert "toxicity 18 since 2025-11-18" in drawn
    assert "2 earlier ones are not named." in drawn


def test_days_before_which_holds_were_not_looked_for_are_told():
    told = Course(TODAY, responses=every_course()["one dose"].responses, holds_since=TODAY)
    assert "Days on which the dose was withheld are shown from 2026-03-10 on." in texts(timeline(told))


def test_a_response_without_room_for_its_letters_keeps_its_sign():
    seen = [study(f"2026-02-{number:02}", overall_response="stable_disease") for number in range(1, 20)]
    seen.append(study("2025-09-01", overall_response="stable_disease"))
    drawn = timeline(course(imaging=seen))
    assert 0 < sum(each.text == "SD" for each in said(drawn)) < len(seen)


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="nothing to draw"):
        timeline(Course(TODAY, planned_on=TODAY))
