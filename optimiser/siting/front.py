"""
What more money and more fairness would bring: a Pareto front of cost, value and the share of the worst district.

By the epsilon-constraint method (Haimes, Lasdon & Wismer 1971, *IEEE Transactions on Systems, Man, and Cybernetics* 1):
value is made as great as possible for each of several budgets and each of several floors for every district.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import ShouldStop
from optimiser.siting.check import check
from optimiser.siting.cost import cost, district_shares, total_cost, value
from optimiser.siting.front_points import TINY, FrontPoint, knee, pareto
from optimiser.siting.known_plans import KnownPlans
from optimiser.siting.plan import SitingPlan
from optimiser.siting.problem import SitingProblem, Wishes
from optimiser.siting.result import SitingResult
from optimiser.siting.shares import Shares
from optimiser.siting.solve import solve
from optimiser.siting.status import Status

FRACTIONS = (0.25, 0.5, 0.75, 1.0)
"""Of the budget, and of each phase's part of it."""
FLOORS = (0.0, 0.25, 0.5)
"""Share of every district that is to be served; floors that are asked for anyway stay where they are higher."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Plans of which none is as good as another in everything and better in something; by cost, then by value."""

    points: tuple[FrontPoint, ...]
    dominated: int
    """
    Plans that were found and left out because another one is no dearer, brings as much, is as fair and keeps as much of
    what the study asks for, or keeps more of that for the same money.
    """
    knee: int | None
    """
    Row of the point after which money brings less than before it, of those that keep what the study asks for where any
    does; None for fewer than three costs of such points, and where money never brings less.
    """


def front(
    problem: SitingProblem,
    limits: SolveLimits,
    *,
    study: SitingResult | None = None,
    fractions: Sequence[float] = FRACTIONS,
    floors: Sequence[float] = FLOORS,
    on_point: Callable[[FrontPoint], None] | None = None,
    should_stop: ShouldStop | None = None,
) -> Front:
    """
    The front over all pairs of budget and floor; `limits.seconds` is for all of them together.

    The study itself, solved already or solved here, is the first point: all the money and no floors but the city's.
    Above a floor that is not kept none is asked for, but one halfway to it; where the city's own are not, less and less
    of what was kept, down to nothing. A plan that can keep to another pair as well is served anew for it and taken
    over where it brings more, and a bound holds for every pair that allows less.
    """
    pairs = _pairs(problem, fractions, floors)
    shares = Shares(limits, len(pairs) + (study is None))
    study = study or solve(problem, shares.next(), should_stop=should_stop)
    base = _limited(problem, study)
    found, left = list[FrontPoint](), Counter(fraction for fraction, _ in pairs)

    def note(asked: SitingProblem, result: SitingResult, fraction: float) -> None:
        found.append(_point(asked, result, fraction, _floors(problem)))
        if on_point is not None:
            on_point(found[-1])

    note(base, study, 1.0)
    for fraction, floor in pairs:
        if should_stop is not None and should_stop():
            break
        before = [point for point in found if point.fraction == fraction]
        asked = _scaled(base, fraction, _asked(before, floor, levels=len(before) + left[fraction]))
        left[fraction] -= 1
        if any(point.asked == asked.wishes for point in before):
            continue  # Less than nothing cannot be asked for.
        note(asked, solve(asked, shares.next(), should_stop=should_stop), fraction)
    known = KnownPlans(base, [point.plan for point in found])
    best = [told for point in found for told in _best_known(base, point, found, known)]
    points = pareto(_fair_where_possible(best))
    return Front(points=points, dominated=len(best) - len(points), knee=knee(points))


def plans_at_most(
    problem: SitingProblem, fractions: Sequence[float] = FRACTIONS, floors: Sequence[float] = FLOORS
) -> int:
    """How many plans `front` tries, the study's own among them, unless less than nothing would be asked for."""
    return len(_pairs(problem, fractions, floors)) + 1


