"""
The New York instances as nights of ours: the engine that plans cities solves them.

A van may come to a station several times, which our search leaves out; where much is wanted there are several stations
in one place instead, each with its part of the target, of the bikes and of the free docks. Nothing is lost by that:
whatever is moved can be dealt out so that all parts miss their targets on the same side, if at all.

The bound is at least that of the night; beside it, each station has its penalty, or a van drives there and what cannot
be moved at all is left.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scenarios.benchmarks.judge_nyc import PENALTY, miles_between, price_nyc
from scenarios.benchmarks.nyc import NycRoute, NycStop

if TYPE_CHECKING:
    from optimiser.rebalancing.plan import Route
    from optimiser.rebalancing.problem import Problem
    from scenarios.benchmarks.nyc import NycInstance

PER_MILE = 1e6
"""Lengths are whole numbers in a night."""
ROUNDING = 1e-3
"""Miles that rounding so many legs may have added to the bound at most."""
MOST_PARTS = 4
"""Stations in one place at most: one for each half vanload that is wanted there."""
MANY_VANS = 40
"""At each depot where any number may drive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NycAnswer:
    """Routes with what they move, their price, and what no routes can undercut."""

    routes: tuple[NycRoute, ...]
    miles: float
    penalty: float
    lower_bound: float
    seconds: float
    """Wall time."""


def solve_nyc(instance: NycInstance, *, seconds: float, seed: int, bound_seconds: float) -> NycAnswer:
    """
    Routes and a proven bound.

    Parameters
    ----------
    seconds
        Wall time for all of it; the bound takes next to none of it, so that `bound_seconds` are the search's as well.
    """
    del bound_seconds
    from optimiser.basics.limits import SolveLimits
    from optimiser.rebalancing.bound import lower_bound
    from optimiser.rebalancing.solve import solve

    start_s = time.perf_counter()
    miles = _miles(instance)
    night = night_of(instance, miles)
    # Where nothing is divided the bound knows that whoever comes again has to come from elsewhere.
    proven = lower_bound(night_of(instance, miles, most_parts=1)).value
    left_s = max(0.1, seconds - (time.perf_counter() - start_s))
    result = solve(night, SolveLimits(seconds=left_s, seed=seed))
    depot_of = {van.id: instance.depots[_number(van.start_depot_id)] for van in night.vans}
    routes = tuple(
        NycRoute(
            depot=depot_of[route.van_id],
            stops=tuple(_stops(instance, route)),
        )
        for route in result.plan.routes
    )
    price = price_nyc(instance, routes)
    return NycAnswer(
        routes=routes,
        miles=price.miles,
        penalty=price.penalty,
        lower_bound=min(price.total, max(_penalty_or_visit(instance, miles), proven - ROUNDING)),
        seconds=time.perf_counter() - start_s,
    )


def night_of(instance: NycInstance, miles: NDArray[np.float64], *, most_parts: int = MOST_PARTS) -> Problem:
    """The instance as a night: millionths of a mile for metres, penalties for lost trips, shifts without an end."""
    from optimiser.basics.city import Handling, Prices
    from optimiser.demand.targets import Target
    from optimiser.network.travel import TravelTimes
    from optimiser.rebalancing.problem import Depot, Problem, Station, Van

    counts = [min(most_parts, _vanloads(instance, row)) for row in range(len(instance.ids))]
    parts = [(row, number) for row, count in enumerate(counts) for number in range(count)]
    stations = []
    for row, number in parts:
        there, free, wanted = (
            _dealt(amount, counts[row])[number]
            for amount in (instance.available[row], instance.docks[row] - instance.available[row], instance.target[row])
        )
        lost = PENALTY * float(instance.unit[row]) * np.abs(wanted - (there - np.arange(there + free + 1)))
        best = int(np.argmin(lost))
        id_ = f"s{row}.{number}"
        target = Target(station_id=id_, low=best, high=best, lost_trips=tuple(lost.tolist()), reason="benchmark")
        stations.append(Station(id=id_, capacity=there + free, inventory=there, target=target))
    depots = [f"d{number}" for number in range(len(instance.depots))]
    vans = tuple(
        Van(
            id=f"{depot}-{number}",
            slots=instance.capacity,
            initial_load=0,
            start_depot_id=depot,
            end_depot_id=depot,
            shift_start_s=0,
            shift_end_s=1,
        )
        for depot in depots
        for number in range(MANY_VANS if instance.vans is None else instance.vans)
    )
    places = (*(station.id for station in stations), *depots)
    rows = [*(row for row, _ in parts), *range(len(instance.ids), len(miles))]
    return Problem(
        start=datetime(2017, 1, 1, tzinfo=UTC),
        stations=tuple(stations),
        vans=vans,
        depots=tuple(Depot(id=depot, stock=instance.capacity * len(vans), may_call=False) for depot in depots),
        handling=Handling(stop_s=0, bike_s=0, swap_s=0, depot_s=0),
        prices=Prices(lost_trip=1.0, van_hour=0.0, van_km=1000 / PER_MILE, van_use=0.0),
        travel=TravelTimes(
            place_ids=places,
            travel_s=np.zeros((len(places), len(places)), dtype=np.int32),
            length_m=np.rint(miles[np.ix_(rows, rows)] * PER_MILE).astype(np.int32),
            label="benchmark",
        ),
    )


def _vanloads(instance: NycInstance, row: int) -> int:
    """Half vanloads that are wanted at a station, at least 1."""
    return max(1, -(-2 * abs(int(instance.target[row])) // instance.capacity))


def _dealt(amount: int, parts: int) -> list[int]:
    """A number in equal parts, the first ones greater where that does not come out even; of more no part is less."""
    size, rest = divmod(abs(int(amount)), parts)
    return [int(np.sign(amount)) * (size + (number < rest)) for number in range(parts)]


def _stops(instance: NycInstance, route: Route) -> Iterator[NycStop]:
    """What a route does, parts of a station one after the other put together."""
    for row, stops in groupby(route.stops, key=lambda stop: _number(stop.station_id)):
        yield NycStop(id=instance.ids[row], moved=sum(stop.pickup - stop.dropoff for stop in stops))


def _number(id_: str) -> int:
    return int(id_[1:].partition(".")[0])


def _miles(instance: NycInstance) -> NDArray[np.float64]:
    """Between stations, then depots, in their order."""
    stations = zip(instance.longitude.tolist(), instance.latitude.tolist(), strict=True)
    places = [*stations, *instance.depots]
    return np.array([[miles_between(here, there) for there in places] for here in places])


def _movable(instance: NycInstance) -> NDArray[np.int64]:
    """The part of each target that the station's bikes and docks allow."""
    movable: NDArray[np.int64] = np.clip(instance.target, instance.available - instance.docks, instance.available)
    return movable


def _penalty_or_visit(instance: NycInstance, miles: NDArray[np.float64]) -> float:
    """A visited station is entered at least once, from another place; different stations by different arcs."""
    stations = len(instance.ids)
    into = miles[:, :stations] + np.where(np.eye(len(miles), stations, dtype=bool), np.inf, 0)
    off = np.abs(instance.target - _movable(instance))
    weight = PENALTY * instance.unit
    return float(np.minimum(weight * np.abs(instance.target), weight * off + into.min(axis=0)).sum())
