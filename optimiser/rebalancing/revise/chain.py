"""
A night after any number of revisions: what each told is taken over again, unsearched, and the next goes on there.

As the rest of a night is a night, a revision of a revision is one of the rest that the first has left. Costs that the
rests do not count add up, and so do the stops that vans have made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from optimiser.rebalancing.cost import Cost
from optimiser.rebalancing.plan import Plan, Stop
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.revise.course import Course, spent
from optimiser.rebalancing.revise.given import Event, Freeze, Stability, VanReport
from optimiser.rebalancing.revise.loosen import possible_course
from optimiser.rebalancing.revise.stations import stations_now
from optimiser.rebalancing.revise.takeover import Where, take_over
from optimiser.rebalancing.revise.validate import require_possible


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told at one moment of a night, and the plan that holds until then; as `revise` takes them."""

    plan: Plan
    at_s: int
    reports: tuple[VanReport, ...] = ()
    freeze: Freeze = field(default_factory=Freeze)
    events: tuple[Event, ...] = ()
    stability: Stability = field(default_factory=Stability)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a night stands: what is left of it as a problem, and what has been."""

    problem: Problem
    spent: Cost
    """What `problem` does not count, over all revisions so far."""
    driven: Mapping[str, tuple[Stop, ...]] = field(default_factory=dict)
    """By van: the stops that it has made, at real places."""
    where: Mapping[str, Where] = field(default_factory=dict)
    """By van of the night: how far it was when it was last told of."""
    made_up: Mapping[str, str] = field(default_factory=dict)
    """Places that stand for ways so far, and the real places where they are."""
    frozen: Mapping[str, int] = field(default_factory=dict)
    """By van: stops behind its way so far that stay as they were at the last revision."""
    starts: Mapping[str, str] = field(default_factory=dict)
    """Of the places made up: where vans start, and the stop that stands for the way so far from there."""


NO_COST = Cost(lost_trips=0.0, van_hours=0.0, van_km=0.0, van_use=0.0, swaps=0.0)


def whole_night(problem: Problem) -> Standing:
    """A night of which nothing has been told."""
    return Standing(problem=problem, spent=NO_COST)


def after(standing: Standing, told: Told) -> Standing:
    """
    How the night stands once this was told.

    Raises
    ------
    InvalidInput
        With every error in what is told.
    """
    problem = standing.problem
    require_possible(
        problem,
        told.plan,
        at_s=told.at_s,
        reports=told.reports,
        freeze=told.freeze,
        events=told.events,
        stability=told.stability,
    )
    takeovers = take_over(problem, told.plan, at_s=told.at_s, reports=told.reports, events=told.events)
    course, _ = possible_course(problem, takeovers, told.events, told.freeze, at_s=told.at_s)
    gone = spent(problem, course.takeovers, at_s=told.at_s)
    driven, where = dict(standing.driven), dict(standing.where)
    for taken in course.takeovers:
        real = (stop for stop in taken.done if stop.station_id not in standing.made_up)
        driven[taken.van.id] = (*driven.get(taken.van.id, ()), *real)
        where[taken.van.id] = taken.where
    made_up, starts = _made_up(standing, course)
    return Standing(
        problem=_without_old(course.problem, starts, made_up),
        spent=sum_of(standing.spent, gone),
        driven=driven,
        where=where,
        made_up=made_up,
        frozen=course.frozen,
        starts=starts,
    )


def seen(problem: Problem, events: Sequence[Event]) -> Problem:
    """The problem with stations as these events tell them."""
    return replace(problem, stations=stations_now(problem, (), events)) if events else problem


def sum_of(one: Cost, other: Cost) -> Cost:
    """Term by term."""
    return Cost(**{term.name: getattr(one, term.name) + getattr(other, term.name) for term in fields(Cost)})


def _made_up(standing: Standing, course: Course) -> tuple[dict[str, str], dict[str, str]]:
    made_up, starts = dict(standing.made_up), dict(standing.starts)
    for taken in course.takeovers:
        if (so_far := course.rest.so_far.get(taken.van.id)) is None:
            continue
        start = course.problem.van_by_id[taken.van.id].start_depot_id
        starts[start] = so_far
        made_up[start] = made_up[so_far] = made_up.get(taken.place_id, taken.place_id)
    return made_up, starts


def _without_old(problem: Problem, starts: Mapping[str, str], made_up: Mapping[str, str]) -> Problem:
    """Without places that stand for ways which are part of longer ones now, or of vans that drive no more."""
    used = {van.start_depot_id for van in problem.vans}
    kept = {id_ for start, so_far in starts.items() if start in used for id_ in (start, so_far)}
    gone = made_up.keys() - kept
    return replace(
        problem,
        stations=tuple(station for station in problem.stations if station.id not in gone),
        depots=tuple(depot for depot in problem.depots if depot.id not in gone),
        travel=problem.travel.without(gone),
    )
