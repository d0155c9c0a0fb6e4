"""Plans that keep floors: at once, or by a search, or of a small study by its integer programme."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from optimiser.siting.arrays import arrays_of
from optimiser.siting.conflicts import Kept, floors_reached
from optimiser.siting.construct import Scarce, construct
from optimiser.siting.cost import total_cost
from optimiser.siting.exact import solve_exactly
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Built, SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.search.run import built_in_the_end, last_end, search_phase

TINY = 1e-6
"""Relative allowance for the tolerances of linear programmes."""

MOST_RAISED = 2.0
"""Times what was asked before, that is asked where a floor was missed."""

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


def plans_at_once(problem: SitingProblem, groups: Groups) -> list[Built]:
    """By whatever is scarce: money where it has a limit, sites where their number runs out, or money has none."""
    phases, most = problem.wishes.phases, problem.wishes.max_new_sites
    plans = []
    if any(phase.budget is not None for phase in phases):
        plans.append(construct(problem, groups, Scarce.MONEY))
        if most is None or new_sites(problem, plans[0]) < most:
            return plans
    return [*plans, construct(problem, groups, Scarce.SITES)]


def new_sites(problem: SitingProblem, plan: Built) -> int:
    """How many of them it opens."""
    opened = {problem.site_index[item.site_id] for item in plan[0]}
    return sum(not problem.sites[row].is_required for row in opened)


def cost(problem: SitingProblem, plan: Built) -> float:
    """All that it builds."""
    return total_cost(problem, SitingPlan(installations=plan[0], upgrades=plan[1]))


def kept(problem: SitingProblem, groups: Groups, plan: Built, *, even: SitingProblem | None = None) -> Kept:
    """Floors as far as what is built in the end keeps them; where lower ones are told, these at least."""
    stands = standing(problem, SitingPlan(installations=plan[0], upgrades=plan[1]))
    return floors_reached(problem, groups, stands[-1], even=even)


def missed(kept: Kept) -> tuple[float, float]:
    """Of the floor that is missed most, how much of it; and of all floors, in shares of districts."""
    missing = [(item.asked, item.asked - item.possible) for item in kept.conflicts if item.rule == "floor"]
    return max((less / asked for asked, less in missing), default=0.0), math.fsum(less for _, less in missing)


def keeping(problem: SitingProblem, groups: Groups, looking: Looking) -> Built | None:
    """A plan that keeps all floors and has the sites asked for, at once or by a search from what is fairest then."""
    at_once = [plan for plan in plans_at_once(problem, groups) if has_forced(problem, plan)]
    if not at_once:
        return None
    fairest = min(at_once, key=lambda plan: missed(kept(problem, groups, plan)))
    if not kept(problem, groups, fairest).conflicts:
        return fairest
    plans = for_floors(problem, groups, fairest, looking)
    return next((plan for plan in plans if is_kept(problem, groups, plan)), None)


def is_kept(problem: SitingProblem, groups: Groups, plan: Built) -> bool:
    """Whether it keeps all floors and has the sites asked for."""
    return has_forced(problem, plan) and not kept(problem, groups, plan).conflicts


def has_forced(problem: SitingProblem, plan: Built) -> bool:
    """Whether something is built at each site that is asked for."""
    return problem.wishes.force <= {item.site_id for item in plan[0]}


def for_floors(problem: SitingProblem, groups: Groups, start: Built, looking: Looking) -> Iterator[Built]:
    """Plans that may keep more floors than the start: by search, then of a small study by its integer programme."""
    yield from searched_for_floors(problem, groups, start, looking)
    exact = solve_exactly(problem, groups, seconds=looking.seconds, is_any_enough=True)
    if exact is not None and exact.built is not None:
        yield exact.built


def searched_for_floors(problem: SitingProblem, groups: Groups, start: Built, looking: Looking) -> Iterator[Built]:
    """
    Plans that may keep more floors than the start: by search, once more with districts first that still lack some, and
    once with floors that yield on the way.
    """
    raised: dict[str, float] = {}
    found = _search_floors(problem, groups, start, looking, raised)
    yield found
    urgent = _raise_missed(problem, groups, found, raised)
    found = _search_floors(problem, groups, found, looking, raised, urgent=urgent)
    yield found
    urgent |= _raise_missed(problem, groups, found, raised)
    yield _search_floors(problem, groups, start, looking, raised, urgent=urgent, is_yielding=True)


def _raise_missed(problem: SitingProblem, groups: Groups, plan: Built, raised: dict[str, float]) -> frozenset[str]:
    """
    Districts whose floors a plan misses; by as much more is asked of them from now on.

    A search looks at expected weights: where demand is greater, plugs that are full serve a smaller share of it.
    """
    missing = [item for item in kept(problem, groups, plan).conflicts if item.rule == "floor"]
    for item in missing:
        more = min(MOST_RAISED, item.asked / item.possible) if item.possible > 0.0 else 1.0
        raised[item.ids[0]] = raised.get(item.ids[0], 1.0) * more
    return frozenset(item.ids[0] for item in missing)


def _search_floors(
    problem: SitingProblem,
    groups: Groups,
    start: Built,
    looking: Looking,
    raised: Mapping[str, float],
    *,
    urgent: frozenset[str] = frozenset(),
    is_yielding: bool = False,
) -> Built:
    """
    A plan that builds all in the last phase, where more floors may be kept than at the start.

    Who lives in a district that is `urgent` comes first where plugs are scarce; so many times as much as its floor is
    asked of one that is `raised`.
    """
    times = np.array([*(raised.get(district.id, 1.0) for district in problem.districts), 1.0])
    arrays = arrays_of(problem, groups, phase=len(problem.wishes.phases) - 1)
    end = search_phase(
        arrays,
        None,
        asked=(arrays.demand.chance @ arrays.demand.asked) * times * (1 + TINY),
        seed=looking.seed,
        over=looking.over(),
        urgent=np.array([*(district.id in urgent for district in problem.districts), False], dtype=np.float64),
        start=last_end(problem, SitingPlan(installations=start[0], upgrades=start[1])),
        is_yielding=is_yielding,
    )
    return built_in_the_end(problem, end)


def with_floors(problem: SitingProblem, floors: Mapping[str, float]) -> SitingProblem:
    """The same with other floors in some districts."""
    return replace(problem, wishes=replace(problem.wishes, floors={**problem.wishes.floors, **floors}))


def with_share(problem: SitingProblem, share: float) -> SitingProblem:
    """The same with such a share of every floor."""
    return with_floors(problem, {id_: share * floor for id_, floor in floors_of(problem).items()})


def floors_of(problem: SitingProblem) -> dict[str, float]:
    """Of districts that are promised a share, and in which anybody is."""
    floors = {id_: problem.floor_of(id_) for id_, points in problem.points_of.items() if len(points)}
    return {id_: floor for id_, floor in floors.items() if floor > 0}


def with_sites(problem: SitingProblem, most: int | None) -> SitingProblem:
    """The same with so many new sites at most, or any number."""
    return replace(problem, wishes=replace(problem.wishes, max_new_sites=most))


def with_money(problem: SitingProblem, most: float | None) -> SitingProblem:
    """The same with so much money in all, or any: more than there is comes with the last phase."""
    *before, last = problem.wishes.phases
    left = None if most is None else most - math.fsum(phase.budget or 0.0 for phase in before)
    return replace(problem, wishes=replace(problem.wishes, phases=(*before, replace(last, budget=left))))


def is_rich(problem: SitingProblem) -> bool:
    """Whether some phase has money without a limit."""
    return any(phase.budget is None for phase in problem.wishes.phases)
