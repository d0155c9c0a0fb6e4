"""
Whether `p` sites can cover all demand within a radius: a set covering (Minieka 1970, SIAM Review 12), reduced, held
against points no two of which share a site, and then solved as an integer programme.

    sum_{j: c_ij <= r} y_j >= 1 for all i,   sum_j y_j <= p,   y binary
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place
from optimiser.siting.coverage.reach import Bools, Reach
from optimiser.siting.programme import Programme, solve_programme
from optimiser.siting.set_covering.greedy import cover_greedily
from optimiser.siting.set_covering.problem import Ints
from optimiser.siting.set_covering.reduction import core_of


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Told:
    """What is known of a radius; nothing where time was short."""

    sites: NDArray[np.int64] | None = None
    """At most `p` that cover all demand."""
    is_too_short: bool = False
    """Whether none do."""


def cover(way: NDArray[np.float64], p: int, radius: float, *, seconds: float) -> Told:
    """Look for `p` sites that cover all demand within a radius, in so many seconds."""
    within = way <= radius
    counts = within.sum(axis=1)
    if not counts.all():
        return Told(is_too_short=True)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    core = core_of(first, np.nonzero(within)[1].astype(np.int32), np.ones(way.shape[1]))
    left = p - len(core.forced)
    if left < 0 or _apart(core.reach) > left:
        return Told(is_too_short=True)
    found = cover_greedily(core.reach, np.ones(len(core.sites)), times=1, wanted=float(len(core.reach.weight)))
    if found.sum() > left:
        told = _solve(core.reach, len(core.sites), left, seconds)
        if told is None:
            return Told()
        if not len(told):
            return Told(is_too_short=True)
        found = told
    return Told(sites=np.concatenate([core.forced, core.sites[found]]))


def _apart(reach: Reach) -> int:
    """Points no two of which share a site, those with few sites first: each of them needs a site of its own."""
    order = np.argsort(np.diff(reach.first_site), kind="stable").astype(np.int32)
    return int(_count_apart(reach, order, np.zeros(len(reach.first_point) - 1, dtype=np.bool_)))


@in_place
def _count_apart(reach: Reach, order: Ints, is_taken: Bools) -> int:
    count = 0
    for point in order:
        is_free = True
        for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
            is_free &= not is_taken[site]
        if is_free:
            count += 1
            for site in reach.site[reach.first_site[point] : reach.first_site[point + 1]]:
                is_taken[site] = True
    return count


def _solve(reach: Reach, sites: int, most: int, seconds: float) -> Bools | None:
    """So many sites at most that cover every point; empty where there are none, None where time was short."""
    points = len(reach.weight)
    told = solve_programme(
        Programme(
            cost=np.ones(sites),
            lower=np.zeros(sites),
            upper=np.ones(sites),
            is_whole=np.ones(sites, dtype=np.bool_),
            row=np.concatenate([np.repeat(np.arange(points), np.diff(reach.first_site)), np.full(sites, points)]),
            column=np.concatenate([reach.site, np.arange(sites)]),
            value=np.ones(len(reach.site) + sites),
            row_lower=np.concatenate([np.ones(points), [0.0]]),
            row_upper=np.concatenate([np.full(points, np.inf), [float(most)]]),
        ),
        unit=1.0,
        seconds=seconds,
        enough=most + 0.5,
    )
    if told.values is not None:
        return told.values > 0.5
    return np.zeros(0, dtype=np.bool_) if told.bound > most else None
