"""
Whether `p` sites can cover all demand within a radius: a set covering (Minieka 1970, SIAM Review 12), reduced.

    sum_{j: c_ij <= r} y_j >= 1 for all i,   sum_j y_j <= p,   y binary

Points no two of which share a site need one each; prices u >= 0 of points tell that no covering has fewer sites than
sum_i u_i + sum_j min(0, 1 - sum_{i: c_ij <= r} u_i). Linear programming makes good prices, and the bound follows from
them alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.chance import Chance
from optimiser.basics.compiled import in_place
from optimiser.siting.coverage.reach import Bools, Reach
from optimiser.siting.programme import Programme, prices_of, solve_programme
from optimiser.siting.set_covering.greedy import cover_greedily
from optimiser.siting.set_covering.problem import Floats, Ints
from optimiser.siting.set_covering.reduction import core_of
from optimiser.siting.set_covering.weighting import cover_with

STEPS = 20_000
"""Exchanges that look for a covering."""
SURE = 1e-6
"""Sites by which a bound has to exceed what may be, for sums of floating-point numbers."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Told:
    """What is known of a radius; nothing where time was short."""

    sites: NDArray[np.int64] | None = None
    """At most `p` that cover all demand."""
    is_too_short: bool = False
    """Whether none do."""


def cover(way: Floats, p: int, radius: float, chance: Chance, *, seconds: float, is_hard: bool = False) -> Told:
    """
    Look for `p` sites that cover all demand within a radius, in so many seconds.

    `is_hard`: what neither exchange nor prices tell is left to an integer programme.
    """
    within = way <= radius
    counts = within.sum(axis=1)
    if not counts.all():
        return Told(is_too_short=True)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    core = core_of(first, np.nonzero(within)[1].astype(np.int32), np.ones(way.shape[1]))
    left = p - len(core.forced)
    if left < 0 or _apart(core.reach) > left:
        return Told(is_too_short=True)
    everybody = float(core.reach.weight.sum())
    greedy = cover_greedily(core.reach, np.ones(len(core.sites)), times=1, wanted=everybody)
    found = greedy if greedy.sum() <= left else cover_with(core.reach, greedy, left, chance, steps=STEPS)
    if found is None:
        programme = _programme(core.reach, len(core.sites), left)
        prices = prices_of(programme, seconds=seconds)
        if prices is not None:
            bound, reduced = _bound(core.reach, prices[:-1])
            if bound > left + SURE:
                return Told(is_too_short=True)
            # Whoever opens such a site needs more than are left.
            programme.upper[bound + reduced > left + SURE] = 0.0
        if is_hard:
            told = solve_programme(programme, unit=1.0, seconds=seconds, enough=left + 0.5)
            if told.bound > left:
                return Told(is_too_short=True)
            found = None if told.values is None else told.values > 0.5
    return Told() if found is None else Told(sites=np.concatenate([core.forced, core.sites[found]]))


def _bound(reach: Reach, prices: Floats) -> tuple[float, Floats]:
    """No covering has fewer sites, whatever the prices of points, 0 or more; what each site costs beyond its points."""
    price = np.maximum(prices, 0.0)
    point = np.repeat(np.arange(len(price)), np.diff(reach.first_site))
    worth = np.bincount(reach.site, weights=price[point], minlength=len(reach.first_point) - 1).astype(np.float64)
    reduced = 1.0 - worth
    return float(price.sum() + np.minimum(reduced, 0.0).sum()), reduced


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


def _programme(reach: Reach, sites: int, most: int) -> Programme:
    """The fewest sites that cover every point, so many at most."""
    points = len(reach.weight)
    return Programme(
        cost=np.ones(sites),
        lower=np.zeros(sites),
        upper=np.ones(sites),
        is_whole=np.ones(sites, dtype=np.bool_),
        row=np.concatenate([np.repeat(np.arange(points), np.diff(reach.first_site)), np.full(sites, points)]),
        column=np.concatenate([reach.site, np.arange(sites)]),
        value=np.ones(len(reach.site) + sites),
        row_lower=np.concatenate([np.ones(points), [0.0]]),
        row_upper=np.concatenate([np.full(points, np.inf), [float(most)]]),
    )
