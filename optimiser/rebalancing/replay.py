"""
Drives a plan through the night on paper: clocks, van loads, station inventories in time order.

Takes any plan whose ids exist, however wrong its numbers; judging is the checker's part.
"""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedStop:
    """A stop with its clock, the leg that led to it, and what the van and the station hold afterwards."""

    stop: Stop
    arrival_s: int
    departure_s: int
    drive_s: int
    length_m: int
    load_after: int
    inventory_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedRoute:
    """A route with its clock; the last leg leads back to the end depot."""

    van_id: str
    stops: tuple[TimedStop, ...]
    start_s: int
    end_s: int
    last_drive_s: int
    last_length_m: int
    load_at_end: int

    @property
    def duration_s(self) -> int:
        """From leaving the depot to being back."""
        return self.end_s - self.start_s

    @property
    def distance_m(self) -> int:
        """Metres driven, the way back included."""
        return sum(stop.length_m for stop in self.stops) + self.last_length_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The whole night."""

    routes: tuple[TimedRoute, ...]
    """Routes with at least one stop, in the plan's order."""
    inventories: dict[str, int]
    """Bikes at each station in the end, by id."""


def replay(problem: Problem, plan: Plan) -> Timeline:
    """
    Follow every van through its stops.

    Bikes change place at the moment of departure; where vans leave at the same second, in the plan's order.
    """
    clocks = [_drive(problem, route) for route in plan.routes if route.stops]
    order = sorted(
        (departure_s, route_index, stop_index)
        for route_index, (_, legs, _) in enumerate(clocks)
        for stop_index, (_, departure_s, _, _) in enumerate(legs)
    )
    inventories = {station.id: station.inventory for station in problem.stations}
    after: dict[tuple[int, int], int] = {}
    for _, route_index, stop_index in order:
        stop = clocks[route_index][0].stops[stop_index]
        inventories[stop.station_id] += stop.dropoff - stop.pickup
        after[route_index, stop_index] = inventories[stop.station_id]

    routes = []
    for route_index, (route, legs, last) in enumerate(clocks):
        van = problem.van_by_id[route.van_id]
        load = van.initial_load
        stops = []
        for stop_index, (stop, (arrival_s, departure_s, drive_s, length_m)) in enumerate(
            zip(route.stops, legs, strict=True)
        ):
            load += stop.pickup - stop.dropoff
            stops.append(
                TimedStop(
                    stop=stop,
                    arrival_s=arrival_s,
                    departure_s=departure_s,
                    drive_s=drive_s,
                    length_m=length_m,
                    load_after=load,
                    inventory_after=after[route_index, stop_index],
                )
            )
        end_s, last_drive_s, last_length_m = last
        routes.append(
            TimedRoute(
                van_id=route.van_id,
                stops=tuple(stops),
                start_s=van.shift_start_s,
                end_s=end_s,
                last_drive_s=last_drive_s,
                last_length_m=last_length_m,
                load_at_end=load,
            )
        )
    return Timeline(routes=tuple(routes), inventories=inventories)


_Leg = tuple[int, int, int, int]
"""Arrival, departure, drive (s); length (m)."""


def _drive(problem: Problem, route: Route) -> tuple[Route, list[_Leg], tuple[int, int, int]]:
    """Clock of one van alone: a leg for each stop, and (end, drive, length) of the way back."""
    van = problem.van_by_id[route.van_id]
    clock_s, at = van.shift_start_s, van.start_depot_id
    legs: list[_Leg] = []
    for stop in route.stops:
        drive_s = problem.drive_s(van, at, stop.station_id)
        arrival_s = clock_s + drive_s
        clock_s = arrival_s + problem.handling_s(stop.bikes)
        legs.append((arrival_s, clock_s, drive_s, problem.length_m(at, stop.station_id)))
        at = stop.station_id
    drive_s = problem.drive_s(van, at, van.end_depot_id)
    return route, legs, (clock_s + drive_s, drive_s, problem.length_m(at, van.end_depot_id))
