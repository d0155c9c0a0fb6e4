"""
What bound and exchange leave open as an integer programme (Church & ReVelle 1974), without what is settled: sites that
stay open with all that they cover, and sites that stay closed.

    max  sum_i w_i z_i     s.t.  z_i <= sum_{j in N_i} y_j,   sum_j y_j = p,   y binary,  0 <= z <= 1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.coverage.problem import Floats
from optimiser.siting.coverage.reach import Bools, Reach
from optimiser.siting.coverage.relaxation import FREE, OPEN, Fixed
from optimiser.siting.programme import Programme, prices_of, solve_programme


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Closed:
    """What the programme came to."""

    bound: float
    """No choice covers more."""
    is_open: Bools | None
    """The best choice found, or none."""


def close(reach: Reach, p: int, fixed: Fixed, start: Bools, *, unit: float, seconds: float) -> Closed:
    """
    Solve the programme in so many seconds.

    Parameters
    ----------
    start
        A choice to begin with; sites that are settled otherwise are left out of it.
    unit
        Nothing is looked for that does not cover more than what is found by so much.
    """
    left = _left_of(reach, p, fixed)
    free, count = left.free, len(left.rows)
    told = solve_programme(
        left.programme, unit=unit, seconds=seconds, is_reduced=True, start=_values(start[free], left, p, fixed)
    )
    if told.values is None:
        return Closed(bound=left.settled - told.bound, is_open=None)
    is_open = fixed == OPEN
    is_open[free[told.values[: len(told.values) - count] > 0.5]] = True
    return Closed(bound=left.settled - told.bound, is_open=is_open)


def linear_prices(reach: Reach, p: int, fixed: Fixed, *, seconds: float) -> Floats | None:
    """
    Prices of points, between 0 and their weights, whose Lagrangian bound is that of the linear programme.

    None where an interior point method does not find them in so many seconds.
    """
    left = _left_of(reach, p, fixed)
    found = prices_of(left.programme, seconds=seconds, is_interior=True)
    if found is None:
        return None
    # Nothing is paid for points that are settled; those that no site can cover any more are given up.
    is_settled = np.zeros(len(reach.weight), dtype=np.bool_)
    owner = np.repeat(np.arange(len(reach.weight)), np.diff(reach.first_site))
    is_settled[owner[fixed[reach.site] == OPEN]] = True
    price = np.where(is_settled, 0.0, reach.weight)
    price[left.rows] = np.clip(found[: len(left.rows)], 0.0, reach.weight[left.rows])
    return price


class _Left(NamedTuple):
    """The programme and what its columns and rows are."""

    programme: Programme
    free: NDArray[np.int64]
    """Sites that are columns."""
    rows: NDArray[np.int64]
    """Points that are rows, and the columns after the sites."""
    row: NDArray[np.int64]
    """Of each pair."""
    column: NDArray[np.int64]
    settled: float
    """Weight that sites cover that stay open."""


def _left_of(reach: Reach, p: int, fixed: Fixed) -> _Left:
    points, free = len(reach.weight), np.flatnonzero(fixed == FREE)
    owner = np.repeat(np.arange(points), np.diff(reach.first_site))
    settled = np.zeros(points, dtype=np.bool_)
    settled[owner[fixed[reach.site] == OPEN]] = True
    is_pair = (fixed[reach.site] == FREE) & ~settled[owner]
    rows, row = np.unique(owner[is_pair], return_inverse=True)
    column = (np.cumsum(fixed == FREE) - 1)[reach.site[is_pair]]
    still, count = float(p - int((fixed == OPEN).sum())), len(rows)
    z = len(free) + np.arange(count)
    programme = Programme(
        cost=np.concatenate([np.zeros(len(free)), -reach.weight[rows]]),
        lower=np.zeros(len(free) + count),
        upper=np.ones(len(free) + count),
        is_whole=np.arange(len(free) + count) < len(free),
        row=np.concatenate([row, np.arange(count), np.full(len(free), count)]),
        column=np.concatenate([column, z, np.arange(len(free))]),
        value=np.concatenate([np.ones(len(row)), -np.ones(count), np.ones(len(free))]),
        row_lower=np.concatenate([np.zeros(count), [still]]),
        row_upper=np.concatenate([np.full(count, np.inf), [still]]),
    )
    return _Left(programme, free, rows, row, column, float(reach.weight[settled].sum()))


def _values(start: Bools, left: _Left, p: int, fixed: Fixed) -> Floats | None:
    """A choice as values of the programme; None where it opens another number of free sites."""
    if int(start.sum()) != p - int((fixed == OPEN).sum()):
        return None
    covered = np.zeros(len(left.rows))
    covered[left.row[start[left.column]]] = 1.0
    return np.concatenate([start.astype(float), covered])
