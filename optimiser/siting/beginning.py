"""Plans to begin with, and the floors that they keep: those that no plan at once keeps are searched for first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

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
from optimiser.siting.result import Conflict
from optimiser.siting.search.run import built_in_the_end, last_end, search_phase

HALVINGS, EVEN_HALVINGS = 4, 6
"""Limits that are tried between what there is and what would do for all floors; shares of all floors that are."""
TINY = 1e-6
"""Relative allowance for the tolerances of linear programmes."""

EVEN_SHARE, LEAST_SHARE = 0.2, 0.3
"""Of the time for the study, from which on neither is tried any more."""

Over = Callable[[], Callable[[], float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What a plan that keeps floors may be looked for with."""

    seed: int
    over: Over
    """Begins a search, and tells how much of it is over, from 0 to 1; not asked where there is none."""
    seconds: float
    """For the integer programme of a small study, where that search does not keep them."""
    gone: Callable[[], float]
    """How much of all the time there is for the study is over; none where no clock counts."""


def first_plans(
    problem: SitingProblem, groups: Groups, looking: Looking, *, briefly: Looking
) -> tuple[list[Built], Kept]:
    """
    Plans at once, and floors as far as the fairest of them keeps them, with what would keep all of them.

    Parameters
    ----------
    briefly
        The same where lower floors are tried, or more money or sites.
    """
    plans = _plans_at_once(problem, groups)
    kept = [_kept(problem, groups, plan) for plan in plans]
    fairest = min(range(len(plans)), key=lambda number: _missed(kept[number]))
    if kept[fairest].conflicts:
        for plan in _for_floors(problem, groups, plans[fairest], looking):
            plans.append(plan)
            kept.append(_kept(problem, groups, plan))
            if not kept[-1].conflicts:
                break
    best = min(kept, key=_missed)
    if not best.conflicts:
        return plans, best
    even = _evenly(problem, groups, best, briefly)
    if even is not None:
        plans.append(even[0])
        best = even[1]
    if not best.conflicts:
        # With lower floors to begin with, a search has come to a plan that keeps those asked for.
        return plans, best
    enough = _nearest(problem, groups, enough_for_floors(problem, groups), briefly)
    other = None if enough else _with_more(problem, groups, briefly)
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


def _kept(problem: SitingProblem, groups: Groups, plan: Built, *, even: SitingProblem | None = None) -> Kept:
    """Floors as far as what is built in the end keeps them; where lower ones are told, these at least."""
    stands = standing(problem, SitingPlan(installations=plan[0], upgrades=plan[1]))
    return floors_reached(problem, groups, stands[-1], even=even)


def _missed(kept: Kept) -> tuple[float, float]:
    """Of the floor that is missed most, how much of it; and of all floors, in shares of districts."""
    missed = [(item.asked, item.asked - item.possible) for item in kept.conflicts if item.rule == "floor"]
    return max((less / asked for asked, less in missed), default=0.0), math.fsum(less for _, less in missed)


def _evenly(problem: SitingProblem, groups: Groups, best: Kept, looking: Looking) -> tuple[Built, Kept] | None:
    """A plan that keeps more of every floor than the best so far does of the one that it misses most."""
    low, high, found = 1.0 - _missed(best)[0], 1.0, None
    for _ in range(EVEN_HALVINGS):
        if low >= 1.0 or looking.gone() >= EVEN_SHARE:
            break
        even = _with_floors(problem, (low + high) / 2)
        plan = _keeping(even, groups, looking)
        if plan is None:
            high = (low + high) / 2
        else:
            found = plan, _kept(problem, groups, plan, even=even)
            low = 1.0 - _missed(found[1])[0]
    return found


def _keeping(problem: SitingProblem, groups: Groups, looking: Looking) -> Built | None:
    """A plan that keeps all floors, at once or by a search from what is fairest then."""
    at_once = [(_missed(_kept(problem, groups, plan)), plan) for plan in _plans_at_once(problem, groups)]
    least, fairest = min(at_once, key=lambda one: one[0])
    if least <= (0.0, 0.0):
        return fairest
    plans = _for_floors(problem, groups, fairest, looking)
    return next((plan for plan in plans if not _kept(problem, groups, plan).conflicts), None)


