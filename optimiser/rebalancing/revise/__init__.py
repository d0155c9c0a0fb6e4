"""
Plans a night anew from its middle: what is done stays done, what is frozen stays, the rest may change, at a price.

The rest of the night is a problem of its own (`rest.py`), so it is searched, checked and priced like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from optimiser.basics.hashing import content_hash
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, Progress, ShouldStop, StopReason, Violation, relative_gap
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import Cost, cost, unserved_musts
from optimiser.rebalancing.evaluate import Changes, compare
from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import replay
from optimiser.rebalancing.revise.accept import accept
from optimiser.rebalancing.revise.chain import Standing, Told, after, seen, sum_of, whole_night
from optimiser.rebalancing.revise.course import Course, spent
from optimiser.rebalancing.revise.given import (
    Event,
    Freeze,
    Outcome,
    Position,
    Stability,
    StationChanged,
    StationSeen,
    TaskAdded,
    VanLate,
    VanLost,
    VanReport,
)
from optimiser.rebalancing.revise.insert import insert_open_work
from optimiser.rebalancing.revise.loosen import Released, possible_course
from optimiser.rebalancing.revise.mend import mend
from optimiser.rebalancing.revise.search import Searched, search_rest
from optimiser.rebalancing.revise.takeover import Takeover, Where, take_over
from optimiser.rebalancing.revise.validate import require_possible

__all__ = [
    "Event",
    "Freeze",
    "Outcome",
    "Position",
    "Released",
    "Revision",
    "Stability",
    "Standing",
    "StationChanged",
    "StationSeen",
    "Stranded",
    "TaskAdded",
    "Told",
    "VanLate",
    "VanLost",
    "VanReport",
    "Where",
    "after",
    "revise",
    "seen",
    "sum_of",
    "whole_night",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranded:
    """What a lost van has on board; no plan counts on it."""

    van_id: str
    place_id: str
    """Where it was last, or where it was told to be."""
    load: int
    low_load: int
    broken_load: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A night planned anew from its middle, and everything needed to get it again."""

    plan: Plan
    """The whole night: stops as they were made, then those that are ahead."""
    problem: Problem
    """The rest of the night; `rest` is a plan of it and passes `check`."""
    rest: Plan
    """For each van underway its way so far as one stop, then those that are ahead."""
    so_far: dict[str, str]
    """By van: the id of that stop."""
    cost: Cost
    """Of the whole night: `cost(problem, rest)` and `spent` together."""
    spent: Cost
    """What the rest does not count: swaps done, vans that are home or lost, delays before the first stop."""
    going_on: Plan
    """The whole night if vans simply go on, stops that became impossible cut or left out."""
    going_on_cost: Cost
    best_bound: float
    """The whole night cannot cost less from here; proven."""
    stop_reason: StopReason
    seed: int
    engine: str
    input_hash: str
    elapsed_s: float
    """Of the search."""
    diff: Changes
    """From the plan given to `plan`."""
    changed: Changes
    """From `going_on` to `plan`: what the price and the limit of changes count."""
    done: dict[str, int]
    """By van: stops at the start of its route that are made."""
    frozen: dict[str, int]
    """By van: stops behind these that stay as they were."""
    released: tuple[Released, ...] = ()
    stranded: tuple[Stranded, ...] = ()
    widened: tuple[str, ...] = ()
    """Limits that vans break even by driving home at once, and what is allowed instead."""
    progress: tuple[Progress, ...] = ()
    refused: tuple[Violation, ...] = ()
    """As in `Result`."""

    @property
    def objective(self) -> float:
        """What the whole night costs, without the price of changes."""
        return self.cost.total

    @property
    def gap(self) -> float:
        """How far the objective may be above the best possible from here."""
        return relative_gap(self.objective, self.best_bound)

    @property
    def churn(self) -> int:
        """Stops of the plan given that another van makes or nobody, and stops that are new."""
        return self.diff.churn


