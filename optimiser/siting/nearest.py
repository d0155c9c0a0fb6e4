"""The wishes nearest to those asked for with which floors are kept: more money, more new sites, or a stronger grid."""

from __future__ import annotations

import math
from collections.abc import Callable

from optimiser.siting.conflicts import Ending, with_ending
from optimiser.siting.enough import enough_for_floors, grid_needed, what_would_do, with_any_grid
from optimiser.siting.exact import aim_exactly, is_impossible
from optimiser.siting.groups import Groups
from optimiser.siting.keeping import (
    TINY,
    Looking,
    cost,
    is_rich,
    keeping,
    kept,
    new_sites,
    with_money,
    with_share,
    with_sites,
)
from optimiser.siting.model import Aim
from optimiser.siting.plan import Built
from optimiser.siting.problem import SitingProblem
from optimiser.siting.result import Conflict

HALVINGS = 4
"""Limits that are tried between what there is and what would do for all floors."""
LEAST_SHARE = 0.4
"""Of the time for the study, from which on no more of them are."""


def nearest(
    problem: SitingProblem, groups: Groups, looking: Looking, briefly: Looking
) -> tuple[tuple[Conflict, ...], Built | None]:
    """What would do for the floors, as little of it as can be found, and the plan that it was told from, if any."""
    is_proven = _is_proven(problem, groups, looking, briefly)
    at_once = enough_for_floors(problem, groups, is_proven=is_proven)
    plan = _Nearest(groups, looking, briefly).plan(problem, at_once[0] if at_once else None)
    if plan is None:
        return at_once, None
    return what_would_do(problem, cost(problem, plan), new_sites(problem, plan), is_proven=is_proven), plan


def floors_given_up(floors: tuple[Conflict, ...], told: tuple[Conflict, ...]) -> tuple[Conflict, ...]:
    """Floors that gave way, and the limits that they contradict, with what would do."""
    is_proven = all(item.is_proven for item in told)
    return (*(with_ending(item, Ending.PROVEN if is_proven else Ending.OPEN) for item in floors), *told)


def nothing_would_do(
    problem: SitingProblem, groups: Groups, floors: tuple[Conflict, ...], looking: Looking, briefly: Looking
) -> tuple[Conflict, ...]:
    """Floors that gave way where no money and no sites are known that would do, with what the grid lacks for them."""
    ending = Ending.OPEN_FOR_ALL
    if _is_proven(with_money(with_sites(problem, None), None), groups, looking, briefly):
        ending = Ending.PROVEN_FOR_ALL
    elif _is_proven(problem, groups, looking, briefly):
        ending = Ending.PROVEN_WITHIN
    grid = _grid_in_the_way(problem, groups, looking, briefly, is_proven=ending is Ending.PROVEN_FOR_ALL)
    return (*(with_ending(item, ending) for item in floors), *grid)


def _is_proven(problem: SitingProblem, groups: Groups, looking: Looking, briefly: Looking) -> bool:
    """Whether no plan keeps all floors, as the programme of a small study tells, soon where time is short."""
    seconds = briefly.seconds if briefly.gone() >= LEAST_SHARE else looking.seconds / 2
    # Lower by what the programme's tolerances may be off.
    return is_impossible(with_share(problem, 1 - TINY), groups, seconds=seconds)


def _grid_in_the_way(
    problem: SitingProblem, groups: Groups, looking: Looking, briefly: Looking, *, is_proven: bool
) -> tuple[Conflict, ...]:
    """What nodes would have to carry, and what else it takes then, for the floors; nothing where none is known."""
    if not problem.grid:
        return ()
    rich = with_any_grid(problem)
    plan = keeping(rich, groups, briefly)
    if plan is None:
        at_once = enough_for_floors(rich, groups)
        plan = _Nearest(groups, looking, briefly).plan(rich, at_once[0] if at_once else None)
    return () if plan is None else grid_needed(problem, plan, is_proven=is_proven)


class _Nearest:
    """Plans that keep all floors with as little as is needed, more or less."""

    def __init__(self, groups: Groups, looking: Looking, briefly: Looking) -> None:
        self._groups, self._looking, self._briefly = groups, looking, briefly

    def plan(self, problem: SitingProblem, told: Conflict | None) -> Built | None:
        """With more money where that is known to do, else with more new sites, or more money, or more of both."""
        if told is not None and told.rule == "budget":
            return self._least_money(problem, most=int(told.possible))
        given = math.fsum(phase.budget or 0.0 for phase in problem.wishes.phases)
        most = None if told is None or not is_rich(problem) else int(told.possible)
        plan = None
        if problem.wishes.max_new_sites is not None and (is_rich(problem) or given > 0):
            plan = self._fewest(problem, most=most)
        if plan is None and not is_rich(problem):
            plan = self._least_money(problem)
        if plan is None and not is_rich(problem) and problem.wishes.max_new_sites is not None:
            plan = self._both(problem)
        return plan

    def _both(self, problem: SitingProblem) -> Built | None:
        """As few new sites as are needed with any money; then as little money as so many need."""
        few = self._fewest(with_money(problem, None))
        if few is None:
            return None
        cheap = self._least_money(with_sites(problem, new_sites(problem, few)), most=math.ceil(cost(problem, few)))
        return cheap or few

    def _fewest(self, problem: SitingProblem, *, most: int | None = None) -> Built | None:
        aimed = self._aimed(with_sites(problem, None), Aim.SITES)
        return aimed or self._least(
            problem.wishes.max_new_sites or 0,
            lambda sites: keeping(with_sites(problem, sites), self._groups, self._briefly),
            lambda plan: new_sites(problem, plan),
            most=most,
        )

    def _least_money(self, problem: SitingProblem, *, most: int | None = None) -> Built | None:
        aimed = self._aimed(with_money(problem, None), Aim.MONEY)
        return aimed or self._least(
            int(math.fsum(phase.budget or 0.0 for phase in problem.wishes.phases)),
            lambda money: keeping(with_money(problem, money), self._groups, self._briefly),
            lambda plan: cost(problem, plan),
            most=most,
        )

    def _aimed(self, problem: SitingProblem, aim: Aim) -> Built | None:
        """By the integer programme of a small study, while there is time."""
        if self._is_late():
            return None
        aimed = aim_exactly(problem, self._groups, aim, seconds=self._looking.seconds / 2)
        return None if aimed is None or kept(problem, self._groups, aimed[0]).conflicts else aimed[0]

    def _least(
        self,
        low: int,
        find: Callable[[int | None], Built | None],
        amount: Callable[[Built], float],
        *,
        most: int | None = None,
    ) -> Built | None:
        """
        Of what can be found within a limit or none, and within ever closer ones above one too low, what takes least.
        """
        best = None if self._is_late() else find(most)
        for _ in range(HALVINGS if best is not None else 0):
            assert best is not None
            middle = (low + math.ceil(amount(best))) // 2
            if middle <= low or self._is_late():
                break
            other = find(middle)
            low, best = (middle, best) if other is None else (low, min(best, other, key=amount))
        return best

    def _is_late(self) -> bool:
        return self._briefly.gone() >= LEAST_SHARE