def _pairs(problem: SitingProblem, fractions: Sequence[float], floors: Sequence[float]) -> list[tuple[float, float]]:
    """Budgets and floors, of floors that ask the same of all districts one; without the study itself."""
    own, told = _floors(problem), list[Mapping[str, float]]()
    levels = []
    for floor in sorted(floors):
        asked = {id_: max(floor, share) for id_, share in own.items()}
        if asked not in told:
            levels.append(floor)
            told.append(asked)
    return [
        (fraction, floor)
        for (fraction, (floor, asked)) in product(sorted(fractions, reverse=True), zip(levels, told, strict=True))
        if fraction != 1.0 or asked != own
    ]


def _asked(before: Sequence[FrontPoint], floor: float, *, levels: int) -> Callable[[float], float]:
    """
    What to ask of a district next, given its own floor and the plans within the same budget so far.

    The floor of the pair, or one halfway; where the city's own are not kept, no more than a part of what was, in whole
    per cent: of so many `levels` in all the last one asks for nothing.
    """
    if before and before[0].own_missed:
        reached = max(point.worst_share or 0.0 for point in before)
        less = math.floor(100 * reached * (1.0 - len(before) / (levels - 1)) + TINY) / 100
        return lambda own: min(less, own)
    more = _halfway(before) or floor
    return lambda own: max(more, own)


def _halfway(points: Sequence[FrontPoint]) -> float | None:
    """
    A floor between the fairest plan within a budget and the least floor that none was found to keep, in whole per cent.

    None where all floors are kept so far, or not even the city's own, or none is left between.
    """
    missed = min((point.floor for point in points if point.missed and point.floor is not None), default=None)
    if missed is None or all(point.missed for point in points):
        return None
    fairest = max(point.worst_share or 0.0 for point in points)
    halfway = round((fairest + missed) / 2, 2)
    return halfway if fairest < halfway < missed else None


def _floors(problem: SitingProblem) -> dict[str, float]:
    """Of each district where anybody lives, the share that is asked for."""
    return {
        id_: problem.floor_of(id_)
        for id_, rows in problem.points_of.items()
        if any(problem.demand[row].weight > 0 for row in rows)
    }


def _limited(problem: SitingProblem, study: SitingResult) -> SitingProblem:
    """The same with a budget in each phase: where there is none, what is spent when money does not matter."""
    paid = cost(problem, study.plan)
    phases = tuple(
        replace(phase, budget=part.total if phase.budget is None else phase.budget)
        for phase, part in zip(problem.wishes.phases, paid, strict=True)
    )
    return replace(problem, wishes=replace(problem.wishes, phases=phases))


def _scaled(problem: SitingProblem, fraction: float, asked: Callable[[float], float]) -> SitingProblem:
    """The same with a part of the budget, and with what is asked of districts instead of their own floors."""
    wishes = problem.wishes
    phases = tuple(replace(phase, budget=(phase.budget or 0.0) * fraction) for phase in wishes.phases)
    floors = {district: asked(own) for district, own in wishes.floors.items()}
    return replace(problem, wishes=replace(wishes, phases=phases, floor=asked(wishes.floor), floors=floors))


def _point(problem: SitingProblem, result: SitingResult, fraction: float, own: Mapping[str, float]) -> FrontPoint:
    return FrontPoint(
        fraction=fraction,
        budget=math.fsum(phase.budget or 0.0 for phase in problem.wishes.phases),
        floors=_floors(problem),
        own_floors=own,
        asked=problem.wishes,
        wishes=result.wishes,
        cost=total_cost(problem, result.plan),
        value=result.value,
        shares=_shares(problem, result.plan),
        upper_bound=result.upper_bound,
        status=result.status,
        plan=result.plan,
    )


def _shares(problem: SitingProblem, plan: SitingPlan) -> dict[str, float]:
    """Of each district where anybody lives, what is served in the end in the scenario that is worst for it."""
    last = len(problem.wishes.phases) - 1
    served = [district_shares(problem, serving) for serving in plan.servings if serving.phase == last]
    return {id_: min((shares[id_] for shares in served), default=0.0) for id_ in _floors(problem)}


