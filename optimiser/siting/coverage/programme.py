"""
What bound and exchange leave open as an integer programme (Church & ReVelle 1974), without what is settled: sites that
stay open with all that they cover, and sites that stay closed.

    max  sum_i w_i z_i     s.t.  z_i <= sum_{j in N_i} y_j,   sum_j y_j = p,   y binary,  0 <= z <= 1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.coverage.reach import Bools, Reach
from optimiser.siting.coverage.relaxation import FREE, OPEN, Fixed
from optimiser.siting.programme import Programme, solve_programme


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
    points, free = len(reach.weight), np.flatnonzero(fixed == FREE)
    owner = np.repeat(np.arange(points), np.diff(reach.first_site))
    settled = np.zeros(points, dtype=np.bool_)
    settled[owner[fixed[reach.site] == OPEN]] = True
    is_pair = (fixed[reach.site] == FREE) & ~settled[owner]
    row, site = owner[is_pair], reach.site[is_pair]
    rows, row = np.unique(row, return_inverse=True)
    number = np.cumsum(fixed == FREE) - 1
    left = p - int((fixed == OPEN).sum())
    count = len(rows)
    z = len(free) + np.arange(count)
    told = solve_programme(
        Programme(
            cost=np.concatenate([np.zeros(len(free)), -reach.weight[rows]]),
            lower=np.zeros(len(free) + count),
            upper=np.ones(len(free) + count),
            is_whole=np.arange(len(free) + count) < len(free),
            row=np.concatenate([row, np.arange(count), np.full(len(free), count)]),
            column=np.concatenate([number[site], z, np.arange(len(free))]),
            value=np.concatenate([np.ones(len(row)), -np.ones(count), np.ones(len(free))]),
            row_lower=np.concatenate([np.zeros(count), [float(left)]]),
            row_upper=np.concatenate([np.full(count, np.inf), [float(left)]]),
        ),
        unit=unit,
        seconds=seconds,
        is_reduced=True,
        start=_values(start[free], left, row, number[site], count),
    )
    already = float(reach.weight[settled].sum())
    if told.values is None:
        return Closed(bound=already - told.bound, is_open=None)
    is_open = fixed == OPEN
    is_open[free[told.values[: len(free)] > 0.5]] = True
    return Closed(bound=already - told.bound, is_open=is_open)


def _values(
    start: Bools, left: int, row: NDArray[np.int64], column: NDArray[np.int64], count: int
) -> NDArray[np.float64] | None:
    """A choice as values of the programme; None where it opens another number of free sites."""
    if int(start.sum()) != left:
        return None
    covered = np.zeros(count)
    covered[row[start[column]]] = 1.0
    return np.concatenate([start.astype(float), covered])
