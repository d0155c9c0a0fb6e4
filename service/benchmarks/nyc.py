"""
The seam to whatever solves the New York instances.

For now: vans go one after the other, each to the station that saves most penalty for its detour, as many bikes as load
and target allow, until nothing pays. The bound: each station has its penalty, or a van drives there and what cannot be
moved at all is left.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scenarios.benchmarks.judge_nyc import PENALTY, miles_between, price_nyc
from scenarios.benchmarks.nyc import NycRoute, NycStop

if TYPE_CHECKING:
    from scenarios.benchmarks.nyc import NycInstance


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
        Wall time for all of it, of which the bound takes `bound_seconds` at most.
    """
    del seconds, seed, bound_seconds  # A construction needs neither.
    start = time.perf_counter()
    miles = _miles(instance)
    routes = _greedy(instance, miles)
    price = price_nyc(instance, routes)
    return NycAnswer(
        routes=routes,
        miles=price.miles,
        penalty=price.penalty,
        lower_bound=_penalty_or_visit(instance, miles),
        seconds=time.perf_counter() - start,
    )


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


def _greedy(instance: NycInstance, miles: NDArray[np.float64]) -> tuple[NycRoute, ...]:
    left = _movable(instance).copy()
    routes: list[NycRoute] = []
    while instance.vans is None or len(routes) < instance.vans:
        best: tuple[float, NycRoute, NDArray[np.int64]] | None = None
        for number in range(len(instance.depots)):
            gain, route, after = _one_van(instance, miles, left, number)
            if route.stops and (best is None or gain > best[0]):
                best = (gain, route, after)
        if best is None or best[0] <= 0:
            break
        _, route, left = best
        routes.append(route)
    return tuple(routes)


def _one_van(
    instance: NycInstance, miles: NDArray[np.float64], wanted: NDArray[np.int64], depot: int
) -> tuple[float, NycRoute, NDArray[np.int64]]:
    """A van's tour from a depot, what it saves, and what is then still wanted."""
    stations = len(instance.ids)
    left = wanted.copy()
    home = here = stations + depot
    back = miles[:stations, home]
    load = low = high = 0
    gain = 0.0
    stops: list[NycStop] = []
    while True:
        moved = np.clip(left, high - instance.capacity - load, low + instance.capacity - load)
        # A move against what is wanted is none.
        moved = np.where(moved * left > 0, moved, 0)
        detour = miles[here, :stations] + back - miles[here, home]
        saved = PENALTY * instance.unit * np.abs(moved)
        pays = (moved != 0) & (saved > detour)
        if not pays.any():
            break
        worth = np.where(pays, saved / np.maximum(detour, 1e-9), -np.inf)
        chosen = int(worth.argmax())
        gain += float(saved[chosen] - detour[chosen])
        load += int(moved[chosen])
        low, high = min(low, load), max(high, load)
        left[chosen] -= moved[chosen]
        stops.append(NycStop(id=instance.ids[chosen], moved=int(moved[chosen])))
        here = chosen
    return gain, NycRoute(depot=instance.depots[depot], stops=tuple(stops)), left
