"""Brute force on tiny nights: every route that one van could drive."""

from __future__ import annotations

from collections.abc import Iterator

from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Problem


def best_plan(problem: Problem, *, most_stops: int, most_bikes: int) -> tuple[float, Plan]:
    """The cheapest valid plan of at most so many stops and bikes per stop, by trying all of them."""
    plans = [NOTHING, *(Plan(routes=(route,)) for route in _routes(problem, most_stops, most_bikes))]
    priced = [(cost(problem, plan).total, plan) for plan in plans if not check(problem, plan)]
    return min(priced, key=lambda pair: pair[0])


def _routes(problem: Problem, most_stops: int, most_bikes: int) -> Iterator[Route]:
    (van,) = problem.vans
    choices = [
        stop
        for station in problem.stations
        for bikes in range(1, most_bikes + 1)
        for stop in (Stop(station_id=station.id, pickup=bikes), Stop(station_id=station.id, dropoff=bikes))
    ]

    def grow(stops: tuple[Stop, ...], load: int) -> Iterator[Route]:
        if stops:
            yield Route(van_id=van.id, stops=stops)
        if len(stops) == most_stops:
            return
        for stop in choices:
            after = load + stop.pickup - stop.dropoff
            if 0 <= after <= van.slots and not (stops and stops[-1].station_id == stop.station_id):
                yield from grow((*stops, stop), after)

    yield from grow((), van.initial_load)
