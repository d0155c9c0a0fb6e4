"""Plans to begin with, and the floors that they keep: those that no plan at once keeps are searched for first."""

from __future__ import annotations

import math
from dataclasses import replace

from optimiser.siting.conflicts import Kept
from optimiser.siting.exact import aim_exactly
from optimiser.siting.groups import Groups
from optimiser.siting.keeping import TINY, Looking, for_floors, keeping, kept, missed, plans_at_once, with_floors
from optimiser.siting.model import Aim
from optimiser.siting.nearest import floors_given_up, nearest, nothing_would_do
from optimiser.siting.plan import Built
from optimiser.siting.problem import SitingProblem

HALVINGS, APART = 10, 0.05
"""Shares of all floors that are tried at most; of such a share, how near the greatest that is kept is told."""
EVEN_SHARE = 0.25
"""Of the time for the study, from which on no more of them are."""


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
    plans = plans_at_once(problem, groups)
    reached = [kept(problem, groups, plan) for plan in plans]
    fairest = min(range(len(plans)), key=lambda number: missed(reached[number]))
    if reached[fairest].conflicts:
        for plan in for_floors(problem, groups, plans[fairest], looking):
            plans.append(plan)
            reached.append(kept(problem, groups, plan))
            if not reached[-1].conflicts:
                break
    best = min(reached, key=missed)
    if not best.conflicts:
        return plans, best
    even = _evenly(problem, groups, best, looking, briefly)
    if even is not None:
        plans.append(even[0])
        best = even[1]
    if not best.conflicts:
        # With lower floors to begin with, a search has come to a plan that keeps those asked for.
        return plans, best
    told, more = nearest(problem, groups, looking, briefly)
    if more is not None and not told:
        # With more to begin with, a search has come to a plan that needs no more.
        return [*plans, more], kept(problem, groups, more)
    if told:
        return plans, replace(best, conflicts=floors_given_up(best.conflicts, told))
    return plans, replace(best, conflicts=nothing_would_do(problem, groups, best.conflicts, looking, briefly))


def _evenly(
    problem: SitingProblem, groups: Groups, best: Kept, looking: Looking, briefly: Looking
) -> tuple[Built, Kept] | None:
    """
    A plan that keeps more of every floor than the best so far does of the one that it misses most.

    By the integer programme of a small study, else by trying shares of all floors: halved until a plan at once keeps
    them, then each between those known, in equal steps of their ratio.
    """
    aimed = aim_exactly(problem, groups, Aim.EVEN, seconds=looking.seconds / 2)
    if aimed is not None:
        plan, share = aimed
        reached = kept(problem, groups, plan, even=with_floors(problem, share * (1 - TINY)))
        return (plan, reached) if missed(reached) < missed(best) else None
    low, high = 1.0 - missed(best)[0], 1.0
    found = _at_once(problem, groups, low)
    for _ in range(HALVINGS):
        if found is not None:
            low = 1.0 - missed(found[1])[0]
        if high - low <= APART * high or briefly.gone() >= EVEN_SHARE:
            break
        share = math.sqrt(low * high) if low > 0.0 else high / 2
        even = with_floors(problem, share)
        tried = keeping(even, groups, briefly)
        if tried is None:
            high = share
        else:
            found = tried, kept(problem, groups, tried, even=even)
    return found


def _at_once(problem: SitingProblem, groups: Groups, low: float) -> tuple[Built, Kept] | None:
    """The greatest of shares halved again and again, above the one kept so far, that a plan at once keeps of all."""
    for halvings in range(1, HALVINGS + 1):
        share = 0.5**halvings
        if share <= low:
            break
        even = with_floors(problem, share)
        for plan in plans_at_once(even, groups):
            if not kept(even, groups, plan).conflicts:
                return plan, kept(problem, groups, plan, even=even)
    return None
