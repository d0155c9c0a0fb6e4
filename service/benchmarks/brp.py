"""A benchmark of bike rebalancing as a night of ours: the engine that plans cities solves it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimiser.rebalancing.problem import Problem
    from scenarios.benchmarks.brp import BrpInstance

DEPOT = "0"


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
    from optimiser.basics.limits import SolveLimits
    from optimiser.rebalancing.solve import solve

    start_s = time.perf_counter()
    bound = assignment_bound(instance)
    left_s = max(0.1, seconds - (time.perf_counter() - start_s) - 0.1)
    result = solve(night_of(instance), SolveLimits(seconds=left_s, seed=seed))
    routes = tuple(tuple(int(stop.station_id) for stop in route.stops) for route in result.plan.routes)
    cost = sum(
        int(instance.cost[here, there])
        for route in routes
        for here, there in zip((0, *route), (*route, 0), strict=True)
    )
    return BrpAnswer(routes=routes, cost=cost, lower_bound=bound, seconds=time.perf_counter() - start_s)


def night_of(instance: BrpInstance) -> Problem:
    """
    The instance as a night: must-do stops of one visit, a van for each station, and metres for costs.

    Vans load and unload in the depot as they like, shifts have no end, and only driving costs anything.
    """
    from optimiser.basics.city import Handling, Prices
    from optimiser.demand.targets import Target
    from optimiser.network.travel import TravelTimes
    from optimiser.rebalancing.problem import Depot, Must, Problem, Station, Van

    stations = []
    for vertex in range(1, instance.n):
        demand = int(instance.demand[vertex])
        room, left = abs(demand), max(0, -demand)
        stations.append(
            Station(
                id=str(vertex),
                capacity=room,
                inventory=max(0, demand),
                target=Target(
                    station_id=str(vertex), low=left, high=left, lost_trips=(0.0,) * (room + 1), reason="benchmark"
                ),
                once=True,
                must=Must(visit=True, low=left, high=left),
            )
        )
    vans = tuple(
        Van(
            id=f"van-{number}",
            slots=instance.capacity,
            initial_load=0,
            start_depot_id=DEPOT,
            end_depot_id=DEPOT,
            shift_start_s=0,
            shift_end_s=1,
        )
        for number in range(1, instance.n)
    )
    dearest = float(instance.cost.max()) * instance.n + 1
    return Problem(
        start=datetime(2014, 1, 1, tzinfo=UTC),
        stations=tuple(stations),
        vans=vans,
        depots=(Depot(id=DEPOT, stock=instance.capacity * instance.n),),
        handling=Handling(stop_s=0, bike_s=0, swap_s=0, depot_s=0),
        prices=Prices(lost_trip=0.0, van_hour=0.0, van_km=1000.0, van_use=0.0, must=2 * dearest),
        travel=TravelTimes(
            place_ids=tuple(str(vertex) for vertex in range(instance.n)),
            travel_s=np.zeros((instance.n, instance.n), dtype=np.int32),
            length_m=instance.cost.astype(np.int32),
            label="benchmark",
        ),
    )


def assignment_bound(instance: BrpInstance) -> int:
    """
    Cost of the cheapest assignment of successors; never below 0.

    Each station has one arc in and one out; the depot has as many of either as stations could need, unused ones at no
    cost, and at least as many used ones as the sum of demands fills vans. Every answer is such an assignment, the
    cheapest may fall into cycles.
    """
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
