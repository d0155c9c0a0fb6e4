"""The wishes nearest to those asked for with which floors are kept: more money, or more new sites."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from optimiser.siting.enough import Enough, Missed, beyond, enough_at_once, what_would_do
from optimiser.siting.exact import is_impossible, least_exactly
from optimiser.siting.forced import together
from optimiser.siting.groups import Groups
from optimiser.siting.keeping import (
    TINY,
    Looking,
    cost,
    is_kept,
    is_rich,
    keeping,
    new_sites,
    plans_at_once,
    with_money,
    with_share,
    with_sites,
)
from optimiser.siting.lowered import Ending, with_ending
from optimiser.siting.model import Aim
from optimiser.siting.money import up_to_cent
from optimiser.siting.plan import Built
from optimiser.siting.problem import SitingProblem
from optimiser.siting.result import Conflict

Limited = Callable[[SitingProblem, int | None], SitingProblem]
"""The same within a limit; none where that is None."""

STEPS_UP = (1.1, 1.3, 1.7, 2.5)
"""Times what there is, that is tried first: what all but keeps the floors needs little more."""
HALVINGS = 5
"""Limits that are tried between what there is and what would do for all floors."""
LEAST_SHARE = 0.4
"""Of the time for the study, from which on no more of them are."""
AIMED_SHARE = 0.65
"""And from which on no integer programme of a small study for the least is."""
AIMED_LONGER = 2.0
"""As long as a plan for floors is looked for by the programme: whoever has to find more money asks for the least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What was sought that would do."""

    enough: Enough | None = None
    is_never: bool = False
    """Whether it is proven that nothing would do, whatever money and number of new sites there are."""


def sought_exactly(problem: SitingProblem, groups: Groups, looking: Looking, briefly: Looking) -> Sought:
    """
    What would do for all that is asked for, by the integer programme of a small study.

    What it finds within the limits keeps all floors. How it goes does not depend on the money that there is, so that
    with as much as it tells it finds the same plan in the same time.
    """
    return _Nearest(groups, looking, briefly).exactly(problem)


def sought_anyhow(problem: SitingProblem, groups: Groups, looking: Looking, briefly: Looking) -> Sought:
    """The same, and by search where the programme does not tell."""
    return _Nearest(groups, looking, briefly).sought(problem)


def nearest(
    problem: SitingProblem,
    groups: Groups,
    looking: Looking,
    briefly: Looking,
    *,
    known: Sought | None = None,
    left_out: tuple[str, ...] = (),
) -> tuple[tuple[Conflict, ...], Built | None]:
    """
    What would do for all that is asked for, as little of it as can be found, and the plan that it is told from, if any.

    Sites that the limits do not allow, whatever the floors, are `left_out`; what the integer programme has come to is
    `known` where it was asked before.
    """
    sought = _Nearest(groups, looking, briefly).sought(problem, known)
    enough = sought.enough
    if enough is None:
        return (), None
    is_sure = bool(left_out) or enough.is_needed or is_proven(problem, groups, looking, briefly)
    return what_would_do(problem, enough, Missed(is_impossible=is_sure, left_out=left_out)), enough.plan


def floors_given_up(
    floors: tuple[Conflict, ...], told: tuple[Conflict, ...], *, is_proven: bool
) -> tuple[Conflict, ...]:
    """Floors that gave way, and the limits that they contradict, with what would do."""
    return (*(with_ending(item, Ending.PROVEN if is_proven else Ending.OPEN) for item in floors), *told)


def sites_would_do(problem: SitingProblem, left_out: tuple[str, ...]) -> tuple[Conflict, ...]:
    """What would do for the sites that are asked for, whatever becomes of floors."""
    sites = together(problem, problem.wishes.force)
    alone = replace(problem, wishes=replace(problem.wishes, floor=0.0, floors={}))
    enough = Enough(plan=((), ()), money=sites.cost, sites=sites.new_sites, is_least=True)
    return what_would_do(alone, enough, Missed(is_impossible=True, left_out=left_out))


def is_proven(problem: SitingProblem, groups: Groups, looking: Looking, briefly: Looking) -> bool:
    """Whether no plan keeps all floors, as the programme of a small study tells, soon where time is short."""
    seconds = briefly.seconds if briefly.gone() >= LEAST_SHARE else looking.seconds / 2
    # Lower by what the programme's tolerances may be off.
    return is_impossible(with_share(problem, 1 - TINY), groups, seconds=seconds)


class _Nearest:
    """Plans that keep all floors, and have all sites asked for, with as little as is needed, more or less."""

    def __init__(self, groups: Groups, looking: Looking, briefly: Looking) -> None:
        self._groups, self._looking, self._briefly = groups, looking, briefly

    def sought(self, problem: SitingProblem, known: Sought | None = None) -> Sought:
        """With more money where that can do, else with more new sites, or with more of both."""
        exactly = known or self.exactly(problem)
        if exactly.enough is not None or exactly.is_never:
            return exactly
        return Sought(enough=self._searched(problem))

    def exactly(self, problem: SitingProblem) -> Sought:
        """By the integer programme of a small study."""
        if is_rich(problem):
            return self._fewest_exactly(problem)
        told = self._least_exactly(problem)
        # Unless it is settled that no money does with so many sites, more sites would be the answer of a short search.
        if not told.is_never or problem.wishes.max_new_sites is None:
            return told
        told = self._fewest_exactly(problem)
        if told.enough is not None:
            return told
        told = self._fewest_exactly(with_money(problem, None))
        if told.enough is None:
            return told
        few = told.enough
        cheap = self._least_exactly(with_sites(problem, few.sites)).enough
        if cheap is None:
            return told
        is_least = few.is_least and cheap.is_least
        return Sought(enough=replace(cheap, sites=few.sites, is_least=is_least, is_needed=few.is_needed))

    def _fewest_exactly(self, problem: SitingProblem) -> Sought:
        """Of new sites, within the money that there is."""
        return self._aimed(with_sites(problem, None), Aim.SITES, problem.wishes.max_new_sites)

    def _least_exactly(self, problem: SitingProblem) -> Sought:
        """Of money, within the number of new sites that there is."""
        return self._aimed(with_money(problem, None), Aim.MONEY, _given(problem))

    def _aimed(self, problem: SitingProblem, aim: Aim, limit: float | None) -> Sought:
        """While there is time, and until something is found within the limit."""
        if self._briefly.gone() >= AIMED_SHARE:
            return Sought()
        seconds, within = AIMED_LONGER * self._looking.seconds, math.inf if limit is None else limit
        least = least_exactly(problem, self._groups, aim, seconds=seconds, enough=within)
        if least is not None and least.bound == math.inf:
            return Sought(is_never=is_proven(problem, self._groups, self._looking, self._briefly))
        if least is None or least.built is None or not is_kept(problem, self._groups, least.built):
            return Sought()
        is_needed = limit is not None and least.bound > limit * (1 + TINY) + TINY
        return Sought(enough=self._told(problem, least.built, is_least=least.is_proven, is_needed=is_needed))

    def _searched(self, problem: SitingProblem) -> Enough | None:
        """
        By plans at once and by searches within ever closer limits.

        What is told is a limit within which a search has found a plan, so that asking again with it finds it again.
        """
        if not self._is_late() and (plan := keeping(problem, self._groups, self._briefly)) is not None:
            return self._told(problem, plan)
        at_once = enough_at_once(problem, self._groups)
        if at_once is None:
            return self._without_a_start(problem)
        most, given = beyond(problem, at_once.money, at_once.sites)
        if most is None:
            return at_once if given is None else self._least_money(problem, at_once)
        within = None if given is not None and not self._has_money(problem) else self._fewest(problem, at_once)
        return within or self._both(problem, at_once)

    def _without_a_start(self, problem: SitingProblem) -> Enough | None:
        """Where no plan at once is enough."""
        most, told = problem.wishes.max_new_sites, None
        has_most = most is not None
        # Where plans leave sites over, their number is not what is short.
        is_short = most is None or any(
            new_sites(problem, plan) >= most for plan in plans_at_once(problem, self._groups)
        )
        if has_most and is_short and self._has_money(problem):
            told = self._fewest(problem, None)
        if told is None and not is_rich(problem):
            told = self._least_money(problem, None)
        return told or (self._both(problem, None) if has_most and not is_rich(problem) else None)

    def _has_money(self, problem: SitingProblem) -> bool:
        return is_rich(problem) or _given(problem) > 0

    def _both(self, problem: SitingProblem, at_once: Enough | None) -> Enough | None:
        """As few new sites as are needed with any money; then as little money as so many need."""
        few = self._fewest(with_money(problem, None), at_once)
        return None if few is None else self._least_money(with_sites(problem, few.sites), few)

    def _fewest(self, problem: SitingProblem, start: Enough | None) -> Enough | None:
        """Of new sites, within the money that there is."""
        if start is not None and beyond(problem, start.money, 0) != (None, None):
            start = None
        return self._least(
            problem,
            with_sites,
            (problem.wishes.max_new_sites or 0, lambda enough: enough.sites),
            start,
        )

    def _least_money(self, problem: SitingProblem, start: Enough | None) -> Enough | None:
        """Within the number of new sites that there is."""
        return self._least(problem, with_money, (int(_given(problem)), lambda enough: math.ceil(enough.money)), start)

    def _least(
        self,
        problem: SitingProblem,
        limited: Limited,
        from_: tuple[int, Callable[[Enough], int]],
        start: Enough | None,
    ) -> Enough | None:
        """Of what can be found within limits between one too low and what is known to do, what takes least."""
        (low, amount), best = from_, start
        given = low
        for step in STEPS_UP if given > 0 else ():
            limit = math.ceil(step * given)
            if self._is_late() or (best is not None and amount(best) <= limit):
                break
            if (found := self._tried(problem, limited, limit)) is not None:
                best = found
                break
            low = limit
        if best is None and not self._is_late():
            best = self._tried(problem, limited, None)
        for _ in range(HALVINGS if best is not None else 0):
            assert best is not None
            middle = _between(low, amount(best))
            if middle <= low or self._is_late():
                break
            other = self._tried(problem, limited, middle)
            low, best = (middle, best) if other is None else (low, other)
        return best

    def _tried(
        self,
        problem: SitingProblem,
        limited: Limited,
        limit: int | None,
    ) -> Enough | None:
        """What a search finds within a limit, and then, if it does, within as little as that takes."""
        asked = limited(problem, limit)
        plan = keeping(asked, self._groups, self._briefly)
        if plan is None:
            return None
        told = self._told(asked, plan)
        is_of_sites = limited is with_sites
        closer = with_sites(problem, told.sites) if is_of_sites else with_money(problem, up_to_cent(told.money))
        again = None if self._is_late() else keeping(closer, self._groups, self._briefly)
        if again is not None:
            return replace(told, plan=again)
        # As much as was asked for leads there again.
        if limit is None:
            return told
        return replace(told, sites=limit) if is_of_sites else replace(told, money=float(limit))

    def _told(self, problem: SitingProblem, plan: Built, *, is_least: bool = False, is_needed: bool = False) -> Enough:
        money, sites = cost(problem, plan), new_sites(problem, plan)
        return Enough(plan=plan, money=money, sites=sites, is_least=is_least, is_needed=is_needed)

    def _is_late(self) -> bool:
        return self._briefly.gone() >= LEAST_SHARE


def _between(low: int, high: int) -> int:
    """In equal steps of the ratio: plans at once may take many times what is needed."""
    return int(math.sqrt(low * high)) if low > 0 else high // 2


def _given(problem: SitingProblem) -> float:
    """The money of all phases that have a limit."""
    return math.fsum(phase.budget or 0.0 for phase in problem.wishes.phases)
