"""A problem as the arrays of the search, and its routes as a plan."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem, Station, Van
from optimiser.rebalancing.replay import replay
from optimiser.rebalancing.search.town import Bools, Floats, Ints, State, Town

NEAREST = 60
"""Stations near each that are looked at; all of them in small cities."""
MOST_VISITS = 3
"""Visits of one station at most."""
UNREAL = 2**28
"""A shift without an end, in seconds."""


def town_of(problem: Problem, *, time_price: float = 0.0) -> Town:
    """
    Arrays of a problem.

    Parameters
    ----------
    time_price
        What the search asks for a van second beyond its real price, because vans are short of time.
    """
    stations, vans, prices = problem.stations, problem.vans, problem.prices
    rows = [problem.place_index[station.id] for station in stations]
    depots = sorted({id_ for van in vans for id_ in (van.start_depot_id, van.end_depot_id)})
    places = [*rows, *(problem.place_index[id_] for id_ in depots)]
    row_of_depot = {id_: len(rows) + number for number, id_ in enumerate(depots)}
    speeds = sorted({van.speed_factor for van in vans})
    travel_s = problem.travel.travel_s[np.ix_(places, places)]
    seconds = np.stack([np.ceil(travel_s / speed).astype(np.int32) for speed in speeds])
    metres = problem.travel.length_m[np.ix_(places, places)].astype(np.int32)
    low, high = _limits(stations)
    is_fixed = all(_is_fixed(station) for station in stations)
    visits, station = _visits(problem, is_fixed=is_fixed)
    must = np.zeros(len(station), dtype=np.bool_)
    must[[visits[row, 0] for row, one in enumerate(stations) if one.must is not None and one.must.visit]] = True
    return Town(
        seconds=seconds,
        metres=metres,
        near=_near(seconds[0], metres, len(stations)),
        loss=_losses(problem),
        start=_ints(one.inventory for one in stations),
        low=low,
        high=high,
        is_fixed=is_fixed,
        station=station,
        must=must,
        visits=visits,
        allowed=_allowed(problem),
        slots=_ints(van.slots for van in vans),
        origin=_ints(row_of_depot[van.start_depot_id] for van in vans),
        goal=_ints(row_of_depot[van.end_depot_id] for van in vans),
        speed=_ints(speeds.index(van.speed_factor) for van in vans),
        shift_s=_ints(min(_work_s(van), UNREAL) for van in vans),
        load=_ints(van.initial_load for van in vans),
        load_low=_ints(_least_load(problem, van) for van in vans),
        load_high=_ints(_most_load(problem, van) for van in vans),
        use=np.array([prices.van_use for _ in vans]),
        twin=_twins(vans),
        second=prices.van_hour / 3600 + time_price,
        metre=prices.van_km / 1000,
        stop_s=problem.handling.stop_s,
        bike_s=problem.handling.bike_s,
        must_price=prices.must,
    )


def plan_of(problem: Problem, town: Town, state: State) -> Plan:
    """The routes of a state; stops at which nothing is done are left out unless somebody must come."""
    routes = []
    for row, van in enumerate(problem.vans):
        stops, load, least, most = [], 0, 0, 0
        for visit in state.tour[row, : state.size[row]]:
            bikes = int(state.moved[visit])
            if bikes or town.must[visit]:
                id_ = problem.stations[town.station[visit]].id
                stops.append(Stop(station_id=id_, pickup=max(0, bikes), dropoff=max(0, -bikes)))
            load += bikes
            least, most = min(least, load), max(most, load)
        if stops:
            # The load at the start that is nearest to what is on board anyway, among those that fit on the way.
            start = min(max(van.initial_load, -least), van.slots - most)
            load_told = None if start == van.initial_load else start
            routes.append(_with_break(problem, van, Route(van_id=van.id, stops=tuple(stops), start_load=load_told)))
    return Plan(routes=tuple(routes))


def tours_of(problem: Problem, town: Town, plan: Plan) -> list[list[int]]:
    """For each van the visits of its route, as far as the search has them; nothing of a plan that drives nowhere."""
    row_of = {station.id: row for row, station in enumerate(problem.stations)}
    routes = {route.van_id: route.stops for route in plan.routes}
    given: Counter[int] = Counter()
    tours: list[list[int]] = []
    for number, van in enumerate(problem.vans):
        tour: list[int] = []
        for row in (row_of[stop.station_id] for stop in routes.get(van.id, ()) if stop.station_id in row_of):
            visits = [visit for visit in town.visits[row] if visit >= 0]
            is_new = all(town.station[visit] != row for visit in tour)
            if is_new and town.allowed[number, row] and given[row] < len(visits):
                tour.append(int(visits[given[row]]))
                given[row] += 1
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


def _ints(values: object) -> Ints:
    return np.fromiter(values, dtype=np.int32)  # type: ignore[call-overload,no-any-return]


def _is_fixed(station: Station) -> bool:
    """Whether there is one inventory to end with, in one visit that has to be made."""
    must = station.must
    return station.once and must is not None and must.visit and must.low is not None and must.low == must.high


def _limits(stations: tuple[Station, ...]) -> tuple[Ints, Ints]:
    """Least and most that each station may end with."""
    low, high = [], []
    for station in stations:
        if _is_fixed(station) and station.must is not None and station.must.low is not None:
            low.append(station.must.low)
            high.append(station.must.low)
        else:
            low.append(0 if station.may_pick_up else station.inventory)
            high.append(station.capacity if station.may_drop_off else station.inventory)
    return _ints(low), _ints(high)


def _losses(problem: Problem) -> Floats:
    """What is lost by closing inventory, must-do work that is missing priced as well."""
    widest = max((station.capacity for station in problem.stations), default=0) + 1
    losses = np.zeros((len(problem.stations), widest))
    inventory = np.arange(widest)
    for row, station in enumerate(problem.stations):
        lost = np.asarray(station.target.lost_trips)
        losses[row, : len(lost)] = problem.prices.lost_trip * lost
        losses[row, len(lost) :] = losses[row, len(lost) - 1]
        if station.must is not None:
            if station.must.low is not None:
                losses[row] += problem.prices.must * np.maximum(0, station.must.low - inventory)
            if station.must.high is not None:
                losses[row] += problem.prices.must * np.maximum(0, inventory - station.must.high)
    return losses


def _visits(problem: Problem, *, is_fixed: bool) -> tuple[Ints, Ints]:
    """Numbers of the visits of each station, -1 where it has fewer, and the station of each visit."""
    slots = min((van.slots for van in problem.vans), default=1)
    counts = [1 if is_fixed or one.once else _most_visits(one, slots) for one in problem.stations]
    visits = np.full((len(counts), max(counts, default=1)), -1, dtype=np.int32)
    station: list[int] = []
    for row, count in enumerate(counts):
        for number in range(count):
            visits[row, number] = len(station)
            station.append(row)
    return visits, _ints(station)


def _most_visits(station: Station, slots: int) -> int:
    """As many as vanloads could come or go, and one more, but not too many."""
    return min(MOST_VISITS, 1 + -(-max(station.inventory, station.capacity - station.inventory) // slots))


def _near(seconds: Ints, metres: Ints, stations: int) -> Ints:
    """Other stations by the way there and back; by time, and by length where all times are nothing."""
    ways = seconds if seconds.any() else metres
    both = (ways + ways.T)[:stations, :stations].astype(np.float64)
    np.fill_diagonal(both, np.inf)
    count = min(NEAREST, stations - 1) if stations > 2 * NEAREST else max(0, stations - 1)
    if count == 0:
        return np.zeros((stations, 0), dtype=np.int32)
    nearest = np.argpartition(both, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(both, nearest, axis=1), axis=1, kind="stable")
    return np.take_along_axis(nearest, order, axis=1).astype(np.int32)


def _allowed(problem: Problem) -> Bools:
    """Which van may stop at which station."""
    allowed: Bools = np.array(
        [[not one.is_forbidden and one.needs <= van.skills for one in problem.stations] for van in problem.vans],
        dtype=np.bool_,
    ).reshape(len(problem.vans), len(problem.stations))
    return allowed


def _work_s(van: Van) -> int:
    """Seconds of a shift that are not a break."""
    whole = van.shift_end_s - van.shift_start_s
    return whole - (van.break_.duration_s if van.break_ is not None and van.break_.latest_s < van.shift_end_s else 0)


def _least_load(problem: Problem, van: Van) -> int:
    """Bikes that must stay on board at the start because the depot has no room."""
    depot = problem.depot_by_id[van.start_depot_id]
    return 0 if depot.room is None else van.initial_load


def _most_load(problem: Problem, van: Van) -> int:
    """Bikes on board at the start with an equal share of the depot's stock."""
    sharing = sum(other.start_depot_id == van.start_depot_id for other in problem.vans)
    stock = problem.depot_by_id[van.start_depot_id].stock
    return min(van.slots, van.initial_load + stock // sharing)


def _twins(vans: tuple[Van, ...]) -> Ints:
    """For each van the first that is the same in everything but its name."""
    first: dict[tuple[object, ...], int] = {}
    twins = []
    for row, van in enumerate(vans):
        same = (
            *(van.slots, van.initial_load, van.start_depot_id, van.end_depot_id, van.shift_start_s, van.shift_end_s),
            *(van.speed_factor, van.batteries, van.range_m, van.skills, van.break_),
        )
        twins.append(first.setdefault(same, row))
    return _ints(twins)
