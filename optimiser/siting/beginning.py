"""Plans to begin with, and the floors that they keep: those that no plan at once keeps are searched for first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from optimiser.siting.arrays import arrays_of
from optimiser.siting.conflicts import Kept, floors_reached, nothing_would_do
from optimiser.siting.construct import Scarce, construct
from optimiser.siting.cost import total_cost
from optimiser.siting.enough import enough_for_floors, grid_in_the_way, what_would_do
from optimiser.siting.exact import solve_exactly
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Built, SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.search.run import built_in_the_end, last_end, search_phase

HALVINGS = 4
"""Limits that are tried between what there is and what would do for all floors."""
TINY = 1e-6
"""Relative allowance for the tolerances of linear programmes."""

Over = Callable[[], Callable[[], float]]


def first_plans(
    problem: SitingProblem, groups: Groups, *, seed: int, over: Over, seconds: float
) -> tuple[list[Built], Kept]:
    """
    Plans at once, and floors as far as the fairest of them keeps them, with what would keep all of them.

    Parameters
    ----------
    over
        Begins a search for floors, and tells how much of it is over, from 0 to 1; not asked where there is none.
    seconds
        For the integer programme of a small study, where that search does not keep them.
    """
    plans = _plans_at_once(problem, groups)
    kept = [_kept(problem, groups, plan) for plan in plans]
    fairest = min(range(len(plans)), key=lambda number: _given_up(kept[number]))
    if _given_up(kept[fairest]) > 0:
        for plan in _for_floors(problem, groups, plans[fairest], seed=seed, over=over, seconds=seconds):
            plans.append(plan)
            kept.append(_kept(problem, groups, plan))
            if _given_up(kept[-1]) <= 0:
                break
    best = min(kept, key=_given_up)
    if not best.conflicts:
        return plans, best
    enough = enough_for_floors(problem, groups)
    other = None if enough else _with_more(problem, groups, seed=seed, over=over, seconds=seconds)
    if other is not None:
        enough = what_would_do(problem, _cost(problem, other), _new_sites(problem, other))
        if not enough:
            # With more to begin with, a search has come to a plan that needs no more.
            return [*plans, other], _kept(problem, groups, other)
    if enough:
        return plans, replace(best, conflicts=(*best.conflicts, *enough))
    told = tuple(map(nothing_would_do, best.conflicts))
    return plans, replace(best, conflicts=(*told, *grid_in_the_way(problem, groups)))


def _plans_at_once(problem: SitingProblem, groups: Groups) -> list[Built]:
    """By whatever is scarce: money where it has a limit, sites where their number runs out, or money has none."""
    phases, most = problem.wishes.phases, problem.wishes.max_new_sites
    plans = []
    if any(phase.budget is not None for phase in phases):
        plans.append(construct(problem, groups, Scarce.MONEY))
        if most is None or _new_sites(problem, plans[0]) < most:
            return plans
    return [*plans, construct(problem, groups, Scarce.SITES)]


def _new_sites(problem: SitingProblem, plan: Built) -> int:
    opened = {problem.site_index[item.site_id] for item in plan[0]}
    return sum(not problem.sites[row].is_required for row in opened)


def _kept(problem: SitingProblem, groups: Groups, plan: Built) -> Kept:
    """Floors as far as what is built in the end keeps them."""
    stands = standing(problem, SitingPlan(installations=plan[0], upgrades=plan[1]))
    return floors_reached(problem, groups, stands[-1])


def _given_up(kept: Kept) -> float:
    """Of floors, in shares of districts."""
    return sum(item.asked - item.possible for item in kept.conflicts if item.rule == "floor")


def _with_more(problem: SitingProblem, groups: Groups, *, seed: int, over: Over, seconds: float) -> Built | None:
    """A plan that keeps all floors, as searches find, with more new sites, else more money, else more of both."""
    wishes = problem.wishes
    given = math.fsum(phase.budget or 0.0 for phase in wishes.phases)
    is_limited = all(phase.budget is not None for phase in wishes.phases)

    def keeps(asked: SitingProblem) -> Built | None:
        """A plan that keeps all floors within other limits, at once or by a search from what is fairest then."""
        at_once = [(_given_up(_kept(asked, groups, plan)), plan) for plan in _plans_at_once(asked, groups)]
        least, fairest = min(at_once, key=lambda one: one[0])
        if least <= 0:
            return fairest
        plans = _for_floors(asked, groups, fairest, seed=seed, over=over, seconds=seconds)
        return next((plan for plan in plans if not _kept(asked, groups, plan).conflicts), None)

    def fewest(asked: SitingProblem) -> Built | None:
        """The same with as few new sites as are needed, more or less."""
        low = wishes.max_new_sites or 0
        return _least(low, lambda most: keeps(_with_sites(asked, most)), lambda plan: _new_sites(problem, plan))

    plan = None
    if wishes.max_new_sites is not None and (not is_limited or given > 0):
        plan = fewest(problem)
    if plan is None and is_limited:
        plan = _least(int(given), lambda most: keeps(_with_money(problem, most)), lambda plan: _cost(problem, plan))
    if plan is None and is_limited and wishes.max_new_sites is not None:
        plan = fewest(_with_money(problem, None))
    return plan


def _least(low: int, find: Callable[[int | None], Built | None], amount: Callable[[Built], float]) -> Built | None:
    """Of what can be found without a limit, and within ever closer ones above one that is too low, what takes least."""
    best = find(None)
    for _ in range(HALVINGS if best is not None else 0):
        assert best is not None
        middle = (low + math.ceil(amount(best))) // 2
        if middle <= low:
            break
        other = find(middle)
        low, best = (middle, best) if other is None else (low, min(best, other, key=amount))
    return best


def _with_sites(problem: SitingProblem, most: int | None) -> SitingProblem:
    """The same with so many new sites at most, or any number."""
    return replace(problem, wishes=replace(problem.wishes, max_new_sites=most))


def _with_money(problem: SitingProblem, most: int | None) -> SitingProblem:
    """The same with so much money in all, or any: more than there is comes with the last phase."""
    *before, last = problem.wishes.phases
    left = None if most is None else most - math.fsum(phase.budget or 0.0 for phase in before)
    return replace(problem, wishes=replace(problem.wishes, phases=(*before, replace(last, budget=left))))


def _cost(problem: SitingProblem, plan: Built) -> float:
    return total_cost(problem, SitingPlan(installations=plan[0], upgrades=plan[1]))


def _for_floors(
    problem: SitingProblem, groups: Groups, start: Built, *, seed: int, over: Over, seconds: float
) -> Iterator[Built]:
    """Plans that may keep more floors than the start: by search, then of a small study by its integer programme."""
    yield _search_floors(problem, groups, start, seed=seed, over=over())
    exact = solve_exactly(problem, groups, seconds=seconds)
    if exact is not None and exact.built is not None:
        yield exact.built


def _search_floors(
    problem: SitingProblem, groups: Groups, start: Built, *, seed: int, over: Callable[[], float]
) -> Built:
    """A plan that builds all in the last phase, where more floors may be kept than at the start."""
    arrays = arrays_of(problem, groups, phase=len(problem.wishes.phases) - 1)
    end = search_phase(
        arrays,
        None,
        asked=(arrays.demand.chance @ arrays.demand.asked) * (1 + TINY),
        seed=seed,
        over=over,
        start=last_end(problem, SitingPlan(installations=start[0], upgrades=start[1])),
    )
    return built_in_the_end(problem, end)
