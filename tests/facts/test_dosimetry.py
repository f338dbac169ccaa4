"""Absorbed doses over a lifetime, and the biologically effective dose."""

from decimal import Decimal

from tests.patients import cycle, facts_of


def dosed(given_on, kidney=None, marrow=None):
    told = {"kidney": kidney, "marrow": marrow}
    doses = {organ: {"value": gy, "unit": "Gy"} for organ, gy in told.items() if gy is not None}
    return cycle(given_on) | {"absorbed_dose": doses}


def dosimetry(*treatments, **plan):
    return facts_of(treatments=list(treatments), **({"plan": plan} if plan else {})).dosimetry


def test_without_dosimetry_no_organ_has_a_dose():
    assert (dosimetry().kidney, dosimetry(cycle("2026-01-19")).marrow) == (None, None)


def test_each_organ_is_known_by_itself():
    found = dosimetry(dosed("2025-11-24", kidney=3), dosed("2026-01-19", kidney=4))
    assert found.marrow is None
    assert (found.kidney.given.value, found.kidney.mean.value, found.kidney.projected.value) == (7, Decimal("3.5"), 14)


def test_a_cycle_without_dosimetry_counts_at_the_mean_of_those_with():
    kidney = dosimetry(dosed("2025-11-24", kidney=3), cycle("2026-01-19"), planned_cycles=3).kidney
    assert (kidney.cycles_without, kidney.given.value, kidney.projected.value) == (1, 6, 9)


def test_earlier_courses_count_and_cycles_that_cannot_come_any_more_do_not():
    marrow = dosimetry(dosed("2022-01-10", marrow=1), dosed("2025-09-08", marrow=2)).marrow
    assert (marrow.given.value, marrow.projected.value) == (3, 3)


def test_a_third_is_compared_without_dividing():
    kidney = dosimetry(dosed("2025-11-24", kidney=1), dosed("2026-01-19", kidney=1), dosed("2026-03-09", kidney=2)).kidney
    assert (kidney.mean.amount, kidney.mean.per, kidney.given.minus(Decimal(4))) == (4, 3, 0)


def test_the_effective_dose_is_the_sum_over_cycles_of_the_linear_quadratic_model():
    # 6.6 x (1 + 6.6 / 2.5 x 2.8 / 52.8) is exactly 7.524
    assert dosimetry(dosed("2026-01-19", kidney=6.6)).kidney.effective.value == Decimal("7.524")
    both = dosimetry(dosed("2025-11-24", kidney=6.6), dosed("2026-01-19", kidney=3.3)).kidney
    assert both.effective.minus(Decimal("11.055")) == 0


def test_the_effective_dose_of_a_cycle_without_dosimetry_is_the_mean_of_those_with():
    kidney = dosimetry(dosed("2025-11-24", kidney=6.6), cycle("2026-01-19")).kidney
    assert kidney.effective.minus(Decimal("15.048")) == 0
