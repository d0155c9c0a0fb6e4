"""
Makes a plan possible again with the least ado: numbers are cut to what is there, then stops are left out.

Protected stops, the first ones of each route, are never touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem, Station, Van
from optimiser.rebalancing.replay.drive import drive
from optimiser.rebalancing.revise.breaks import with_breaks

TRIMS = 4
"""Less work changes clocks, and so who comes first; mostly once is enough."""


def mend(problem: Problem, plan: Plan, protected: Mapping[str, int]) -> Plan:
    """
    A valid plan that is as much as possible of the one given.

    Parameters
    ----------
    protected
        By van: stops from the start of its route that stay as they are; on their own they must be valid.
    """
    if not check(problem, plan):
        return plan
    small = _with_visited_stations(problem, plan)
    plan = _trim(small, plan, protected)
    while violations := check(small, plan):
        ids = {id_ for violation in violations for id_ in violation.ids}
        choices = [
            (route_number, index)
            for route_number, route in enumerate(plan.routes)
            for index in range(protected.get(route.van_id, 0), len(route.stops))
            if route.van_id in ids or route.stops[index].station_id in ids
        ] or [
            (route_number, index)
            for route_number, route in enumerate(plan.routes)
            for index in range(protected.get(route.van_id, 0), len(route.stops))
        ]
        if not choices:
            break
        tried = [_trim(small, without_stop(plan, *choice), protected) for choice in choices]
        plan = min(tried, key=lambda one: _badness(small, one))
    return plan


def without_stop(plan: Plan, route_number: int, index: int) -> Plan:
    """The plan less one stop."""
    route = plan.routes[route_number]
    return with_route(plan, route_number, _without(route, {index}))


def with_route(plan: Plan, route_number: int, route: Route) -> Plan:
    """The plan with one route in place of another."""
    return Plan(routes=(*plan.routes[:route_number], route, *plan.routes[route_number + 1 :]))


def _badness(problem: Problem, plan: Plan) -> tuple[float, float]:
    """How far from valid, whatever the units, and how dear."""
    violations = check(problem, plan)
    return (
        sum(1 + violation.amount for violation in violations),
        0.0 if violations else cost(problem, plan).total,
    )


def _with_visited_stations(problem: Problem, plan: Plan) -> Problem:
    """The same night with the plan's stations alone: what the others hold never changes."""
    visited = {stop.station_id for route in plan.routes for stop in route.stops}
    return replace(problem, stations=tuple(one for one in problem.stations if one.id in visited), zones=())


def _without(route: Route, gone: set[int]) -> Route:
    """The route less some stops; its break stays before the same drive."""
    before = route.break_before
    if before is not None:
        before -= sum(index < before for index in gone)
    stops = tuple(stop for index, stop in enumerate(route.stops) if index not in gone)
    return replace(route, stops=stops, break_before=before)


@dataclass(slots=True)
class _Holds:
    """Bikes at a place or on a van."""

    ready: int
    low: int = 0
    broken: int = 0
    packs: int = 0


def _trim(problem: Problem, plan: Plan, protected: Mapping[str, int]) -> Plan:
    """Cut numbers, in time order, to what is there; stops at which nothing is left to do go."""
    for _ in range(TRIMS):
        trimmed = _trimmed_once(problem, plan, protected)
        if trimmed == plan:
            break
        plan = trimmed
    return with_breaks(problem, plan)