def _best_known(
    problem: SitingProblem, point: FrontPoint, found: Sequence[FrontPoint], known: KnownPlans
) -> list[FrontPoint]:
    """
    The best plan of all that can keep to what was asked for, or but for the forced sites that had to be left out.

    Where none can, the one that comes nearest to it; this point's own plan then stands for what it keeps.
    """
    wishes = point.asked
    for force in sorted({point.asked.force, point.wishes.force}, key=len, reverse=True):
        wishes = replace(point.asked, force=force)
        if (best := known.best(wishes)) is not None:
            return [_with_plan(problem, point, best, wishes, found)]
    within = [other for other in found if other is point or _keeps_all_but_floors(problem, wishes, other)]
    nearest = max(within, key=lambda other: (_nearness(point, other), other.value, -other.cost))
    if _nearness(point, nearest) <= _nearness(point, point) + TINY:
        nearest = point
    kept = replace(nearest.wishes, phases=point.asked.phases)
    told = [_with_plan(problem, point, known.best(kept) or nearest.plan, kept, found)]
    if nearest is not point:
        floors = _kept_in_per_cent(point)
        lower = replace(point.wishes, floors={**point.wishes.floors, **floors})
        own = known.served(point.plan, lower) or point.plan
        told.append(replace(_with_plan(problem, point, own, lower, found), floors=floors))
    return told


def _keeps_all_but_floors(problem: SitingProblem, wishes: Wishes, point: FrontPoint) -> bool:
    """Whether a plan is within all limits, and has the sites asked for."""
    return not check(replace(problem, wishes=replace(wishes, floor=0.0, floors={})), point.plan)


def _nearness(asked: FrontPoint, point: FrontPoint) -> float:
    """Of the floor that a plan keeps least of what is asked of another, how much of it."""
    return min((min(1.0, point.shares[id_] / floor) for id_, floor in asked.floors.items() if floor > 0), default=1.0)


def _kept_in_per_cent(point: FrontPoint) -> dict[str, float]:
    """Floors that its plan keeps: as much of every district as of its worst, in whole per cent, and the study's own."""
    level = math.floor(100 * (point.worst_share or 0.0) + TINY) / 100
    own = {id_: 0.0 if id_ in point.own_missed else floor for id_, floor in point.own_floors.items()}
    return {id_: min(floor, max(level, own.get(id_, 0.0))) for id_, floor in point.floors.items()}


def _with_plan(
    problem: SitingProblem, point: FrontPoint, plan: SitingPlan, wishes: Wishes, found: Sequence[FrontPoint]
) -> FrontPoint:
    """The point with a plan that keeps to some wishes, and the least bound of all that holds for these."""
    brings = value(problem, plan)
    bounds = (other.upper_bound for other in found if _allows(problem, other.wishes, wishes))
    bound = max(brings, min(bounds, default=math.inf))
    is_proven = bound <= brings * (1 + TINY)
    return replace(
        point,
        wishes=wishes,
        plan=plan,
        cost=total_cost(problem, plan),
        value=brings,
        shares=_shares(problem, plan),
        upper_bound=bound,
        status=Status.PROVEN if is_proven else Status.BOUNDED if math.isfinite(bound) else Status.HEURISTIC,
    )


def _fair_where_possible(points: Sequence[FrontPoint]) -> list[FrontPoint]:
    """Those that break what the study asks for only as far as none for the same money keeps more of it."""

    def keeps_more(one: FrontPoint, other: FrontPoint) -> bool:
        return one.fraction == other.fraction and one.keeps_as_much_as(other) and not other.keeps_as_much_as(one)

    return [point for point in points if not any(keeps_more(other, point) for other in points)]


def _allows(problem: SitingProblem, wider: Wishes, narrower: Wishes) -> bool:
    """Whether every plan that keeps to the one keeps to the other."""
    districts = [district.id for district in problem.districts]
    spent = [np.cumsum([_money(phase.budget) for phase in wishes.phases]) for wishes in (wider, narrower)]
    return (
        bool((spent[0] >= spent[1]).all())
        and all(wider.floors.get(id_, wider.floor) <= narrower.floors.get(id_, narrower.floor) for id_ in districts)
        and wider.force <= narrower.force
    )


def _money(budget: float | None) -> float:
    return math.inf if budget is None else budget
