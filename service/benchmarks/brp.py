"""A benchmark of bike rebalancing as a night of ours: the engine that plans cities solves it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimiser.rebalancing.problem import Problem
    from scenarios.benchmarks.brp import BrpInstance

DEPOT = "0"
FIRST_GO_S = 0.5
"""Seconds of the bound before the search."""
SPARE_S = 0.4
"""Kept for the bound's last step, which is not broken off, and for judging."""
LEAST_S = 0.2
"""With less it is not begun again."""


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

    The bound has a short first go: small instances end with it, and the search stops where it meets what is proven.
    What the search leaves of the time is the bound's.

    Parameters
    ----------
    seconds
        Wall time for all of it, of which `bound_seconds` are kept for the bound.
    """
    from optimiser.basics.limits import SolveLimits
    from optimiser.rebalancing.routing_bound import routing_lower_bound
    from optimiser.rebalancing.solve import solve

    start_s = time.perf_counter()
    given = (instance.cost.astype(np.int64), instance.demand.astype(np.int64), instance.capacity)
    proof = routing_lower_bound(*given, seconds=min(FIRST_GO_S, bound_seconds / 2))
    proven, routes = proof.value, proof.routes
    if routes is None or _cost(instance, routes) > proven:
        reached: list[float] = [math.inf]
        found = solve(
            night_of(instance),
            SolveLimits(seconds=max(0.1, seconds - bound_seconds), seed=seed),
            on_progress=lambda moment: reached.append(moment.objective),
            should_stop=lambda: reached[-1] <= proven,
        )
        routes = tuple(tuple(int(stop.station_id) for stop in route.stops) for route in found.plan.routes)
        cost, left_s = _cost(instance, routes), seconds - SPARE_S - (time.perf_counter() - start_s)
        if cost > proven and left_s > LEAST_S:
            proof = routing_lower_bound(*given, seconds=left_s, upper_bound=cost)
            proven = max(proven, proof.value)
            if proof.routes is not None and _cost(instance, proof.routes) < cost:
                routes = proof.routes
    return BrpAnswer(
        routes=routes,
        cost=_cost(instance, routes),
        lower_bound=int(proven),
        seconds=time.perf_counter() - start_s,
    )


def _cost(instance: BrpInstance, routes: tuple[tuple[int, ...], ...]) -> int:
    return sum(
        int(instance.cost[here, there])
        for route in routes
        for here, there in zip((0, *route), (*route, 0), strict=True)
    )


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
        depots=(Depot(id=DEPOT, stock=instance.capacity * instance.n, may_call=False),),
        handling=Handling(stop_s=0, bike_s=0, swap_s=0, depot_s=0),
        prices=Prices(lost_trip=0.0, van_hour=0.0, van_km=1000.0, van_use=0.0, must=2 * dearest),
        travel=TravelTimes(
            place_ids=tuple(str(vertex) for vertex in range(instance.n)),
            travel_s=np.zeros((instance.n, instance.n), dtype=np.int32),
            length_m=instance.cost.astype(np.int32),
            label="benchmark",
        ),
    )
