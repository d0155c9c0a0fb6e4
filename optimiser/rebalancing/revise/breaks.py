"""Puts a van's break where it may begin after its route has changed."""

from __future__ import annotations

from dataclasses import replace

from optimiser.rebalancing.plan import Plan, Route
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay.drive import drive


def with_breaks(problem: Problem, plan: Plan) -> Plan:
    """The plan with every break as soon as it may begin, where it is due and cannot stay where it is."""
    return Plan(routes=tuple(with_break(problem, route) for route in plan.routes))


def with_break(problem: Problem, route: Route) -> Route:
    """The route with its break, if possible in time for the end of the shift; as it is where there is no place."""
    if problem.van_by_id[route.van_id].break_ is None:
        return route if route.break_before is None else replace(route, break_before=None)
    if not route.stops:
        return route
    places = [route, *(replace(route, break_before=before) for before in (None, *range(len(route.stops) + 1)))]
    kept = [one for one in places if _is_kept(problem, one)]
    in_time = (one for one in kept if drive(problem, one).end_s <= problem.van_by_id[one.van_id].shift_end_s)
    return next(in_time, kept[0] if kept else route)


def _is_kept(problem: Problem, route: Route) -> bool:
    driven, before = drive(problem, route), route.break_before
    break_ = driven.van.break_
    if break_ is None or (before is not None and not 0 <= before <= len(route.stops)):
        return before is None
    if driven.break_start_s is None:
        return driven.end_s <= break_.latest_s
    return break_.earliest_s <= driven.break_start_s <= break_.latest_s
