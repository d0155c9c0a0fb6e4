"""Rules about who may stop where, and for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from optimiser.basics.result import Violation
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem, Station


def skills(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A van has every skill that a station needs."""
    for route, _, station in _stops_at_stations(problem, plan):
        if missing := sorted(station.needs - problem.van_by_id[route.van_id].skills):
            yield Violation(
                rule="skills",
                ids=(route.van_id, station.id),
                amount=len(missing),
                text=f"van {route.van_id} stops at {station.id} without {', '.join(missing)}",
            )


def forbidden(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """No van stops at a station where that is forbidden, nor in mid-shift at a depot where it is."""
    for route, _, station in _stops_at_stations(problem, plan):
        if station.is_forbidden:
            yield Violation(
                rule="forbidden",
                ids=(route.van_id, station.id),
                amount=1,
                text=f"van {route.van_id} stops at {station.id}, where no van may stop",
            )
    for route in plan.routes:
        for stop in route.stops:
            depot = problem.depot_by_id.get(stop.station_id)
            if depot is not None and not depot.may_call:
                yield Violation(
                    rule="forbidden",
                    ids=(route.van_id, depot.id),
                    amount=1,
                    text=f"van {route.van_id} stops at depot {depot.id} in mid-shift, where that is not allowed",
                )


def pickup_forbidden(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Ready bikes are taken only where that is allowed."""
    for route, stop, station in _stops_at_stations(problem, plan):
        if not station.may_pick_up and stop.pickup > 0:
            yield Violation(
                rule="pickup_forbidden",
                ids=(route.van_id, station.id),
                amount=stop.pickup,
                text=f"van {route.van_id} picks up {stop.pickup} bikes at {station.id}, where none may be taken",
            )


def dropoff_forbidden(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Ready bikes are brought only where that is allowed."""
    for route, stop, station in _stops_at_stations(problem, plan):
        if not station.may_drop_off and stop.dropoff > 0:
            yield Violation(
                rule="dropoff_forbidden",
                ids=(route.van_id, station.id),
                amount=stop.dropoff,
                text=f"van {route.van_id} drops off {stop.dropoff} bikes at {station.id}, where none may be brought",
            )


def one_visit(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Where one stop is allowed, all vans together make no more."""
    stops = Counter(station.id for _, _, station in _stops_at_stations(problem, plan) if station.once)
    for station_id, count in stops.items():
        if count > 1:
            yield Violation(
                rule="one_visit",
                ids=(station_id,),
                amount=count - 1,
                text=f"station {station_id} has {count} stops, 1 is possible",
            )


def _stops_at_stations(problem: Problem, plan: Plan) -> Iterator[tuple[Route, Stop, Station]]:
    for route in plan.routes:
        for stop in route.stops:
            if (station := problem.station_by_id.get(stop.station_id)) is not None:
                yield route, stop, station
