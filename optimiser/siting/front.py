"""
What more money and more fairness would bring: a Pareto front of cost, value and the share of the worst district.

By the epsilon-constraint method (Haimes, Lasdon & Wismer 1971, *IEEE Transactions on Systems, Man, and Cybernetics* 1):
value is made as great as possible for each of several budgets and each of several floors for every district.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import ShouldStop, relative_gap
from optimiser.siting.check import check
from optimiser.siting.cost import cost, district_shares, total_cost
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem, Wishes
from optimiser.siting.result import SitingResult
from optimiser.siting.shares import Shares
from optimiser.siting.solve import solve
from optimiser.siting.status import Status

FRACTIONS = (0.25, 0.5, 0.75, 1.0)
"""Of the budget, and of each phase's part of it."""
FLOORS = (0.0, 0.25, 0.5)
"""Share of every district that is to be served; floors that are asked for anyway stay where they are higher."""
TINY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPoint:
    """One plan on the front, with its proof."""

    fraction: float
    """Of the budget that was allowed."""
    floor: float
    """That was asked for every district."""
    budget: float
    cost: float
    value: float
    worst_share: float
    """Of the district that is served least in its worst scenario; 1 where there are no districts."""
    upper_bound: float
    """No plan within this budget that keeps to these floors, as far as they can be kept, brings more; proven."""
    status: Status
    plan: SitingPlan
    wishes: Wishes
    """What the plan keeps to."""

    @property
    def gap(self) -> float:
        """How much more than the plan the best possible may bring, relative to it."""
        return relative_gap(self.upper_bound, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Plans of which none is as good as another in everything and better in something; by cost, then by value."""

    points: tuple[FrontPoint, ...]
    dominated: int
    """Plans that were found and left out because another one is no dearer, brings as much, and is as fair."""
    knee: int | None
    """Row of the point from which on money brings least; None for fewer than three costs."""


def front(
    problem: SitingProblem,
    limits: SolveLimits,
    *,
    fractions: Sequence[float] = FRACTIONS,
    floors: Sequence[float] = FLOORS,
    on_point: Callable[[FrontPoint], None] | None = None,
    should_stop: ShouldStop | None = None,
) -> Front:
    """
    The front over all pairs of budget and floor; `limits.seconds` is for all of them together.

    A plan that keeps to another pair as well is taken over where it brings more, and a bound holds for every pair that
    allows less.
    """
    pairs = list(product(sorted(fractions, reverse=True), sorted(floors)))
    is_limited = all(phase.budget is not None for phase in problem.wishes.phases)
    shares = Shares(limits, len(pairs) + (not is_limited))
    base = problem if is_limited else _limited(problem, shares.next(), should_stop)
    found: list[FrontPoint] = []
    for fraction, floor in pairs:
        asked = _scaled(base, fraction, floor)
        found.append(_point(asked, solve(asked, shares.next(), should_stop=should_stop), fraction, floor))
        if on_point is not None:
            on_point(found[-1])
        if should_stop is not None and should_stop():
            break
    points = pareto([_best_known(base, point, found) for point in found])
    return Front(points=points, dominated=len(found) - len(points), knee=knee(points))


def _limited(problem: SitingProblem, limits: SolveLimits, should_stop: ShouldStop | None) -> SitingProblem:
    """The same with a budget in each phase: where there is none, what is spent when money does not matter."""
    paid = cost(problem, solve(problem, limits, should_stop=should_stop).plan)
    phases = tuple(
        replace(phase, budget=part.total if phase.budget is None else phase.budget)
        for phase, part in zip(problem.wishes.phases, paid, strict=True)
    )
    return replace(problem, wishes=replace(problem.wishes, phases=phases))


def _scaled(problem: SitingProblem, fraction: float, floor: float) -> SitingProblem:
    wishes = problem.wishes
    phases = tuple(replace(phase, budget=(phase.budget or 0.0) * fraction) for phase in wishes.phases)
    floors = {district: max(floor, share) for district, share in wishes.floors.items()}
    asked = replace(wishes, phases=phases, floor=max(floor, wishes.floor), floors=floors)
    return replace(problem, wishes=asked)


def _point(problem: SitingProblem, result: SitingResult, fraction: float, floor: float) -> FrontPoint:
    return FrontPoint(
        fraction=fraction,
        floor=floor,
        budget=math.fsum(phase.budget or 0.0 for phase in problem.wishes.phases),
        cost=total_cost(problem, result.plan),
        value=result.value,
        worst_share=_worst_share(problem, result.plan),
        upper_bound=result.upper_bound,
        status=result.status,
        plan=result.plan,
        wishes=result.wishes,
    )


def _worst_share(problem: SitingProblem, plan: SitingPlan) -> float:
    last = len(problem.wishes.phases) - 1
    lived_in = {id_ for id_, rows in problem.points_of.items() if any(problem.demand[row].weight > 0 for row in rows)}
    shares = [
        share
        for serving in plan.servings
        if serving.phase == last
        for district, share in district_shares(problem, serving).items()
        if district in lived_in
    ]
    return min(shares, default=1.0 if not lived_in else 0.0)


def _best_known(problem: SitingProblem, point: FrontPoint, found: Sequence[FrontPoint]) -> FrontPoint:
    """The best plan of all that keeps to this point's wishes, and the least bound of all that holds for it."""
    own = replace(problem, wishes=point.wishes)
    best = point
    for other in found:
        if other.value > best.value and not check(own, other.plan):
            best = other
    bound = min(other.upper_bound for other in found if _allows(problem, other.wishes, point.wishes))
    bound = max(bound, best.value)
    is_proven = bound <= best.value * (1 + TINY)
    return replace(
        point,
        plan=best.plan,
        cost=best.cost,
        value=best.value,
        worst_share=best.worst_share,
        upper_bound=bound,
        status=Status.PROVEN if is_proven else Status.BOUNDED if math.isfinite(bound) else Status.HEURISTIC,
    )


def _allows(problem: SitingProblem, wider: Wishes, narrower: Wishes) -> bool:
    """Whether every plan that keeps to the one keeps to the other."""
    districts = [district.id for district in problem.districts]
    spent = [np.cumsum([phase.budget or 0.0 for phase in wishes.phases]) for wishes in (wider, narrower)]
    return (
        bool((spent[0] >= spent[1]).all())
        and all(wider.floors.get(id_, wider.floor) <= narrower.floors.get(id_, narrower.floor) for id_ in districts)
        and wider.force <= narrower.force
    )


def pareto(points: Sequence[FrontPoint]) -> tuple[FrontPoint, ...]:
    """Those that no other beats or equals in everything, by cost and value; of equal ones the first."""

    def covers(one: FrontPoint, other: FrontPoint) -> bool:
        slack = TINY * max(1.0, abs(other.value))
        return (
            one.cost <= other.cost + TINY * max(1.0, other.cost)
            and one.value >= other.value - slack
            and one.worst_share >= other.worst_share - TINY
        )

    kept: list[FrontPoint] = []
    for point in sorted(points, key=lambda item: (item.cost, -item.value, -item.worst_share, item.floor)):
        if not any(covers(other, point) for other in kept):
            kept = [other for other in kept if not covers(point, other)]
            kept.append(point)
    return tuple(sorted(kept, key=lambda item: (item.cost, item.value)))


def knee(points: Sequence[FrontPoint]) -> int | None:
    """
    Where the curve of greatest value by cost bends most: the point furthest above the chord between its ends.

    (Das 1999, *Structural Optimization* 18; cost and value each scaled to 0..1.) None where nothing is above it.
    """
    rows: list[int] = []
    for row in sorted(range(len(points)), key=lambda row: (points[row].cost, -points[row].value)):
        if not rows or points[row].value > points[rows[-1]].value:
            rows.append(row)
    if len(rows) < 3:
        return None
    x = np.array([points[row].cost for row in rows])
    y = np.array([points[row].value for row in rows])
    above = (y - y[0]) / (y[-1] - y[0]) - (x - x[0]) / (x[-1] - x[0])
    best = int(above.argmax())
    return rows[best] if above[best] > TINY else None


def plugs_built(problem: SitingProblem, point: FrontPoint) -> tuple[int, int]:
    """New sites, extended ones included, and new plugs of a point's plan."""
    stand = standing(problem, point.plan)[-1]
    return len(stand.new_sites), sum(stand.new.values())
