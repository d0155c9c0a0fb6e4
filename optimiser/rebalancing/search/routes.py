"""Plans as routes of the search, and back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import accumulate

from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem, Van
from optimiser.rebalancing.replay import replay
from optimiser.rebalancing.search.town import State, Town
from optimiser.rebalancing.search.translate import calls_of


def plan_of(problem: Problem, town: Town, state: State) -> Plan:
    """The routes of a state; stops at which nothing is done are left out unless somebody must come."""
    ids = [*(station.id for station in problem.stations), *(call.depot_id for call in calls_of(problem))]
    routes = []
    for row, van in enumerate(problem.vans):
        stops = [stop for spot in range(state.size[row]) if (stop := _stop(town, state, ids, row, spot)) is not None]
        if stops:
            start = _start_load(town, van, stops) if town.is_fixed else int(state.begins[row])
            load_told = None if start == van.initial_load else start
            routes.append(_with_break(problem, van, Route(van_id=van.id, stops=tuple(stops), start_load=load_told)))
    return Plan(routes=tuple(routes))


def _stop(town: Town, state: State, ids: list[str], van: int, spot: int) -> Stop | None:
    """What a visit does; None where it is nothing that anybody asked for."""
    visit = state.tour[van, spot]
    place = town.station[visit]
    row = town.row[place, town.kind[van]] + state.clears[visit]
    bikes, swaps = int(state.moved[visit]), int(state.swapped[visit])
    if place >= town.near.shape[0]:
        is_of_use = bikes or state.aboard[van, spot] or state.spare[van, spot] < town.packs[van]
    else:
        is_of_use = bikes or swaps or town.junk[row] or town.must[visit]
    if not is_of_use:
        return None
    return Stop(
        station_id=ids[place],
        pickup=max(0, bikes),
        dropoff=max(0, -bikes),
        swaps=swaps,
        low_pickup=int(town.low_taken[row]),
        broken_pickup=int(town.junk[row] - town.low_taken[row]),
    )


def _start_load(town: Town, van: Van, stops: list[Stop]) -> int:
    """The load at the start that is nearest to what is on board anyway, among those that fit on the way."""
    loads = [0, *accumulate(stop.pickup - stop.dropoff for stop in stops)]
    return min(max(van.initial_load, -min(loads)), van.slots - max(loads))


def tours_of(problem: Problem, town: Town, plan: Plan) -> list[list[int]]:
    """For each van the visits of its route, as far as the search has them; nothing of a plan that drives nowhere."""
    stations = {station.id: place for place, station in enumerate(problem.stations)}
    calls = {(call.depot_id, call.van): place for place, call in enumerate(calls_of(problem), start=len(stations))}
    routes = {route.van_id: route.stops for route in plan.routes}
    given: Counter[int] = Counter()
    tours: list[list[int]] = []
    for number, van in enumerate(problem.vans):
        tour: list[int] = []
        for stop in routes.get(van.id, ()):
            place = stations.get(stop.station_id, calls.get((stop.station_id, number)))
            if place is None:
                continue
            visits = [visit for visit in town.visits[place] if visit >= 0]
            is_new = all(town.station[visit] != place for visit in tour)
            if is_new and town.allowed[number, place] and given[place] < len(visits):
                tour.append(int(visits[given[place]]))
                given[place] += 1
        tours.append(tour)
    return tours


def _with_break(problem: Problem, van: Van, route: Route) -> Route:
    """The route with its break where one is due: as soon as it may begin, between two stops."""
    if van.break_ is None:
        return route
    (timed,) = replay(problem, Plan(routes=(route,))).routes
    if timed.end_s <= van.break_.latest_s:
        return route
    free_s = [timed.leave_s, *(stop.departure_s for stop in timed.stops)]
    before = next((index for index, at_s in enumerate(free_s) if at_s >= van.break_.earliest_s), None)
    return replace(route, break_before=before)
