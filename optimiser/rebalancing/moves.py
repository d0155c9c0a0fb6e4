"""
Moves: a handful of bikes up or down at one station, the pieces that a search puts in order.

Together they lead from every inventory to the goals of the bound, so any of them in any order stay between
the goals, within 0..capacity: vans may share a station's moves freely.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from optimiser.rebalancing.bound import Bound
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem

MOST_MOVES = 1500
"""Moves are made larger until there are no more than about so many."""

Tours = tuple[tuple[int, ...], ...]
"""By van, in the problem's order: positions of its moves in driving order."""


@dataclass(frozen=True, slots=True)
class Move:
    """Some bikes up (positive) or down (negative) at one station."""

    station_index: int
    bikes: int
    value: float
    """Money saved, after the moves of the same station listed before."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What the search may do, and the plan it starts from in the same pieces."""

    all: tuple[Move, ...]
    start: Tours


def split_into_moves(problem: Problem, bound: Bound, plan: Plan, *, seed: int) -> Moves:
    """Cut the way from every inventory to its goals into moves, along the stops of `plan`; the seed orders them."""
    size = _move_size(problem, bound)
    moves: list[Move] = []
    index_of = {station.id: index for index, station in enumerate(problem.stations)}
    reached = {sign: [station.inventory for station in problem.stations] for sign in (1, -1)}

    def cut(index: int, bikes: int) -> list[int]:
        """Append moves of so many bikes up (positive) or down and return their positions."""
        station, sign = problem.stations[index], 1 if bikes > 0 else -1
        made = []
        for part in [size] * (abs(bikes) // size) + [abs(bikes) % size]:
            if part:
                before = reached[sign][index]
                after = reached[sign][index] = before - sign * part
                saved = problem.prices.lost_trip * (station.lost_trips(before) - station.lost_trips(after))
                made.append(len(moves))
                moves.append(Move(station_index=index, bikes=sign * part, value=saved))
        return made

    stops_of = {route.van_id: route.stops for route in plan.routes}
    start = [
        [
            place
            for stop in stops_of.get(van.id, ())
            for place in cut(index_of[stop.station_id], stop.pickup - stop.dropoff)
        ]
        for van in problem.vans
    ]
    for index in range(len(problem.stations)):
        cut(index, max(0, reached[1][index] - bound.goal_low[index]))
        cut(index, min(0, reached[-1][index] - bound.goal_high[index]))

    order = list(range(len(moves)))
    random.Random(seed).shuffle(order)  # noqa: S311 - variety, not secrecy
    position = {old: new for new, old in enumerate(order)}
    return Moves(
        all=tuple(moves[old] for old in order),
        start=tuple(tuple(position[old] for old in route) for route in start),
    )


def _move_size(problem: Problem, bound: Bound) -> int:
    """Bikes per move: few enough to combine freely, enough to keep the moves countable."""
    wanted = sum(
        max(0, station.inventory - low) + max(0, high - station.inventory)
        for station, low, high in zip(problem.stations, bound.goal_low, bound.goal_high, strict=True)
    )
    slots = min((van.slots for van in problem.vans), default=1)
    return min(slots, max(3, -(-wanted // MOST_MOVES)))


def plan_of(problem: Problem, moves: Moves, tours: Tours) -> Plan:
    """The plan that tours describe; moves in a row at one station become one stop."""
    routes = []
    for van, tour in zip(problem.vans, tours, strict=True):
        stops: list[Stop] = []
        for place in tour:
            move = moves.all[place]
            id_ = problem.stations[move.station_index].id
            before = stops.pop() if stops and stops[-1].station_id == id_ else Stop(station_id=id_)
            pickup, dropoff = before.pickup + max(0, move.bikes), before.dropoff + max(0, -move.bikes)
            stops.append(Stop(station_id=id_, pickup=pickup, dropoff=dropoff))
        if stops:
            routes.append(Route(van_id=van.id, stops=tuple(stops)))
    return Plan(routes=tuple(routes))
