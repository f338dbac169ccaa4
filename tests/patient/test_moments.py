"""The time of a sample, and the order of an event's dates."""

import pytest

from tests.patients import changed, lab, patient, refused

MOMENT = "must be a time with its zone, written YYYY-MM-DDThh:mm:ssZ"


@pytest.mark.parametrize(
    "taken_at",
    [
        "2026-03-02T08:30:00Z",
        "2026-03-02T08:30Z",
        "2026-03-02T08:30:00.123456Z",
        "2026-03-02T23:59:59+01:00",
        "2026-03-02T00:00:00-08:00",
    ],
)
def test_a_time_carries_its_zone_and_is_on_the_day_of_the_sample_there(taken_at):
    told = patient(laboratory=[lab("platelets", 148, "10*9/L", "2026-03-02", taken_at=taken_at)])
    assert told.laboratory[0].taken_at.isoformat()[:10] == "2026-03-02"


@pytest.mark.parametrize(
    ("taken_at", "message"),
    [
        ("2026-03-02T08:30:00", MOMENT),
        ("2026-03-02", MOMENT),
        ("08:30", MOMENT),
        ("2026-03-02 08:30:00Z", MOMENT),
        (1772440200, MOMENT),
        ("2026-03-03T08:30:00Z", "must be on the day of taken_on"),
        ("2026-03-01T23:30:00-05:00", "must be on the day of taken_on"),
    ],
)
def test_a_time_that_is_none_or_of_another_day_is_refused(taken_at, message):
    (only,) = refused(changed("/laboratory/0/taken_at", taken_at, changed("/laboratory/0/taken_on", "2026-03-02"))).refusals
    assert (only.pointer, only.message) == ("/laboratory/0/taken_at", message)


@pytest.mark.parametrize("taken_at", ["2026-13-02T08:30:00Z", "2026-03-02T25:30:00Z", "2026-03-02T08:30:00+99:99"])
def test_a_time_that_no_clock_shows_is_refused_without_repeating_it(taken_at):
    (only,) = refused(changed("/laboratory/0/taken_at", taken_at)).refusals
    assert only.pointer == "/laboratory/0/taken_at"
    assert taken_at not in only.message


def test_a_wrong_day_is_the_only_complaint_about_its_time():
    told = changed("/laboratory/0/taken_on", "today", changed("/laboratory/0/taken_at", "2026-03-02T08:30:00Z"))
    assert [each.pointer for each in refused(told).refusals] == ["/laboratory/0/taken_on"]


@pytest.mark.parametrize(("resolved_on", "accepted"), [("2026-03-01", True), ("2026-02-28", False)])
def test_an_event_is_not_resolved_before_it_began(resolved_on, accepted):
    event = {"kind": "adverse_event", "occurred_on": "2026-03-01", "resolved_on": resolved_on}
    if accepted:
        assert patient(events=[event]).events[0].resolved_on.isoformat() == resolved_on
    else:
        (only,) = refused(changed("/events", [event])).refusals
        assert (only.pointer, only.message) == ("/events/0/resolved_on", "is before occurred_on")


def test_a_wrong_beginning_is_the_only_complaint_about_the_end():
    event = {"kind": "adverse_event", "occurred_on": "soon", "resolved_on": "2026-02-28"}
    assert [each.pointer for each in refused(changed("/events", [event])).refusals] == ["/events/0/occurred_on"]
