"""
Which stops stay as they are, and what gives way where they cannot.

In this order: limits that a van breaks even by driving home at once are widened until it can, frozen stops that have
become impossible are set free, depots get room for what vans have on board.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.result import Violation
from optimiser.rebalancing.check import check
from optimiser.rebalancing.problem import Depot, Problem
from optimiser.rebalancing.replay import replay
from optimiser.rebalancing.revise.course import Course, course_of, stock_changes
from optimiser.rebalancing.revise.given import Event, Freeze
from optimiser.rebalancing.revise.stations import depots_now, stations_now
from optimiser.rebalancing.revise.takeover import Takeover, Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A frozen stop that could not stay as it was, and the rule that says so; those behind it are free as well."""

    van_id: str
    station_id: str
    violation: Violation


def possible_course(
    problem: Problem, takeovers: tuple[Takeover, ...], events: Sequence[Event], freeze: Freeze, *, at_s: int
) -> tuple[Course, tuple[Released, ...]]:
    """The rest of the night, in which doing what is frozen and going home breaks no rule, and what gave way for it."""
    stations = stations_now(problem, [stop for taken in takeovers for stop in taken.done], events)
    depots = depots_now(problem, stock_changes(takeovers, problem.depot_ids))
    frozen = dict.fromkeys(problem.van_by_id, 0)
    course = course_of(problem, takeovers, at_s=at_s, stations=stations, depots=depots, frozen=frozen)
    course = replace(course, frozen=frozen_counts(course, freeze))
    released: list[Released] = []
    is_widened = False
    while check(course.problem, course.plan()) and (violations := _wrong_with_frozen(course)):
        takeovers, frozen, depots = course.takeovers, course.frozen, course.depots
        if not is_widened:
            is_widened = True
        elif (found := _release(course, violations, at_s=at_s)) is not None:
            takeovers, frozen, what = found
            released.append(what)
            depots = _with_rooms(depots_now(problem, stock_changes(takeovers, problem.depot_ids)), depots)
        elif (roomier := _with_room(course)) != depots:
            depots = roomier
        else:
            raise InvalidProblem(f"revision: vans cannot even drive home: {violations[0].text}")
        course = course_of(
            problem, takeovers, at_s=at_s, stations=stations, depots=depots, frozen=frozen, is_widened=is_widened
        )
    return course, tuple(released)


def frozen_counts(course: Course, freeze: Freeze) -> dict[str, int]:
    """By van: how many stops ahead stay as they are, those that a van works on or drives to included."""
    arrivals = {
        timed.van_id: [stop.arrival_s for stop in timed.stops] for timed in replay(course.problem, course.plan()).routes
    }
    counts = {}
    for taken in course.takeovers:
        van_id = taken.van.id
        count = max(int(taken.is_committed), min(freeze.stops_per_van, len(taken.rest)))
        listed = [index for van, index in freeze.stops if van == van_id]
        count = max(count, sum(index <= max(listed, default=-1) for index in taken.positions))
        if freeze.until_s is not None:
            times = arrivals.get(van_id, [])[int(van_id in course.rest.so_far) :]
            count = max(count, sum(time_s < freeze.until_s for time_s in times))
        counts[van_id] = count if van_id in course.problem.van_by_id else 0
    return counts


def _release(
    course: Course, violations: Sequence[Violation], *, at_s: int
) -> tuple[tuple[Takeover, ...], dict[str, int], Released] | None:
    """
    Takeovers and frozen counts with the last frozen stop that a violation is about set free; None if there is none.

    A van that is on the way to it arrives, and is then free to do what else can be done.
    """
    timed = {route.van_id: route for route in replay(course.problem, course.plan(course.frozen)).routes}
    for violation, needs_both in ((one, needs_both) for needs_both in (True, False) for one in violations):
        for number, taken in enumerate(course.takeovers):
            for index in reversed(range(course.frozen.get(taken.van.id, 0))):
                names = (taken.van.id in violation.ids, taken.rest[index].station_id in violation.ids)
                if not (all(names) if needs_both else any(names)):
                    continue
                takeovers = list(course.takeovers)
                if index == 0 and taken.is_committed:
                    first = timed[taken.van.id].stops[int(taken.van.id in course.rest.so_far)]
                    takeovers[number] = _arrived(taken, max(at_s, first.arrival_s), first.length_m)
                what = Released(van_id=taken.van.id, station_id=taken.rest[index].station_id, violation=violation)
                return tuple(takeovers), {**course.frozen, taken.van.id: index}, what
    return None


def _arrived(taken: Takeover, free_s: int, length_m: int) -> Takeover:
    load = taken.load if taken.where is Where.OUT or taken.start_load is None else taken.start_load
    return replace(
        taken,
        where=Where.OUT,
        place_id=taken.rest[0].station_id,
        free_s=free_s,
        metres=taken.metres + length_m,
        load=load,
        late_s=0,
        is_committed=False,
        is_break_over=taken.is_break_over or taken.break_before == 0,
        break_before=None if taken.break_before == 0 else taken.break_before,
        break_done=len(taken.done) if taken.break_before == 0 else taken.break_done,
    )


def _with_room(course: Course) -> tuple[Depot, ...]:
    """Depots with room for what vans bring home even if they do nothing more than what is frozen."""
    most: dict[str, int] = {}
    for change in replay(course.problem, course.plan(course.frozen)).depot_changes:
        most[change.depot_id] = max(most.get(change.depot_id, 0), change.stock_after)
    return tuple(
        depot if depot.room is None else replace(depot, room=max(depot.room, most.get(depot.id, 0)))
        for depot in course.depots
    )


def _with_rooms(depots: tuple[Depot, ...], like: tuple[Depot, ...]) -> tuple[Depot, ...]:
    return tuple(replace(depot, room=other.room) for depot, other in zip(depots, like, strict=True))


def _wrong_with_frozen(course: Course) -> tuple[Violation, ...]:
    """What is wrong with doing what is frozen and going home."""
    return check(course.problem, course.plan(course.frozen))