def _trimmed_once(problem: Problem, plan: Plan, protected: Mapping[str, int]) -> Plan:
    drives = [drive(problem, route) for route in plan.routes]
    events = sorted(
        (time_s, number, index)
        for number, one in enumerate(drives)
        if one.legs
        for index, time_s in enumerate((one.leave_s, *(leg.departure_s for leg in one.legs)))
    )
    places = {one.id: _Holds(one.inventory, one.low_charge, one.broken) for one in problem.stations}
    places |= {depot.id: _Holds(depot.stock) for depot in problem.depot_by_id.values()}
    vans = [
        _Holds(one.start_load, one.van.initial_low_load, one.van.initial_broken_load, one.van.first_batteries)
        for one in drives
    ]
    routes = list(plan.routes)
    gone: list[set[int]] = [set() for _ in routes]
    for _, number, index in events:
        route, van, held = routes[number], drives[number].van, vans[number]
        if index == 0:
            depot = places[van.start_depot_id]
            if not protected.get(van.id, 0):
                held.ready = min(max(0, held.ready), van.slots, van.initial_load + depot.ready)
                if held.ready != drives[number].start_load:
                    routes[number] = replace(route, start_load=held.ready)
            depot.ready += van.initial_load - held.ready
            continue
        stop = route.stops[index - 1]
        station = problem.station_by_id.get(stop.station_id)
        here = places[stop.station_id]
        if index > protected.get(van.id, 0):
            stop = _cut(van, station, held, here, stop, problem=problem)
            routes[number] = replace(
                routes[number], stops=(*route.stops[: index - 1], stop, *routes[number].stops[index:])
            )
            if not _does_something(van, station, held, stop):
                gone[number].add(index - 1)
        _apply(van, station, held, here, stop)
    return Plan(routes=tuple(_without(route, out) for route, out in zip(routes, gone, strict=True)))


def _cut(van: Van, station: Station | None, held: _Holds, here: _Holds, stop: Stop, *, problem: Problem) -> Stop:
    """The stop with no more lifted than is there and fits."""
    if station is None:
        room = problem.depot_by_id[stop.station_id].room
        dropoff = min(max(0, stop.dropoff), max(0, held.ready))
        if room is not None:
            dropoff = min(dropoff, max(0, room - here.ready))
        space = van.slots - held.ready + dropoff
        return Stop(
            station_id=stop.station_id,
            pickup=min(max(0, stop.pickup), max(0, here.ready), max(0, space)),
            dropoff=dropoff,
        )
    if station.is_forbidden or not station.needs <= van.skills:
        return Stop(station_id=stop.station_id)
    swaps = min(max(0, stop.swaps), max(0, here.low), max(0, held.packs))
    low = min(max(0, stop.low_pickup), max(0, here.low - swaps))
    broken = min(max(0, stop.broken_pickup), max(0, here.broken))
    freed = station.blocked - (here.low - swaps - low) - (here.broken - broken)
    dropoff = min(max(0, stop.dropoff), max(0, held.ready)) if station.may_drop_off else 0
    dropoff = min(dropoff, max(0, station.capacity + freed - here.ready - swaps))
    space = max(0, van.slots - held.ready - held.low - held.broken + dropoff)
    broken = min(broken, space)
    low = min(low, space - broken)
    pickup = min(max(0, stop.pickup), max(0, here.ready + swaps), space - broken - low) if station.may_pick_up else 0
    return Stop(
        station_id=stop.station_id,
        pickup=pickup,
        dropoff=dropoff,
        swaps=swaps,
        low_pickup=low,
        broken_pickup=broken,
    )


def _does_something(van: Van, station: Station | None, held: _Holds, stop: Stop) -> bool:
    """Whether the checker lets such a stop stand."""
    if stop.lifted or stop.swaps:
        return True
    if station is None:
        return held.low + held.broken > 0 or held.packs < van.batteries
    return station.must is not None and station.must.visit and not station.is_forbidden and station.needs <= van.skills


def _apply(van: Van, station: Station | None, held: _Holds, here: _Holds, stop: Stop) -> None:
    held.ready += stop.pickup - stop.dropoff
    here.ready += stop.dropoff - stop.pickup + stop.swaps
    if station is None:
        here.ready -= stop.swaps
        held.low, held.broken, held.packs = 0, 0, van.batteries
        return
    here.low -= stop.swaps + stop.low_pickup
    here.broken -= stop.broken_pickup
    held.low += stop.low_pickup
    held.broken += stop.broken_pickup
    held.packs -= stop.swaps