def revise(
    problem: Problem,
    plan: Plan,
    *,
    at_s: int,
    reports: Sequence[VanReport] = (),
    freeze: Freeze = Freeze(),  # noqa: B008  immutable
    events: Sequence[Event] = (),
    stability: Stability = Stability(),  # noqa: B008
    limits: SolveLimits = SolveLimits(seconds=5.0),  # noqa: B008
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Revision:
    """
    The best night found from `at_s` on; never dearer than simply going on, the price of changes counted.

    Parameters
    ----------
    plan
        What drivers know; may break rules, then what is ahead is mended. Its ids exist.
    at_s
        Now, in seconds after the night's start.
    reports
        What is known of vans beyond the plan; without any, all went as planned.
    limits
        Of the search; with `seconds=None` the answer is repeatable. Mending and walking back come on top.

    Raises
    ------
    InvalidInput
        With every error in what is told.
    """
    require_possible(problem, plan, at_s=at_s, reports=reports, freeze=freeze, events=events, stability=stability)
    takeovers = take_over(problem, plan, at_s=at_s, reports=reports, events=events)
    course, released = possible_course(problem, takeovers, events, freeze, at_s=at_s)
    gone = spent(problem, course.takeovers, at_s=at_s)
    base = mend(course.problem, course.plan(), course.protected)
    best, searched = _improve(
        course,
        base,
        _Judge(course.problem, base, stability),
        _open_stations(course, plan, base, events),
        limits,
        spent=gone.total,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    whole, going_on = course.whole(best), course.whole(base)
    total = sum_of(cost(course.problem, best), gone)
    bound = min(total.total, searched.bound + gone.total)
    reason = searched.reason
    if total.total <= bound * (1 + 1e-6) + 1e-9:
        reason = StopReason.OPTIMAL
    elif reason is StopReason.OPTIMAL:
        reason = StopReason.STALLED
    return Revision(
        plan=whole,
        problem=course.problem,
        rest=best,
        so_far=course.rest.so_far,
        cost=total,
        spent=gone,
        going_on=going_on,
        going_on_cost=sum_of(cost(course.problem, base), gone),
        best_bound=bound,
        stop_reason=reason,
        seed=limits.seed,
        engine=searched.engine,
        input_hash=content_hash(
            problem.input_hash, plan, at_s, _in_order(list(reports)), freeze, _in_order(list(events)), stability
        ),
        elapsed_s=searched.elapsed_s,
        diff=compare(plan, whole),
        changed=compare(going_on, whole),
        done={taken.van.id: len(taken.done) for taken in course.takeovers},
        frozen=course.frozen,
        released=released,
        stranded=tuple(_stranded(taken, reports) for taken in course.takeovers if taken.where is Where.LOST),
        widened=course.rest.widened,
        progress=searched.progress,
        refused=searched.refused,
    )


class _Judge:
    """Prices plans of the rest, changes included; those that break a rule or change too much have no price."""

    def __init__(self, problem: Problem, base: Plan, stability: Stability) -> None:
        self.problem, self.base, self.stability = problem, base, stability

    def price(self, plan: Plan) -> float | None:
        """What it costs and how much it disturbs."""
        changes, stability = compare(self.base, plan), self.stability
        if stability.max_changed is not None and _count(changes) > stability.max_changed:
            return None
        if check(self.problem, plan):
            return None
        disturbs = stability.per_stop * changes.churn + stability.per_detail * changes.details
        return cost(self.problem, plan).total + disturbs


def _improve(
    course: Course,
    base: Plan,
    judge: _Judge,
    station_ids: Sequence[str],
    limits: SolveLimits,
    *,
    spent: float,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> tuple[Plan, Searched]:
    """The best of: going on, open work put in stop by stop, and what the search finds, as far as it is worth it."""
    is_free = judge.stability.max_changed != 0
    current = base
    if is_free:
        current = insert_open_work(course.problem, base, station_ids, course.protected, score=judge.price)
    searched = search_rest(
        course,
        current,
        limits if is_free else None,
        spent=spent,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    if is_free:
        current = accept(current, searched.plan, score=judge.price, changed=lambda plan: _count(compare(current, plan)))
    return current, searched


def _open_stations(course: Course, plan: Plan, base: Plan, events: Sequence[Event]) -> list[str]:
    """Where work may be open: stops that are cut or left out, must-do work that is missing, what is told of."""
    ids: list[str] = []
    for route in compare(plan, course.whole(base)).routes:
        ids += [*route.dropped, *(other.after.station_id for other in route.other_quantities)]
    ids += [item.station_id for item in unserved_musts(course.problem, replay(course.problem, base))]
    for event in events:
        match event:
            case TaskAdded(station_id=id_) | StationSeen(station_id=id_):
                ids.append(id_)
            case StationChanged(station=station):
                ids.append(station.id)
            case _:
                pass
    ways_so_far = set(course.rest.so_far.values())
    return [id_ for id_ in dict.fromkeys(ids) if id_ in course.problem.station_by_id and id_ not in ways_so_far]


def _count(changes: Changes) -> int:
    return changes.churn + changes.details


def _stranded(taken: Takeover, reports: Sequence[VanReport]) -> Stranded:
    told = next((report.position for report in reports if report.van_id == taken.van.id), None)
    load = taken.load
    if taken.where is Where.LOST and not taken.done and told is None and taken.has_started:
        load = taken.load if taken.start_load is None else taken.start_load
    return Stranded(
        van_id=taken.van.id,
        place_id=taken.place_id,
        load=load,
        low_load=taken.low_load,
        broken_load=taken.broken_load,
    )


def _in_order(thing: Any) -> Any:
    """The same with its type's name and sets in order, for a fingerprint."""
    if is_dataclass(thing) and not isinstance(thing, type):
        values = {field.name: _in_order(getattr(thing, field.name)) for field in fields(thing)}
        return {"": type(thing).__name__, **values}
    if isinstance(thing, frozenset):
        return sorted(thing)
    return [_in_order(one) for one in thing] if isinstance(thing, tuple | list) else thing
