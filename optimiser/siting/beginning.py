"""Plans to begin with, and the floors that they keep: those that no plan at once keeps are searched for first."""

from __future__ import annotations

from dataclasses import replace

from optimiser.siting.conflicts import Kept
from optimiser.siting.evenly import evenly
from optimiser.siting.groups import Groups
from optimiser.siting.keeping import Looking, for_floors, kept, missed, plans_at_once
from optimiser.siting.nearest import floors_given_up, nearest, nothing_would_do
from optimiser.siting.plan import Built
from optimiser.siting.problem import SitingProblem


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
    even = evenly(problem, groups, best, looking, briefly)
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
