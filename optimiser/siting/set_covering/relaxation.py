"""
What no covering of all points can undercut: that each is covered, relaxed at prices (Held & Karp 1971; for coverings
Beasley 1990, Naval Research Logistics 37; first prices: Caprara, Fischetti & Toth 1999, Operations Research 47).

    L(u) = b sum_i u_i + sum_j min(0, f_j - sum_{i: j in N_i} u_i),   u >= 0

Any prices give a bound.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.siting.coverage.reach import Reach
from optimiser.siting.set_covering.problem import Floats

PACE, SHORTEST = 1.0, 0.002
"""Of a step at first, and when steps end."""
STALE, SHORTER = 200, 0.8
"""Steps without a better bound after which they get shorter, and how much."""
BETTER = 1e-6
"""Relative, by which a bound has to be better to count."""
KEPT = 0.98
"""Of each direction, that the next one keeps (Crowder 1976)."""
LEAST = 1e-3
"""Of what is known, that a step goes for at least."""


def relax(reach: Reach, cost: Floats, known: float, *, times: int, is_over: Callable[[], bool]) -> float:
    """Lower bound on the cost of covering every point so many times, given what a covering costs."""
    points = len(reach.weight)
    price, excess, move = np.full(points, np.inf), np.zeros(points), np.zeros(points)
    owner = np.repeat(np.arange(points), np.diff(reach.first_site))
    np.minimum.at(price, owner, (cost / np.maximum(np.diff(reach.first_point), 1))[reach.site])
    best, best_price, pace, stale = -np.inf, price, PACE, 0
    while pace >= SHORTEST and best < known and not is_over():
        bound = _bound(reach, cost, times, price, excess)
        stale = 0 if bound > best + BETTER * abs(known) else stale + 1
        if bound > best:
            best, best_price = bound, price
        excess[(price <= 0.0) & (excess < 0.0)] = 0.0
        norm = float(excess @ excess)
        if norm == 0.0:
            break
        if stale >= STALE:
            pace, stale, price, move = pace * SHORTER, 0, best_price, np.zeros(points)
        else:
            move = KEPT * move + (1.0 - KEPT) * excess
            price = np.maximum(0.0, price + pace * max(known - bound, LEAST * abs(known)) / norm * move)
    return max(best, 0.0)


@in_place
def _bound(reach: Reach, cost: Floats, times: int, price: Floats, excess: Floats) -> float:
    """The bound at prices, and how often each point then lacks a site."""
    bound = 0.0
    for point in range(len(price)):
        bound += times * price[point]
        excess[point] = times
    for site in range(len(cost)):
        left = cost[site]
        for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
            left -= price[point]
        if left < 0.0:
            bound += left
            for point in reach.point[reach.first_point[site] : reach.first_point[site + 1]]:
                excess[point] -= 1.0
    return bound
