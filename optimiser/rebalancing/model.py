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

Constraints (names as in `check`)
    van_capacity        0 <= load <= Q_k; load changes by b_m; starts at the initial load, ends free
    shift_end           clock starts with the shift, never waits, ends within it
    station_inventory   holds because moves in any order stay between the goals, within 0..capacity
    one_route_per_van, known_ids, whole_bikes   hold by construction

A load dimension with free end expresses any-to-any moves, which paired pickup and delivery cannot
(Dell'Amico et al., Omega 45, 2014, many-to-many). Guided local search improves
the constructed plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from optimiser.rebalancing.moves import Moves, Tours
from optimiser.rebalancing.problem import Problem

SCALE = 100_000
"""Integer cost units for one unit of currency: a van second is worth about a cent."""
_AGES_S = 1e6


class RoutingModel:
    """The model of some vans and the moves open to them, ready to be searched once."""

    def __init__(
        self, problem: Problem, moves: Moves, *, van_indices: Sequence[int], open_moves: Sequence[int], start: Tours
    ) -> None:
        """`start` are the tours of those vans; `open_moves` positions in `moves.all`, those of `start` included."""
        self._problem, self._start = problem, start
        self._vans = [problem.vans[index] for index in van_indices]
        self._positions = list(open_moves)
        self._moves = [moves.all[position] for position in open_moves]
        depot_ids = sorted({id_ for van in self._vans for id_ in (van.start_depot_id, van.end_depot_id)})
        self._first_move = len(depot_ids)
        node = {depot_id: index for index, depot_id in enumerate(depot_ids)}
        self._manager = pywrapcp.RoutingIndexManager(
            len(depot_ids) + len(self._moves),
            len(self._vans),
            [node[van.start_depot_id] for van in self._vans],
            [node[van.end_depot_id] for van in self._vans],
        )
        self._routing = pywrapcp.RoutingModel(self._manager)
        move_ids = [problem.stations[move.station_index].id for move in self._moves]
        self._rows = np.array([problem.place_index[id_] for id_ in [*depot_ids, *move_ids]])
        self._bikes = np.array([0] * len(depot_ids) + [move.bikes for move in self._moves])
        seconds = self._shift_end()
        self._price_legs(seconds)
        self._van_capacity()
        self._price_moves()

    def search(self, on_tours: Callable[[Tours], None], *, seconds: float | None, rounds: int | None) -> int:
        """
        Guided local search from the start, within wall-clock seconds, branches, and `stop`.

        Tells every better set of tours; returns how many branches were used.
        """
        best: list[int] = []

        def on_solution() -> None:
            value = self._routing.CostVar().Value()
            if not best or value < best[0]:
                best[:] = [value]
                on_tours(self._tours())

        self._routing.AddAtSolutionCallback(on_solution)
        if rounds is not None:
            self._routing.AddSearchMonitor(self._routing.solver().BranchesLimit(rounds))
        parameters = _parameters(seconds)
        self._routing.CloseModelWithParameters(parameters)
        node = {position: self._first_move + index for index, position in enumerate(self._positions)}
        start = [[self._manager.NodeToIndex(node[position]) for position in tour] for tour in self._start]
        assignment = self._routing.ReadAssignmentFromRoutes(start, True)
        self._routing.SolveFromAssignmentWithParameters(assignment, parameters)
        return int(self._routing.solver().Branches())

    def stop(self) -> None:
        """End the search soon; may be called from another thread."""
        self._routing.solver().FinishCurrentSearch()

    def _shift_end(self) -> list[NDArray[np.int64]]:
        """Clock dimension; returns the seconds of every leg, one matrix per van."""
        problem, routing = self._problem, self._routing
        matrices: dict[float, tuple[int, NDArray[np.int64]]] = {}
        elsewhere = self._rows[:, None] != self._rows[None, :]
        travel_s = problem.travel.travel_s[np.ix_(self._rows, self._rows)]
        for van in self._vans:
            if van.speed_factor not in matrices:
                seconds = np.ceil(travel_s / van.speed_factor).astype(np.int64)
                seconds += problem.handling.bike_s * np.abs(self._bikes)[None, :]
                seconds += np.where(elsewhere & (self._bikes != 0)[None, :], problem.handling.stop_s, 0)
                matrices[van.speed_factor] = (routing.RegisterTransitMatrix(seconds.tolist()), seconds)
        horizon = max(van.shift_end_s for van in self._vans)
        evaluators = [matrices[van.speed_factor][0] for van in self._vans]
        routing.AddDimensionWithVehicleTransits(evaluators, 0, horizon, False, "clock")
        clock = routing.GetDimensionOrDie("clock")
        for index, van in enumerate(self._vans):
            clock.CumulVar(routing.Start(index)).SetValue(van.shift_start_s)
            clock.CumulVar(routing.End(index)).SetRange(van.shift_start_s, van.shift_end_s)
        return [matrices[van.speed_factor][1] for van in self._vans]

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
        routing = self._routing
        # Told as a vector by node, OR-Tools would pair moves of +b and -b bikes and try all pairs at all positions:
        # seconds in which it neither improves nor listens. By leg it takes them for what they are, any-to-any.
        change = routing.RegisterTransitMatrix(np.repeat(self._bikes[:, None], len(self._bikes), axis=1).tolist())
        slots = [van.slots for van in self._vans]
        routing.AddDimensionWithVehicleCapacity(change, 0, slots, False, "load")
        load = routing.GetDimensionOrDie("load")
        for index, van in enumerate(self._vans):
            load.CumulVar(routing.Start(index)).SetValue(van.initial_load)

    def _price_moves(self) -> None:
        for number, move in enumerate(self._moves):
            index = self._manager.NodeToIndex(self._first_move + number)
            self._routing.AddDisjunction([index], round(SCALE * max(0.0, move.value)))

    def _tours(self) -> Tours:
        """The solution at hand."""
        tours = []
        for index in range(len(self._vans)):
            tour = []
            at = self._routing.NextVar(self._routing.Start(index)).Value()
            while not self._routing.IsEnd(at):
                tour.append(self._positions[self._manager.IndexToNode(at) - self._first_move])
                at = self._routing.NextVar(at).Value()
            tours.append(tuple(tour))
        return tuple(tours)


def _parameters(seconds: float | None) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    # Without any time limit OR-Tools warns that it may run for ever; the branches end it then.
    parameters.time_limit.FromMilliseconds(max(1, int((_AGES_S if seconds is None else seconds) * 1000)))
    return parameters
