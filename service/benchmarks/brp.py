"""
The seam to whatever solves the bike rebalancing problem.

For now: from each station to the nearest that the van can still serve, and as a bound an assignment. Each station has
one arc in and one out; the depot has as many of either as stations could need, unused ones at no cost, and at least as
many used ones as the sum of demands fills vans. Every answer is such an assignment, the cheapest may fall into cycles.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scenarios.benchmarks.brp import BrpInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class BrpAnswer:
    """Routes that visit each station once, and what no routes can undercut."""

    routes: tuple[tuple[int, ...], ...]
    """Vertices, depot 0 left out."""
    cost: int
    lower_bound: int | float
    seconds: float
    """Wall time."""


def solve_brp(instance: BrpInstance, *, seconds: float, seed: int, bound_seconds: float) -> BrpAnswer:
    """
    Routes and a proven bound.

    Parameters
    ----------
    seconds
        Wall time for all of it, of which the bound takes `bound_seconds` at most.
    """
    del seconds, seed, bound_seconds  # A construction needs neither.
    start = time.perf_counter()
    routes = _nearest_first(instance)
    cost = sum(
        int(instance.cost[here, there])
        for route in routes
        for here, there in zip((0, *route), (*route, 0), strict=True)
    )
    return BrpAnswer(
        routes=routes,
        cost=cost,
        lower_bound=assignment_bound(instance),
        seconds=time.perf_counter() - start,
    )


def assignment_bound(instance: BrpInstance) -> int:
    """Cost of the cheapest assignment of successors; never below 0."""
    from scipy.optimize import linear_sum_assignment

    stations = instance.n - 1
    used = max(1, -(-abs(int(instance.demand.sum())) // instance.capacity))
    # A depot of its own for each possible route; beyond any cost is what may not be.
    size = stations + max(stations, used)
    never = int(instance.cost.max()) * instance.n + 1
    cost = np.empty((size, size))
    cost[:stations, :stations] = instance.cost[1:, 1:]
    np.fill_diagonal(cost[:stations, :stations], never)
    cost[:stations, stations:] = instance.cost[1:, :1]
    cost[stations:, :stations] = instance.cost[:1, 1:]
    cost[stations:, stations:] = 0
    cost[stations : stations + used, stations:] = never
    rows, columns = linear_sum_assignment(cost)
    return round(float(cost[rows, columns].sum()))


def _nearest_first(instance: BrpInstance) -> tuple[tuple[int, ...], ...]:
    left = set(range(1, instance.n))
    routes: list[tuple[int, ...]] = []
    while left:
        route, here = [], 0
        load = low = high = 0
        while True:
            reach = [
                vertex
                for vertex in left
                if max(high, load + instance.demand[vertex]) - min(low, load + instance.demand[vertex])
                <= instance.capacity
            ]
            if not reach:
                break
            here = min(reach, key=lambda vertex: (instance.cost[here, vertex], vertex))
            load += int(instance.demand[here])
            low, high = min(low, load), max(high, load)
            left.remove(here)
            route.append(here)
        routes.append(tuple(route))
    return tuple(routes)
