"""
The search for better routes, with OR-Tools routing.

Sets and data
    M             moves: a handful of bikes up (b_m > 0) or down (b_m < 0) at one station; together they lead
                  from its inventory to the goals of the bound, so any of them in any order stay in between
    v_m           money saved by move m, after the station's moves before it; convexity makes v_m fall
    K             vans with slots Q_k, initial load, depots, shift
    t_k(i,j)      seconds from i to j: drive at k's speed, stop unless i and j are the same station, and
                  handling of j's bikes
    c_k(i,j)      price of those seconds and of the metres, less v_j where v_j < 0

Variables
    next(i)       successor of each move and depot; a move may be left out
    clock(i)      departure, seconds after the start of the night
    load(i)       bikes on board after i

Objective
    min  sum c_k(i, next(i)) + van_use (each van that leaves) + sum of v_m > 0 of moves left out

Constraints (names as in check.py)
    van_capacity        0 <= load <= Q_k; load changes by b_m; starts at the initial load, ends free
    shift_end           clock starts with the shift, never waits, ends within it
    station_inventory   holds because moves in any order stay between the goals, within 0..capacity
    one_route_per_van, known_ids, whole_bikes   hold by construction

A unary load dimension with free end expresses any-to-any moves, which paired pickup and delivery cannot
(Dell'Amico et al., Omega 45, 2014, many-to-many). Guided local search improves
the constructed plan.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from optimiser.rebalancing.bound import Bound
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem

SCALE = 100_000
"""Integer cost units for one unit of currency: a van second is worth about a cent."""
MOST_MOVES = 700
"""Moves are made larger until there are no more than about so many; more are too slow to search."""


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
    start: tuple[tuple[int, ...], ...]
    """By van: positions in `all` of the moves it starts with, in driving order."""


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


class RoutingModel:
    """The model of one night, ready to be searched once."""

    def __init__(self, problem: Problem, moves: Moves) -> None:
        self._problem, self._moves, self._start = problem, moves.all, moves.start
        depot_ids = sorted(problem.depot_ids)
        self._first_move = len(depot_ids)
        node = {depot_id: index for index, depot_id in enumerate(depot_ids)}
        self._manager = pywrapcp.RoutingIndexManager(
            len(depot_ids) + len(self._moves),
            len(problem.vans),
            [node[van.start_depot_id] for van in problem.vans],
            [node[van.end_depot_id] for van in problem.vans],
        )
        self._routing = pywrapcp.RoutingModel(self._manager)
        move_ids = [problem.stations[move.station_index].id for move in self._moves]
        self._rows = np.array([problem.place_index[id_] for id_ in [*depot_ids, *move_ids]])
        self._bikes = np.array([0] * len(depot_ids) + [move.bikes for move in self._moves])
        seconds = self._shift_end()
        self._price_legs(seconds)
        self._van_capacity()
        self._price_moves()

    def search(self, parameters: Any, on_plan: Callable[[Plan], None], *, rounds: int | None) -> None:
        """Search until the parameters, `rounds` branches or `stop` end it; tells every better plan."""
        best: list[int] = []

        def on_solution() -> None:
            value = self._routing.CostVar().Value()
            if not best or value < best[0]:
                best[:] = [value]
                on_plan(self._plan())

        self._routing.AddAtSolutionCallback(on_solution)
        if rounds is not None:
            self._routing.AddSearchMonitor(self._routing.solver().BranchesLimit(rounds))
        self._routing.CloseModelWithParameters(parameters)
        first = self._first_move
        start = [[self._manager.NodeToIndex(first + move) for move in route] for route in self._start]
        assignment = self._routing.ReadAssignmentFromRoutes(start, True)
        self._routing.SolveFromAssignmentWithParameters(assignment, parameters)

    def stop(self) -> None:
        """End the search soon; may be called from another thread."""
        self._routing.solver().FinishCurrentSearch()

    def _shift_end(self) -> list[NDArray[np.int64]]:
        """Clock dimension; returns the seconds of every leg, one matrix per van."""
        problem, routing = self._problem, self._routing
        matrices: dict[float, tuple[int, NDArray[np.int64]]] = {}
        elsewhere = self._rows[:, None] != self._rows[None, :]
        travel_s = problem.travel.travel_s[np.ix_(self._rows, self._rows)]
        for van in problem.vans:
            if van.speed_factor not in matrices:
                seconds = np.ceil(travel_s / van.speed_factor).astype(np.int64)
                seconds += problem.handling.bike_s * np.abs(self._bikes)[None, :]
                seconds += np.where(elsewhere & (self._bikes != 0)[None, :], problem.handling.stop_s, 0)
                matrices[van.speed_factor] = (routing.RegisterTransitMatrix(seconds.tolist()), seconds)
        horizon = max(van.shift_end_s for van in problem.vans)
        evaluators = [matrices[van.speed_factor][0] for van in problem.vans]
        routing.AddDimensionWithVehicleTransits(evaluators, 0, horizon, False, "clock")
        clock = routing.GetDimensionOrDie("clock")
        for index, van in enumerate(problem.vans):
            clock.CumulVar(routing.Start(index)).SetValue(van.shift_start_s)
            clock.CumulVar(routing.End(index)).SetRange(van.shift_start_s, van.shift_end_s)
        return [matrices[van.speed_factor][1] for van in problem.vans]

    def _price_legs(self, seconds: list[NDArray[np.int64]]) -> None:
        prices, routing = self._problem.prices, self._routing
        metres = self._problem.travel.length_m[np.ix_(self._rows, self._rows)]
        spoiled = np.array([0.0] * self._first_move + [max(0.0, -move.value) for move in self._moves])
        registered: dict[int, int] = {}
        for index, matrix in enumerate(seconds):
            if id(matrix) not in registered:
                price = prices.van_hour / 3600 * matrix + prices.van_km / 1000 * metres + spoiled[None, :]
                scaled = np.rint(SCALE * price).astype(np.int64)
                registered[id(matrix)] = routing.RegisterTransitMatrix(scaled.tolist())
            routing.SetArcCostEvaluatorOfVehicle(registered[id(matrix)], index)
        routing.SetFixedCostOfAllVehicles(round(SCALE * prices.van_use))

    def _van_capacity(self) -> None:
        problem, routing = self._problem, self._routing
        change = routing.RegisterUnaryTransitVector(self._bikes.tolist())
        slots = [van.slots for van in problem.vans]
        routing.AddDimensionWithVehicleCapacity(change, 0, slots, False, "load")
        load = routing.GetDimensionOrDie("load")
        for index, van in enumerate(problem.vans):
            load.CumulVar(routing.Start(index)).SetValue(van.initial_load)

    def _price_moves(self) -> None:
        for number, move in enumerate(self._moves):
            index = self._manager.NodeToIndex(self._first_move + number)
            self._routing.AddDisjunction([index], round(SCALE * max(0.0, move.value)))

    def _plan(self) -> Plan:
        """The solution at hand; moves in a row at one station become one stop."""
        routes = []
        for index, van in enumerate(self._problem.vans):
            stops: list[Stop] = []
            at = self._routing.NextVar(self._routing.Start(index)).Value()
            while not self._routing.IsEnd(at):
                move = self._moves[self._manager.IndexToNode(at) - self._first_move]
                id_ = self._problem.stations[move.station_index].id
                before = stops.pop() if stops and stops[-1].station_id == id_ else Stop(station_id=id_)
                stops.append(
                    Stop(
                        station_id=id_,
                        pickup=before.pickup + max(0, move.bikes),
                        dropoff=before.dropoff + max(0, -move.bikes),
                    )
                )
                at = self._routing.NextVar(at).Value()
            if stops:
                routes.append(Route(van_id=van.id, stops=tuple(stops)))
        return Plan(routes=tuple(routes))


def search_parameters(*, seconds: float | None) -> Any:
    """Guided local search, at most so many wall-clock seconds."""
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    if seconds is not None:
        parameters.time_limit.FromMilliseconds(max(1, int(seconds * 1000)))
    return parameters
