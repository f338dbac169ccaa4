"""How often somebody may ask: a window of one minute that moves."""

from hypothesis import given
from hypothesis import strategies as st

from service.api.rates import Rates


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_who_asked_as_often_as_allowed_has_room_again_a_minute_after_the_first():
    clock = Clock()
    rates = Rates(clock)
    assert rates.count("ehr", 2)
    clock.now += 30
    assert rates.count("ehr", 2)
    clock.now += 29.9
    assert not rates.count("ehr", 2)
    clock.now += 0.1
    assert rates.count("ehr", 2)
    assert not rates.has_room("ehr", 2)


def test_asking_whether_there_is_room_and_being_refused_count_nothing():
    clock = Clock()
    rates = Rates(clock)
    assert rates.count("ehr", 1)
    clock.now += 59
    assert not rates.count("ehr", 1)
    clock.now += 1
    assert [rates.has_room("ehr", 1) for _ in range(3)] == [True, True, True]


def test_one_name_takes_no_room_from_another():
    rates = Rates(Clock())
    assert rates.count("ehr", 1)
    assert rates.count("page", 1)


def test_who_has_not_asked_for_a_minute_is_forgotten():
    clock = Clock()
    rates = Rates(clock)
    for number in range(100):
        rates.count(f"address {number}", 5)
    clock.now += 60
    rates.count("ehr", 5)
    assert list(rates._moments) == ["ehr"]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40)), max_size=40), st.integers(1, 4))
def test_in_no_minute_is_anybody_let_in_more_often_than_allowed(asked, most):
    clock, let_in = Clock(), {"a": [], "b": []}
    rates = Rates(clock)
    for name, seconds in asked:
        clock.now += seconds
        recent = [each for each in let_in[name] if each > clock.now - 60]
        assert rates.count(name, most) == (len(recent) < most)
        if len(recent) < most:
            let_in[name].append(clock.now)
