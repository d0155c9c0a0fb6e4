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

ENOUGH = 0.99
"""Of a unit: a smaller gap proves the best choice."""
SPARE, SPARE_SHARE = 1e-3, 1e-9
"""Of a unit, and of the bound: as much may be lost by the tolerances of the solver."""


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
    # Loading it costs time that most runs do not need.
    import highspy

    sites, count = nearness.cost.shape[1], len(rows.cost)
    z = sites + np.arange(count)
    later = np.flatnonzero(~rows.first)
    # Row r: z of the next distance of the same point, and sites at r's distance, cover z of r.
    row_of = np.concatenate([rows.entries, later - 1, later, np.full(sites, count)])
    column_of = np.concatenate([rows.sites, z[later], z[later], np.arange(sites)])
    value = np.concatenate([np.ones(len(rows.sites)), np.ones(len(later)), -np.ones(len(later)), np.ones(sites)])
    order = np.lexsort((row_of, column_of))
    is_open = fixed == OPEN
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = sites + count, count + 1
    model.col_cost_ = np.concatenate([np.zeros(sites), rows.cost])
    model.col_lower_ = np.concatenate([is_open.astype(float), rows.first.astype(float)])
    model.col_upper_ = np.ones(sites + count)
    model.row_lower_ = np.concatenate([rows.first.astype(float), [float(p)]])
    model.row_upper_ = np.concatenate([np.full(count, highspy.kHighsInf), [float(p)]])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.searchsorted(column_of[order], np.arange(sites + count + 1)).astype(np.int32)
    model.a_matrix_.index_ = row_of[order].astype(np.int32)
    model.a_matrix_.value_ = value[order]
    model.integrality_ = [highspy.HighsVarType.kInteger] * sites + [highspy.HighsVarType.kContinuous] * count
    highs = highspy.Highs()
    for name, option in (
        ("output_flag", False),
        ("threads", 1),
        ("time_limit", max(0.1, seconds)),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", unit * ENOUGH),
    ):
        highs.setOptionValue(name, option)
    highs.passModel(model)
    highs.run()
    info = highs.getInfo()
    if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return Closed(bound=known, is_open=None)
    told = info.mip_dual_bound
    bound = told - max(SPARE * unit, SPARE_SHARE * abs(told)) if np.isfinite(told) else -np.inf
    is_found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    chosen = np.array(highs.getSolution().col_value[:sites]) > 0.5 if is_found else None
    return Closed(bound=min(known, bound), is_open=chosen)
