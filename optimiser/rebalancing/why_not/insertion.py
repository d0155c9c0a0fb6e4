"""More work for one van of a plan: new stops, more done at stops it makes anyway, more bikes when it leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem, Van
from optimiser.rebalancing.replay.drive import drive


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """More work for one van."""

    van_id: str
    new: tuple[tuple[int, Stop], ...] = ()
    """New stops in driving order, each before which stop of the plan; the number of its stops = before the way back."""
    more: tuple[tuple[int, Stop], ...] = ()
    """What is done on top at which stop of the plan."""
    more_at_start: int = 0
    """Ready bikes that the van takes from its start depot on top of those in the plan."""

    @property
    def position(self) -> int:
        """Before or at which stop of the plan the work at the station itself is done; it is told last."""
        return (self.new or self.more)[-1][0]


def put_in(problem: Problem, plan: Plan, insertion: Insertion) -> Plan:
    """The plan with that work in it, its break put where it still may be taken if there is such a place."""
    found = {route.van_id: route for route in plan.routes}
    before = found.get(insertion.van_id, Route(van_id=insertion.van_id, stops=()))
    after = _with_break(problem, longer(problem, before, insertion))
    if before.van_id in found:
        return Plan(routes=tuple(after if route is before else route for route in plan.routes))
    return Plan(routes=(*plan.routes, after))


def longer(problem: Problem, route: Route, insertion: Insertion) -> Route:
    """The route with that work in it; a break stays before the stop that it was before."""
    stops = list(route.stops)
    for index, more in insertion.more:
        stops[index] = _together(stops[index], more)
    break_before = route.break_before
    for gap, stop in reversed(insertion.new):
        stops.insert(gap, stop)
        if break_before is not None and gap < break_before:
            break_before += 1
    start_load = route.start_load
    if insertion.more_at_start:
        planned = problem.van_by_id[route.van_id].initial_load if start_load is None else start_load
        start_load = planned + insertion.more_at_start
    return replace(route, stops=tuple(stops), start_load=start_load, break_before=break_before)


def _together(stop: Stop, more: Stop) -> Stop:
    """Both at once; ready bikes that one takes and the other brings are left where they are."""
    up, down = stop.pickup + more.pickup, stop.dropoff + more.dropoff
    left = min(more.pickup, stop.dropoff) + min(more.dropoff, stop.pickup)
    return Stop(
        station_id=stop.station_id,
        pickup=up - left,
        dropoff=down - left,
        swaps=stop.swaps + more.swaps,
        low_pickup=stop.low_pickup + more.low_pickup,
        broken_pickup=stop.broken_pickup + more.broken_pickup,
    )


def _with_break(problem: Problem, route: Route) -> Route:
    """The route as it is if its break is in order; otherwise with the break where it misses its time by least."""
    van = problem.van_by_id[route.van_id]
    if van.break_ is None or _break_miss_s(problem, van, route) == (0, 0):
        return route
    choices = [replace(route, break_before=before) for before in (None, *range(len(route.stops) + 1))]
    return min(choices, key=lambda choice: _break_miss_s(problem, van, choice))


def _break_miss_s(problem: Problem, van: Van, route: Route) -> tuple[int, int]:
    """Whether a break is due and not taken, and by how much it misses its time; (0, 0) where it is in order."""
    driven = drive(problem, route)
    if van.break_ is None:
        return 0, 0
    if driven.break_start_s is None:
        return (0, 0) if driven.end_s <= van.break_.latest_s else (1, driven.end_s - van.break_.latest_s)
    return 0, max(0, van.break_.earliest_s - driven.break_start_s, driven.break_start_s - van.break_.latest_s)
