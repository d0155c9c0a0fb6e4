"""What of an edited plan can be driven on paper: unknown places are passed by, numbers that are none count as 0."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from optimiser.basics.result import Violation
from optimiser.rebalancing.check import known_ids
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Problem

NUMBERS = ("pickup", "dropoff", "swaps", "low_pickup", "broken_pickup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpriced:
    """Something that the cost does not count, or counts otherwise than the plan says."""

    ids: tuple[str, ...]
    text: str


@dataclass(slots=True)
class Possible:
    """A plan whose ids exist and whose numbers are whole, and what was left out to get there."""

    plan: Plan
    positions: list[tuple[int, ...]] = field(default_factory=list)
    """For each route of `plan`: where its stops are in the edited route."""
    violations: list[Violation] = field(default_factory=list)
    unpriced: list[Unpriced] = field(default_factory=list)


def possible(problem: Problem, edited: Plan) -> Possible:
    """The part of a plan that can be replayed."""
    made = Possible(plan=edited, violations=list(known_ids(problem, edited)))
    routes = []
    for route in edited.routes:
        if route.van_id not in problem.van_by_id:
            made.unpriced.append(
                Unpriced(
                    ids=(route.van_id,),
                    text=f"the route of {route.van_id} with {len(route.stops)} stops: there is no such van",
                )
            )
            continue
        routes.append(_possible_route(problem, route, made))
    made.plan = Plan(routes=tuple(routes))
    return made


def _possible_route(problem: Problem, route: Route, made: Possible) -> Route:
    kept = []
    for index, stop in enumerate(route.stops):
        if stop.station_id in problem.station_by_id or stop.station_id in problem.depot_ids:
            kept.append(index)
        else:
            text = f"the stop of van {route.van_id} at {stop.station_id}: there is no such place, the van drives past"
            made.unpriced.append(Unpriced(ids=(route.van_id, stop.station_id), text=text))
    start_load, before = route.start_load, route.break_before
    if start_load is not None and not _is_whole(start_load):
        depot_id = problem.van_by_id[route.van_id].start_depot_id
        _not_whole(made, (route.van_id, depot_id), "whole_bikes", "start_load", start_load)
        start_load = None
    if before is not None and not _is_whole(before):
        _not_whole(made, (route.van_id,), "break_time", "break_before", before)
        before = None
    if before is not None and 0 <= before <= len(route.stops):
        before = sum(index < before for index in kept)
    elif before is not None and before > len(route.stops):
        before -= len(route.stops) - len(kept)
    made.positions.append(tuple(kept))
    stops = tuple(_possible_stop(route.van_id, route.stops[index], made) for index in kept)
    return replace(route, stops=stops, start_load=start_load, break_before=before)


def _possible_stop(van_id: str, stop: Stop, made: Possible) -> Stop:
    wrong = [name for name in NUMBERS if not _is_whole(getattr(stop, name))]
    for name in wrong:
        _not_whole(made, (van_id, stop.station_id), "whole_bikes", name, getattr(stop, name))
    nothing: dict[str, Any] = dict.fromkeys(wrong, 0)
    return replace(stop, **nothing)


def _not_whole(made: Possible, ids: tuple[str, ...], rule: str, name: str, value: object) -> None:
    at = f" at {ids[1]}" if len(ids) > 1 else ""
    text = f"van {ids[0]}{at}: {name} is {value!r}, must be a whole number"
    made.violations.append(Violation(rule=rule, ids=ids, amount=0, text=text))
    made.unpriced.append(Unpriced(ids=ids, text=f"{text}; counted as if it were not told"))


def _is_whole(value: object) -> bool:
    return isinstance(value, int)
