"""
What the tree leaves open as an integer programme over distances (Garcia, Labbe & Marin 2011, INFORMS Journal on
Computing 23).

With D_i1 < D_i2 < ... the different ways of demand point i to the sites that are left, and z_ik = 1 where none nearer
than D_ik is open:

    min  sum_i D_i1 + sum_{k > 1} (D_ik - D_i,k-1) z_ik
    s.t. z_i,k+1 + sum_{j: c_ij = D_ik} y_j >= z_ik,   z_i1 = 1,   sum_j y_j = p,   y binary, z >= 0

A choice cheaper than U sends no point further than its price u_i in the relaxation of bound L and U - L: there z ends
with 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.median.nearness import Floats, Nearness
from optimiser.siting.median.relaxation import OPEN, Fixed
from optimiser.siting.programme import Programme, solve_programme


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Closed:
    """What the programme came to."""

    bound: float
    """No choice cheaper than what was known costs less."""
    is_open: NDArray[np.bool_] | None
    """A cheaper choice, or none."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Rows:
    """One row for each point and each of its distances."""

    cost: Floats
    """Of z at the row's distance, the one before it taken off."""
    point: NDArray[np.int32]
    first: NDArray[np.bool_]
    """Whether it is the point's nearest distance."""
    entries: NDArray[np.int64]
    """Row of each pair of point and site."""
    sites: NDArray[np.int32]
    """Site of each pair."""


def close(
    nearness: Nearness,
    p: int,
    fixed: Fixed,
    *,
    price: Floats,
    bound: float,
    known: float,
    unit: float,
    entries: int,
    seconds: float,
) -> Closed | None:
    """
    Solve the programme over the sites that are left, in so many seconds; None where it would be too large.

    Parameters
    ----------
    price, bound
        Of the relaxation.
    known, unit
        Nothing is looked for that is not cheaper than what is known by so much.
    entries
        Pairs of points and sites at most.
    """
    furthest = price + (known - bound)
    counts = (nearness.way <= furthest[:, None]).sum(axis=1)
    if int(counts.sum()) > entries:
        return None
    if (counts == 0).any():
        # Some point is too far from everything: nothing is cheaper than what is known.
        return Closed(bound=known, is_open=None)
    return _solve(_rows(nearness, counts), nearness, p, fixed, known=known, unit=unit, seconds=seconds)


def _rows(nearness: Nearness, counts: NDArray[np.int64]) -> _Rows:
    within = np.arange(nearness.way.shape[1])[None, :] < counts[:, None]
    point, rank = np.nonzero(within)
    way = nearness.way[point, rank]
    is_first = rank == 0
    is_new = is_first | (way != np.concatenate([[np.nan], way[:-1]]))
    row = np.cumsum(is_new) - 1
    distance = way[is_new]
    before = np.where(is_first[is_new], 0.0, np.concatenate([[0.0], distance[:-1]]))
    return _Rows(
        cost=distance - before,
        point=point[is_new].astype(np.int32),
        first=is_first[is_new],
        entries=row,
        sites=nearness.near[point, rank],
    )


def _solve(
    rows: _Rows, nearness: Nearness, p: int, fixed: Fixed, *, known: float, unit: float, seconds: float
) -> Closed:
    sites, count = nearness.cost.shape[1], len(rows.cost)
    z = sites + np.arange(count)
    later = np.flatnonzero(~rows.first)
    # Row r: z of the next distance of the same point, and sites at r's distance, cover z of r.
    programme = Programme(
        cost=np.concatenate([np.zeros(sites), rows.cost]),
        lower=np.concatenate([(fixed == OPEN).astype(float), rows.first.astype(float)]),
        upper=np.ones(sites + count),
        is_whole=np.arange(sites + count) < sites,
        row=np.concatenate([rows.entries, later - 1, later, np.full(sites, count)]),
        column=np.concatenate([rows.sites, z[later], z[later], np.arange(sites)]),
        value=np.concatenate([np.ones(len(rows.sites)), np.ones(len(later)), -np.ones(len(later)), np.ones(sites)]),
        row_lower=np.concatenate([rows.first.astype(float), [float(p)]]),
        row_upper=np.concatenate([np.full(count, np.inf), [float(p)]]),
    )
    told = solve_programme(programme, unit=unit, seconds=seconds)
    chosen = None if told.values is None else told.values[:sites] > 0.5
    return Closed(bound=min(known, told.bound), is_open=chosen)
