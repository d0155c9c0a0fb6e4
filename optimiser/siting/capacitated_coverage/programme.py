"""
The integer programme, over points that differ in what reaches them.

    max  sum_ij w_i x_ij    s.t.  sum_j x_ij <= 1,   sum_i w_i x_ij <= Q_j y_j,   x_ij <= min(1, Q_j / w_i) y_j,
                                  sum_j y_j = p,   y binary

Where points may not be split x is binary as well. The third rule follows from the others where y is whole, and keeps it
so more often where it need not be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.capacitated_coverage.problem import CapacitatedCoverageProblem
from optimiser.siting.coverage.problem import Floats
from optimiser.siting.programme import Programme, solve_programme

Longs = NDArray[np.int64]


class Merged(NamedTuple):
    """Points with the same sites within reach as one, where they may be split."""

    weight: Floats
    """Of each."""
    point: Longs
    """Of each pair."""
    site: Longs
    most: Floats
    """Of each pair, the share of the point that the site could serve."""
    pair: Longs
    """Of each pair of the problem, that which stands for it."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Closed:
    """What the programme came to."""

    bound: float
    """Nothing serves more."""
    values: Floats | None
    """Shares of all pairs, then which sites are open; or none."""


def merged(problem: CapacitatedCoverageProblem) -> Merged:
    """Points that differ in what reaches them; all where they may not be split."""
    covering = problem.covering
    group = np.arange(covering.demand)
    if problem.may_split:
        bounds, number_of = covering.first.tolist(), dict[bytes, int]()
        keys = (covering.site[bounds[point] : bounds[point + 1]].tobytes() for point in range(covering.demand))
        group = np.array([number_of.setdefault(key, len(number_of)) for key in keys])
    _, kept = np.unique(group, return_index=True)
    weight = np.bincount(group, weights=covering.weight).astype(np.float64)
    counts = np.diff(covering.first)[kept]
    first = np.concatenate([[0], np.cumsum(counts)])
    point, site = np.repeat(np.arange(len(kept)), counts), covering.site[np.isin(problem.point, kept)]
    whole, part = weight[point], np.ones(len(point))
    np.divide(np.minimum(whole, problem.capacity[site]), whole, out=part, where=whole > 0)
    return Merged(
        weight=weight,
        point=point,
        site=site.astype(np.int64),
        most=part if problem.may_split else np.floor(part),
        pair=first[group[problem.point]] + np.arange(len(problem.point)) - covering.first[problem.point],
    )


def close(problem: CapacitatedCoverageProblem, points: Merged, start: Floats, *, unit: float, seconds: float) -> Closed:
    """
    Solve the programme in so many seconds.

    Parameters
    ----------
    start
        Values to begin with.
    unit
        Nothing is looked for that does not serve more than what is found by so much.
    """
    pairs, rows, sites = len(points.site), len(points.weight), problem.covering.sites
    number, place, p = np.arange(pairs), np.arange(sites), float(problem.covering.p)
    weight = points.weight[points.point]
    told = solve_programme(
        Programme(
            cost=np.concatenate([-weight, np.zeros(sites)]),
            lower=np.zeros(pairs + sites),
            upper=np.concatenate([points.most, np.ones(sites)]),
            is_whole=np.concatenate([np.full(pairs, not problem.may_split), np.ones(sites, dtype=np.bool_)]),
            row=np.concatenate(
                [
                    points.point,
                    np.concatenate([points.site, place]) + rows,
                    np.concatenate([number, number]) + rows + sites,
                    np.full(sites, rows + sites + pairs),
                ]
            ),
            column=np.concatenate([number, number, pairs + place, number, pairs + points.site, pairs + place]),
            value=np.concatenate(
                [np.ones(pairs), weight, -problem.capacity, np.ones(pairs), -points.most, np.ones(sites)]
            ),
            row_lower=np.concatenate([np.full(rows + sites + pairs, -np.inf), [p]]),
            row_upper=np.concatenate([np.ones(rows), np.zeros(sites + pairs), [p]]),
        ),
        unit=unit,
        seconds=seconds,
        start=start,
    )
    return Closed(bound=-told.bound, values=told.values)
