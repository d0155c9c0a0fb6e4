"""Seconds of vans whose shifts are full are made dearer, and nobody pays it."""

import pytest

from optimiser.rebalancing.search.copies import cost_of, eased
from optimiser.rebalancing.search.settle import is_late
from optimiser.rebalancing.search.steer import press
from tests.unit.rebalancing.search.towns import free_town


def pressed(seed: int, shift_s: int):
    """A town whose prices may be changed."""
    _, town, state = free_town(seed, stations=25, vans=3, shift_s=shift_s)
    return town._replace(second=town.second.copy(), pressure=town.pressure.copy()), town, state


@pytest.mark.parametrize("seed", range(6))
def test_what_is_asked_for_full_shifts_grows_and_is_no_cost(seed):
    own, town, state = pressed(seed, 3600)
    price = 0.0
    for _ in range(30):
        price = press(own, state, price, 0.001, 1.0)
        assert cost_of(own, state) - eased(own, state) == pytest.approx(cost_of(town, state))
        assert not any(is_late(own, state, row) for row in range(3))
    assert price > 0.0
    driving = state.size > 0
    assert own.second - town.second == pytest.approx(own.pressure)
    assert (own.pressure[~driving] == 0.0).all()


def test_the_dearer_a_second_the_fewer_bikes_are_handled():
    own, _, state = pressed(2, 5 * 3600)
    before = int(state.lifts.sum())
    press(own, state, 0.05, 0.0, 1.0)
    assert int(state.lifts.sum()) < before


def test_shifts_with_time_left_cost_what_they_cost():
    own, town, state = pressed(1, 10 * 3600)
    assert press(own, state, 0.002, 0.001, 1.0) < 0.002
    assert press(own, state, 0.002, 0.001, 0.0) == 0.002
    assert own.second == pytest.approx(town.second)
