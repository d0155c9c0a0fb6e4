"""Splits of bikes over stations, against all splits there are."""

import itertools

import numpy as np
import pytest

from optimiser.basics.errors import InvalidProblem
from optimiser.demand.allocation import least_losses, split_bikes


def convex_tables(random, rooms):
    """Any convex tables, some with flat pieces and equal slopes; NaN beyond a room."""
    tables = np.full((len(rooms), max(rooms) + 1), np.nan)
    for row, room in enumerate(rooms):
        slopes = np.sort(random.choice([-1, -0.5, 0, 0.25, 1], room) if row % 2 else random.uniform(-1, 1, room))
        tables[row, : room + 1] = 5 + np.concatenate([[0], np.cumsum(slopes)])
    return tables


@pytest.mark.parametrize("seed", range(12))
def test_no_split_loses_less_than_the_one_found(seed):
    random = np.random.default_rng(seed)
    rooms = random.integers(0, 6, 3 + seed % 2)
    tables = convex_tables(random, rooms.tolist())
    everyone = np.arange(len(rooms))
    for bikes in range(int(rooms.sum()) + 1):
        found = split_bikes(tables, rooms, bikes)
        assert bikes == found.sum()
        assert (found >= 0).all()
        assert (found <= rooms).all()
        best = min(
            tables[everyone, list(split)].sum()
            for split in itertools.product(*(range(room + 1) for room in rooms))
            if sum(split) == bikes
        )
        assert best == pytest.approx(tables[everyone, found].sum())


def test_of_two_equal_stations_the_first_gets_the_odd_bike():
    tables = np.array([[2.0, 1.0, 0.5], [2.0, 1.0, 0.5]])
    assert [2, 1] == split_bikes(tables, np.array([2, 2]), 3).tolist()


def test_bikes_are_placed_even_where_each_of_them_loses_trips():
    # The second bike costs 1 here and 3 there.
    assert [2, 1] == split_bikes(np.array([[0.0, 0, 1], [0, 0, 3]]), np.array([2, 2]), 3).tolist()


@pytest.mark.parametrize("bikes", [-1, 5])
def test_bikes_that_do_not_fit_are_refused(bikes):
    with pytest.raises(InvalidProblem, match=f"{bikes} bikes on 4 docks"):
        split_bikes(np.zeros((2, 3)), np.array([2, 2]), bikes)


def test_no_stations_take_no_bikes():
    nothing = split_bikes(np.zeros((0, 1)), np.zeros(0, dtype=np.int64), 0)
    assert [] == nothing.tolist()


def test_where_bikes_are_no_matter_each_station_takes_what_loses_least():
    # Beyond a room nothing counts, however little it would lose; of equal ones the fewest.
    tables = np.array([[3.0, 1.0, 2.0, 4.0], [2.0, 1.0, -9.0, np.nan], [1.0, 1.0, 1.0, 1.0]])
    assert [1, 1, 0] == least_losses(tables, np.array([3, 1, 3])).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_no_split_of_any_number_of_bikes_loses_less_than_the_least(seed):
    random = np.random.default_rng(seed)
    rooms = random.integers(1, 6, 3)
    tables = convex_tables(random, rooms.tolist())
    found = least_losses(tables, rooms)
    best = sum(np.nanmin(tables[row, : room + 1]) for row, room in enumerate(rooms))
    assert best == pytest.approx(tables[np.arange(3), found].sum())
    # With exactly as many bikes, the split agrees.
    split = split_bikes(tables, rooms, int(found.sum()))
    assert best == pytest.approx(tables[np.arange(3), split].sum())
