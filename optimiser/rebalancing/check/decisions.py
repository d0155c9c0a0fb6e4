"""Rules about the decisions themselves: they name what exists, and are whole numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from optimiser.basics.result import Violation
from optimiser.rebalancing.plan import Plan, Stop
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import Timeline


def known_ids(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Vans, stations and depots of the plan exist."""
    for route in plan.routes:
        if route.van_id not in problem.van_by_id:
            yield Violation(rule="known_ids", ids=(route.van_id,), amount=1, text=f"there is no van {route.van_id}")
        for stop in route.stops:
            if stop.station_id not in problem.station_by_id and stop.station_id not in problem.depot_ids:
                yield Violation(
                    rule="known_ids",
                    ids=(route.van_id, stop.station_id),
                    amount=1,
                    text=f"van {route.van_id} stops at {stop.station_id}, there is no such station or depot",
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


def whole_bikes(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """
    Numbers of bikes and swaps are whole, not negative, and a stop does something.

    Just calling is something where a visit is must-do work, and at a depot where low-charge or broken bikes are
    left or batteries taken.
    """
    for route in timeline.routes:
        if not _is_count(route.start_load):
            depot_id = problem.van_by_id[route.van_id].start_depot_id
            yield Violation(
                rule="whole_bikes",
                ids=(route.van_id, depot_id),
                amount=abs(min(0, route.start_load)),
                text=(
                    f"van {route.van_id} leaves {depot_id} with {route.start_load} bikes; "
                    "whole numbers from 0 are possible"
                ),
            )
        for timed in route.stops:
            stop = timed.stop
            numbers = (stop.pickup, stop.dropoff, stop.swaps, stop.low_pickup, stop.broken_pickup)
            station = problem.station_by_id.get(stop.station_id)
            is_enough = (
                any(numbers)
                or timed.lifted > 0
                or timed.refilled > 0
                or (station is not None and station.must is not None and station.must.visit)
            )
            if not all(map(_is_count, numbers)) or not is_enough:
                yield Violation(
                    rule="whole_bikes",
                    ids=(route.van_id, stop.station_id),
                    amount=abs(min(0, *numbers)),
                    text=(
                        f"van {route.van_id} {_in_words(stop)} at {stop.station_id}; "
                        "whole numbers from 0 are possible, one of them above 0"
                    ),
                )


def _is_count(number: object) -> bool:
    return isinstance(number, int) and number >= 0


def _in_words(stop: Stop) -> str:
    extra = [
        f"{what} {number}"
        for what, number in (
            ("swaps batteries of", stop.swaps),
            ("takes low-charge bikes", stop.low_pickup),
            ("takes broken bikes", stop.broken_pickup),
        )
        if number
    ]
    return ", ".join([f"picks up {stop.pickup} and drops off {stop.dropoff} bikes", *extra])
