"""Integer programmes: what the solver tells is true."""

import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from optimiser.siting.programme import Programme, bound_of, prices_of, solve_programme


def programme_of(cost, rows, lower, upper, *, whole):
    """From a table of rows; variables within 0..1."""
    table = np.array(rows, dtype=float)
    row, column = np.nonzero(table)
    return Programme(
        cost=np.array(cost, dtype=float),
        lower=np.zeros(len(cost)),
        upper=np.ones(len(cost)),
        is_whole=np.arange(len(cost)) < whole,
        row=row,
        column=column,
        value=table[row, column],
        row_lower=np.array(lower, dtype=float),
        row_upper=np.array(upper, dtype=float),
    )


def test_what_the_solver_simplifies_stays_true():
    # One of seven sites for points of 10, 4, 16, 9 and 8: the second reaches the first two, 14; HiGHS 1.14 says 12.
    near = [[1], [0, 1], [], [], [0, 5]]
    rows = [
        [-1.0 * (site in sites) for site in range(7)] + [float(i == j) for j in range(5)]
        for i, sites in enumerate(near)
    ]
    programme = programme_of(
        [0] * 7 + [-10, -4, -16, -9, -8], [*rows, [1] * 7 + [0] * 5], [-np.inf] * 5 + [1], [0] * 5 + [1], whole=7
    )
    told = solve_programme(programme, unit=1.0, seconds=60)
    assert programme.cost @ told.values == pytest.approx(-14)
    assert -15 < told.bound <= -14


def test_nothing_possible_is_told_by_an_infinite_bound():
    told = solve_programme(programme_of([1, 1], [[1, 1]], [3], [np.inf], whole=2), unit=1.0, seconds=60)
    assert (told.bound, told.values) == (np.inf, None)


def test_what_is_enough_ends_the_search():
    told = solve_programme(programme_of([1, 1], [[1, 1]], [1], [np.inf], whole=2), unit=1.0, seconds=60, enough=2.5)
    assert told.values.sum() >= 1
    assert told.bound <= 1


def test_bounds_on_the_way_are_bounds():
    # The fewest of 45 that reach one of each triple (Fulkerson, Nemhauser & Trotter 1974) take a while.
    rng = np.random.default_rng(1)
    rows = [np.isin(np.arange(45), rng.choice(45, 3, replace=False)).astype(float) for _ in range(200)]
    programme = programme_of(np.ones(45), rows, [1] * 200, [np.inf] * 200, whole=45)
    bounds = []
    told = solve_programme(programme, unit=1.0, seconds=60, on_bound=bounds.append)
    assert max(bounds) > 15.0
    assert max(bounds) <= told.values.sum()


def test_prices_are_what_rows_are_worth():
    # Of x + y >= 1 and 2 x >= 1 at costs of 3 and 1: half of each, (3 - 1) / 2 for the second row.
    programme = programme_of([3, 1], [[1, 1], [2, 0]], [1, 1], [np.inf, np.inf], whole=2)
    assert prices_of(programme, seconds=60).tolist() == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("seed", range(8))
def test_no_values_cost_less_than_the_bound_whatever_the_prices(seed):
    random = np.random.default_rng(seed)
    rows = random.integers(-2, 4, (4, 5))
    programme = programme_of(random.integers(-4, 5, 5), rows, [1, 0, -np.inf, -1], [np.inf, 2, 3, np.inf], whole=5)
    bound, reduced = bound_of(programme, random.normal(0, 2, 4))
    for values in product((0, 1), repeat=5):
        reached = rows @ values
        if (reached >= programme.row_lower).all() and (reached <= programme.row_upper).all():
            assert programme.cost @ values >= bound - 1e-9
            for variable in np.flatnonzero(values):
                assert programme.cost @ values >= bound + max(reduced[variable], 0.0) - 1e-9


@pytest.mark.parametrize("order", ["ortools.sat.python.cp_model, highspy", "highspy, ortools.sat.python.cp_model"])
def test_both_copies_of_the_solver_live_in_one_process(order):
    # highspy 1.15 and OR-Tools 9.15 cannot be imported together.
    program = f"import {order}; highspy.Highs().version(); ortools.sat.python.cp_model.CpModel()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
