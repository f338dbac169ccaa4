"""The time axis: days stay in order, and only a long time without anything is cut."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from service.presentation.figures.timescale import CUT, LABEL, Timescale

WIDTH = 680.0


@settings(max_examples=60)
@given(st.lists(st.dates(date(2000, 1, 1), date(2030, 12, 31)), min_size=1, max_size=40))
def test_days_keep_their_order_within_the_width_and_labels_their_distance(days):
    scale = Timescale.of(days, WIDTH)
    places = [scale.position(day) for day in sorted(set(days))]
    assert all(earlier < later for earlier, later in pairwise(places))
    assert min(places) >= 0
    assert max(places) <= WIDTH + 1e-6
    assert all(later[0] - earlier[0] >= LABEL for earlier, later in pairwise(scale.ticks()))
    assert scale.ticks()


def test_years_without_anything_are_cut_and_a_quarter_of_a_year_is_not():
    first, quarter, years = date(2021, 1, 1), date(2021, 4, 1), date(2025, 1, 1)
    scale = Timescale.of((first, quarter, years), WIDTH)
    (gap,) = scale.gaps
    assert (gap.since, gap.until) == (quarter, years)
    assert round(scale.position(years) - scale.position(quarter), 6) == CUT


def test_a_value_each_year_leaves_nothing_to_cut():
    assert Timescale.of([date(year, 1, 1) for year in range(2015, 2026)], WIDTH).gaps == ()


def test_one_day_stands_at_the_end_of_some_weeks():
    day = date(2026, 3, 10)
    scale = Timescale.of([day], WIDTH)
    assert scale.position(day - timedelta(days=30)) < 10
    assert scale.position(day) > WIDTH - 10
