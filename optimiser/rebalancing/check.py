"""
Which rules a plan breaks. Imports no solver, ever.

Rules, one name each in model, checker, report, API and docs: `known_ids`, `one_route_per_van`,
`whole_bikes`, `van_capacity`, `station_inventory`, `shift_end`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from optimiser.basics.result import Violation
from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import Timeline, replay

RULES = (
    "known_ids",
    "one_route_per_van",
    "whole_bikes",
    "van_capacity",
    "station_inventory",
    "shift_end",
)


def check(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Every rule that the plan breaks; empty means valid. Unknown ids end the check, nothing else can be replayed."""
    if unknown := tuple(known_ids(problem, plan)):
        return unknown
    timeline = replay(problem, plan)
    return (
        *one_route_per_van(plan),
        *whole_bikes(plan),
        *van_capacity(problem, timeline),
        *station_inventory(problem, timeline),
        *shift_end(problem, timeline),
    )


def known_ids(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Vans and stations of the plan exist."""
    for route in plan.routes:
        if route.van_id not in problem.van_by_id:
            yield Violation(rule="known_ids", ids=(route.van_id,), amount=1, text=f"there is no van {route.van_id}")
        for stop in route.stops:
            if stop.station_id not in problem.station_by_id:
                yield Violation(
                    rule="known_ids",
                    ids=(route.van_id, stop.station_id),
                    amount=1,
                    text=f"van {route.van_id} stops at {stop.station_id}, there is no such station",
                )


def one_route_per_van(plan: Plan) -> Iterator[Violation]:
    """A van drives one route a night."""
    for van_id, count in Counter(route.van_id for route in plan.routes).items():
        if count > 1:
            yield Violation(
                rule="one_route_per_van",
                ids=(van_id,),
                amount=count - 1,
                text=f"van {van_id} has {count} routes, can drive 1",
            )


def whole_bikes(plan: Plan) -> Iterator[Violation]:
    """Bikes picked up and dropped off are whole numbers, not negative, and a stop moves at least one."""
    for route in plan.routes:
        for stop in route.stops:
            numbers = (stop.pickup, stop.dropoff)
            if not all(isinstance(number, int) and number >= 0 for number in numbers) or stop.bikes == 0:
                yield Violation(
                    rule="whole_bikes",
                    ids=(route.van_id, stop.station_id),
                    amount=abs(min(0, *numbers)),
                    text=(
                        f"van {route.van_id} picks up {stop.pickup} and drops off {stop.dropoff} bikes "
                        f"at {stop.station_id}; whole numbers from 0 are possible, one of them above 0"
                    ),
                )


def van_capacity(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A van carries between 0 and `slots` bikes after every stop."""
    for route in timeline.routes:
        van = problem.van_by_id[route.van_id]
        for timed in route.stops:
            excess = max(timed.load_after - van.slots, -timed.load_after)
            if excess > 0:
                yield Violation(
                    rule="van_capacity",
                    ids=(van.id, timed.stop.station_id),
                    amount=excess,
                    text=(
                        f"van {van.id} carries {timed.load_after} bikes after {timed.stop.station_id}, "
                        f"between 0 and {van.slots} are possible"
                    ),
                )


def station_inventory(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A station holds between 0 and `capacity` bikes after every stop, in time order over all vans."""
    for route in timeline.routes:
        for timed in route.stops:
            station = problem.station_by_id[timed.stop.station_id]
            excess = max(timed.inventory_after - station.capacity, -timed.inventory_after)
            if excess > 0:
                yield Violation(
                    rule="station_inventory",
                    ids=(station.id, route.van_id),
                    amount=excess,
                    text=(
                        f"station {station.id} holds {timed.inventory_after} bikes after van {route.van_id}, "
                        f"between 0 and {station.capacity} are possible"
                    ),
                )


def shift_end(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A van is back in its depot before its shift ends."""
    for route in timeline.routes:
        van = problem.van_by_id[route.van_id]
        late_s = route.end_s - van.shift_end_s
        if late_s > 0:
            yield Violation(
                rule="shift_end",
                ids=(van.id,),
                amount=late_s,
                text=f"van {van.id} is back {late_s} s after its shift ends",
            )
