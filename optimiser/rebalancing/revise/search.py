"""Looks for a better rest of the night: what is left to decide behind the frozen stops, as a problem to solve."""

from __future__ import annotations

from dataclasses import dataclass, replace

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, Progress, ShouldStop, StopReason, Violation, relative_gap
from optimiser.rebalancing.bound import lower_bound
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem, Van
from optimiser.rebalancing.replay import replay
from optimiser.rebalancing.revise.breaks import with_breaks
from optimiser.rebalancing.revise.course import Course
from optimiser.rebalancing.revise.mend import mend
from optimiser.rebalancing.revise.rest import Rest, Underway, rest_of
from optimiser.rebalancing.revise.stations import after, told_for, work_of
from optimiser.rebalancing.solve import Engine, solve

MUST = 1e6
"""Price of a van that does not go on, where there is no must-do work whose price that would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What the search found; bound and progress are those of plans of the rest."""

    plan: Plan
    bound: float
    reason: StopReason
    engine: str
    elapsed_s: float = 0.0
    progress: tuple[Progress, ...] = ()
    refused: tuple[Violation, ...] = ()


def search_rest(
    course: Course,
    current: Plan,
    limits: SolveLimits | None,
    *,
    spent: float,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> Searched:
    """
    A plan of the rest that may be better than the current one, and valid; without limits a bound alone.

    Parameters
    ----------
    spent
        Added to objectives and bounds of progress: then they are the whole night's.
    """
    left = _left_to_decide(course, current)
    start = _ahead(course, left, current)
    # Both price the same decisions; what differs was decided before.
    fixed = cost(course.problem, current).total - cost(course.problem, current).fairness
    fixed -= cost(left.problem, start).total
    if limits is None:
        bound = _bound(course, left.problem, current)
        reason, engine = StopReason.STALLED, f"{Engine.RUIN_RECREATE} {Engine.RUIN_RECREATE.version}"
        return Searched(plan=current, bound=max(0.0, fixed + bound), reason=reason, engine=engine)

    def whole(moment: Progress) -> Progress:
        objective, bound = (value + fixed + spent for value in (moment.objective, moment.best_bound))
        return replace(moment, objective=objective, best_bound=bound, gap=relative_gap(objective, bound))

    result = solve(
        left.problem,
        limits,
        start=start,
        on_progress=None if on_progress is None else lambda moment: on_progress(whole(moment)),
        should_stop=should_stop,
    )
    found = with_breaks(course.problem, _of_the_rest(course, left, current, result.plan))
    bound = result.best_bound if _is_exact(course, current) else _bound(course, left.problem, current)
    return Searched(
        plan=mend(course.problem, found, course.protected),
        bound=max(0.0, fixed + bound),
        reason=result.stop_reason,
        engine=result.engine,
        elapsed_s=result.elapsed_s,
        progress=tuple(whole(moment) for moment in result.progress),
        refused=result.refused,
    )


def _left_to_decide(course: Course, base: Plan) -> Rest:
    """
    The rest of the night once the frozen stops are done as well.

    Their work counts as done whenever it is: a plan that relies on it too early is found out by the checker.
    """
    timed = {route.van_id: route for route in replay(course.problem, base).routes}
    vans: list[Van | Underway] = []
    done: list[Stop] = []
    stock: dict[str, int] = {}
    for van in course.problem.vans:
        count = course.protected.get(van.id, 0)
        if not count:
            vans.append(van)
            continue
        route = timed[van.id]
        stops = route.stops[:count]
        done += [stop.stop for stop in stops]
        taken = next(one for one in course.takeovers if one.van.id == van.id)
        last = stops[-1]
        at = taken.place_id if last.stop.station_id == course.rest.so_far.get(van.id) else last.stop.station_id
        before = route.route.break_before
        is_break_over = before is not None and before < count
        vans.append(
            Underway(
                van=replace(
                    van,
                    skills=taken.van.skills,
                    break_=None if is_break_over else van.break_,
                ),
                place_id=at,
                free_s=last.departure_s,
                metres=sum(stop.length_m for stop in stops),
                load=last.load_after,
                low_load=last.low_load_after,
                broken_load=last.broken_load_after,
                batteries=last.batteries_after,
            )
        )
        if van.id not in course.rest.so_far:
            stock[van.start_depot_id] = stock.get(van.start_depot_id, 0) + van.initial_load - route.start_load
        for stop in stops:
            if stop.stop.station_id in course.night.depot_ids:
                change = stop.stop.dropoff - stop.stop.pickup
                stock[stop.stop.station_id] = stock.get(stop.stop.station_id, 0) + change
    work = work_of(done)
    stations = tuple(after(one, work[one.id]) if one.id in work else one for one in course.stations)
    depots = tuple(
        replace(depot, stock=max(0, depot.stock + stock.get(depot.id, 0)), room=None) if stock.get(depot.id) else depot
        for depot in course.depots
    )
    prices = replace(course.night.prices, fairness=0.0)
    if all(one.must is None for one in stations):
        prices = replace(prices, must=MUST)
    return rest_of(course.night, vans, stations=stations, depots=depots, prices=prices, is_history_told=False)


def _frozen_stops(course: Course, base: Plan) -> list[Stop]:
    return [stop for route in base.routes for stop in route.stops[: course.protected.get(route.van_id, 0)]]


def _is_exact(course: Course, base: Plan) -> bool:
    """Whether the bound of what is left to decide is one of the rest: nothing was made tighter for the search."""
    problem, protected = course.problem, course.protected
    others = any(
        timed.low_load_after or timed.broken_load_after
        for route in replay(problem, base).routes
        for timed in route.stops[: protected.get(route.van_id, 0)][-1:]
    )
    return not others and _are_losses_told(course, base)


def _are_losses_told(course: Course, base: Plan) -> bool:
    work = work_of(_frozen_stops(course, base))
    stations = course.problem.station_by_id
    return all(told_for(stations[id_], done) for id_, done in work.items() if id_ in stations)


def _bound(course: Course, left: Problem, base: Plan) -> float:
    """A bound of what is left to decide, all slots given back; none where losses are told for fewer freed docks."""
    if not _are_losses_told(course, base):
        return -float("inf")
    vans = tuple(replace(van, slots=course.problem.van_by_id[van.id].slots) for van in left.vans)
    return lower_bound(replace(left, vans=vans)).value


def _ahead(course: Course, left: Rest, current: Plan) -> Plan:
    """Of a plan of the rest what comes behind the frozen stops."""
    routes = []
    for route in current.routes:
        count, before = course.protected.get(route.van_id, 0), route.break_before
        first = (Stop(station_id=left.so_far[route.van_id]),) if route.van_id in left.so_far else ()
        is_ahead = before is not None and before >= count
        routes.append(
            Route(
                van_id=route.van_id,
                stops=(*first, *route.stops[count:]),
                start_load=None if first else route.start_load,
                break_before=before - count + len(first) if before is not None and is_ahead else None,
            )
        )
    return Plan(routes=tuple(routes))


def _of_the_rest(course: Course, left: Rest, current: Plan, ahead: Plan) -> Plan:
    """The current plan with other stops behind the frozen ones; vans that leave now are added."""
    new = {route.van_id: route for route in ahead.routes}
    routes = []
    for route in current.routes:
        count, before = course.protected.get(route.van_id, 0), route.break_before
        other = new.pop(route.van_id, Route(van_id=route.van_id, stops=()))
        first = int(route.van_id in left.so_far)
        if before is None or before >= count:
            before = None if other.break_before is None else max(0, other.break_before - first) + count
        routes.append(
            replace(
                route,
                stops=(*route.stops[:count], *other.stops[first:]),
                start_load=route.start_load if first else other.start_load,
                break_before=before,
            )
        )
    return Plan(routes=(*routes, *new.values()))
