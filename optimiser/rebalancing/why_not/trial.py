"""More work for a van, tried: what it breaks, what it does of a wish, what it costs; exactly, by check and cost."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.result import Violation
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost_of
from optimiser.rebalancing.plan import Plan, Route
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import Timeline, replay
from optimiser.rebalancing.why_not.changes import Change, applied, remedies
from optimiser.rebalancing.why_not.insertion import Insertion, put_in
from optimiser.rebalancing.why_not.part import Part, Parts
from optimiser.rebalancing.why_not.wishes import Wish, WishKind, missing

SLACK = 1e-9
"""Below this two sums of money are equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What more work does to the cost of the night."""

    delta: float
    """Cost of the plan with it, less without; below 0 it pays."""
    units: int
    """How much of the wish it does, 0 or less where it does nothing for it."""
    saved_trips: float
    """Lost trips that it saves over all stations."""
    must_units: int
    """Units of must-do work done, less units left for it."""

    @property
    def pays(self) -> bool:
        """Whether the night costs less with it."""
        return self.delta < -SLACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """More work for a van, judged."""

    insertion: Insertion
    violations: tuple[Violation, ...]
    """Rules that it breaks and the plan does not."""
    change: Change | None = None
    """The one change of the night with which it breaks none; None where it breaks none anyway, or no one is enough."""
    effect: Effect | None = None
    """With the change, if there is one; None where rules stay broken."""


class Trials:
    """Tries more work for the vans of one plan."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self._timeline = replay(problem, plan)
        self._parts = Parts(problem, self._timeline)

    def of(self, insertion: Insertion, wish: Wish) -> Trial:
        """Judge one insertion; where it breaks rules, look for the one change of the night with which it does not."""
        part = self._parts.around(self._route(insertion))
        violations = check(part.problem, part.plan)
        if not violations:
            return Trial(insertion=insertion, violations=(), effect=self._effect(part, part.problem, wish))
        for change in _common(part.problem, violations):
            changed = _changed(part.problem, change)
            if changed is not None and not check(changed, part.plan):
                effect = self._effect(part, changed, wish)
                return Trial(insertion=insertion, violations=violations, change=change, effect=effect)
        return Trial(insertion=insertion, violations=violations)

    def _route(self, insertion: Insertion) -> Route:
        plan = put_in(self.problem, self.plan, insertion)
        return next(route for route in plan.routes if route.van_id == insertion.van_id)

    def _effect(self, part: Part, problem: Problem, wish: Wish) -> Effect:
        after = replay(problem, part.plan)
        before = part.without_work(after, self._timeline)
        lacked, lacks = missing(problem, before), missing(problem, after)
        key = wish.station_id, wish.kind
        return Effect(
            delta=cost_of(problem, after).total - cost_of(problem, before).total,
            units=lacked.get(key, 0) - lacks.get(key, 0),
            saved_trips=_lost_trips(problem, before) - _lost_trips(problem, after),
            must_units=_must_units(lacked) - _must_units(lacks),
        )


def _common(problem: Problem, violations: tuple[Violation, ...]) -> list[Change]:
    """Changes by which each of the violations may be gone, as large as the worst of them needs."""
    found: list[dict[tuple[str, str, str], Change]] = []
    for violation in violations:
        changes = remedies(problem, violation)
        found.append({(change.of, change.id, change.field): change for change in changes})
    shared = [key for key in found[0] if all(key in changes for changes in found)]
    return [max((changes[key] for changes in found), key=lambda change: abs(change.by or 0)) for key in shared]


def _changed(problem: Problem, change: Change) -> Problem | None:
    """The night with the change; None where the change would make it one that cannot be."""
    try:
        return applied(problem, change)
    except InvalidProblem:
        return None


def _lost_trips(problem: Problem, timeline: Timeline) -> float:
    return sum(
        station.lost_trips(timeline.inventories[station.id], timeline.freed[station.id]) for station in problem.stations
    )


def _must_units(lacking: dict[tuple[str, WishKind], int]) -> int:
    return sum(amount for (_, kind), amount in lacking.items() if kind not in {"short", "spare"})