def _nearest(
    problem: SitingProblem, groups: Groups, enough: tuple[Conflict, ...], looking: Looking
) -> tuple[Conflict, ...]:
    """What would do for floors, where a search finds less that does."""
    if not enough:
        return ()
    (told,) = enough
    most = int(told.possible)
    if looking.gone() >= LEAST_SHARE:
        return enough
    if told.rule == "budget":
        plan = _least_money(problem, groups, looking, most=most)
    elif _is_rich(problem):
        plan = _fewest(problem, problem, groups, looking, most=most)
    else:
        return enough
    return enough if plan is None else what_would_do(problem, _cost(problem, plan), _new_sites(problem, plan))


def _with_more(problem: SitingProblem, groups: Groups, looking: Looking) -> Built | None:
    """A plan that keeps all floors, as searches find, with more new sites, else more money, else more of both."""
    wishes = problem.wishes
    given = math.fsum(phase.budget or 0.0 for phase in wishes.phases)
    plan = None
    if wishes.max_new_sites is not None and (_is_rich(problem) or given > 0):
        plan = _fewest(problem, problem, groups, looking)
    if plan is None and not _is_rich(problem):
        plan = _least_money(problem, groups, looking)
    if plan is None and not _is_rich(problem) and wishes.max_new_sites is not None:
        plan = _fewest(problem, _with_money(problem, None), groups, looking)
    return plan


def _is_rich(problem: SitingProblem) -> bool:
    """Whether some phase has money without a limit."""
    return any(phase.budget is None for phase in problem.wishes.phases)


def _fewest(
    problem: SitingProblem, asked: SitingProblem, groups: Groups, looking: Looking, *, most: int | None = None
) -> Built | None:
    """A plan that keeps all floors of what is asked with as few new sites as are needed, more or less."""
    return _least(
        problem.wishes.max_new_sites or 0,
        lambda sites: _keeping(_with_sites(asked, sites), groups, looking),
        lambda plan: _new_sites(problem, plan),
        lambda: looking.gone() >= LEAST_SHARE,
        most=most,
    )


def _least_money(problem: SitingProblem, groups: Groups, looking: Looking, *, most: int | None = None) -> Built | None:
    """A plan that keeps all floors with as little money as is needed, more or less."""
    return _least(
        int(math.fsum(phase.budget or 0.0 for phase in problem.wishes.phases)),
        lambda money: _keeping(_with_money(problem, money), groups, looking),
        lambda plan: _cost(problem, plan),
        lambda: looking.gone() >= LEAST_SHARE,
        most=most,
    )


def _least(
    low: int,
    find: Callable[[int | None], Built | None],
    amount: Callable[[Built], float],
    is_late: Callable[[], bool],
    *,
    most: int | None = None,
) -> Built | None:
    """Of what can be found within a limit or none, and within ever closer ones above one too low, what takes least."""
    best = find(most)
    for _ in range(HALVINGS if best is not None else 0):
        assert best is not None
        middle = (low + math.ceil(amount(best))) // 2
        if middle <= low or is_late():
            break
        other = find(middle)
        low, best = (middle, best) if other is None else (low, min(best, other, key=amount))
    return best


def _with_floors(problem: SitingProblem, share: float) -> SitingProblem:
    """The same with such a share of every floor."""
    floors = {district.id: share * problem.floor_of(district.id) for district in problem.districts}
    return replace(problem, wishes=replace(problem.wishes, floors=floors))


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


def _for_floors(problem: SitingProblem, groups: Groups, start: Built, looking: Looking) -> Iterator[Built]:
    """Plans that may keep more floors than the start: by search, then of a small study by its integer programme."""
    yield _search_floors(problem, groups, start, seed=looking.seed, over=looking.over())
    exact = solve_exactly(problem, groups, seconds=looking.seconds, is_any_enough=True)
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
