"""Plans to begin with, and the floors that they keep: those that no plan at once keeps are searched for first."""

from __future__ import annotations

from dataclasses import replace

from optimiser.siting.ceilings import beside_others, floors_beyond_all, with_lowered
from optimiser.siting.conflicts import Kept
from optimiser.siting.enough import is_within
from optimiser.siting.evenly import evenly
from optimiser.siting.first_charger import first_charger
from optimiser.siting.forced import together, with_forced
from optimiser.siting.groups import Groups
from optimiser.siting.in_the_way import InTheWay
from optimiser.siting.keeping import Looking, kept, missed, plans_at_once, searched_for_floors
from optimiser.siting.lowered import LoweredFloor
from optimiser.siting.nearest import (
    Sought,
    floors_given_up,
    is_proven,
    nearest,
    sites_would_do,
    sought_exactly,
)
from optimiser.siting.other_limits import limits_in_the_way, nothing_would_do
from optimiser.siting.plan import Built
from optimiser.siting.problem import SitingProblem


def first_plans(
    problem: SitingProblem,
    groups: Groups,
    looking: Looking,
    *,
    briefly: Looking,
    asked: SitingProblem | None = None,
) -> tuple[list[Built], Kept]:
    """
    Plans at once, and floors as far as the fairest of them keeps them, with what would keep all of them.

    Parameters
    ----------
    briefly
        The same where lower floors are tried, or more money or sites.
    asked
        The same with all sites that were asked for, where the limits do not allow some of them.
    """
    asked = asked or problem
    plans, best = _plans_for_floors(problem, groups, looking)
    sought = sought_exactly(problem, groups, looking, briefly) if best.conflicts else Sought()
    if not best.conflicts or sought.enough is not None:
        return _told(problem, groups, looking, briefly, asked=asked, begun=(plans, best, sought))
    low = floors_beyond_all(problem, groups, [item.ids[0] for item in best.conflicts], looking)
    if low:
        low, sought = _counted(problem, groups, low, looking, briefly)
        problem, asked = with_lowered(problem, low), with_lowered(asked, low)
        plans = [*plans, *plans_at_once(problem, groups)]
        best = min((kept(problem, groups, plan) for plan in plans), key=missed)
    plans, told = _told(problem, groups, looking, briefly, asked=asked, begun=(plans, best, sought), low=low)
    conflicts = (*low, *told.conflicts)
    if _are_held(low) and not any(isinstance(item, InTheWay) for item in conflicts):
        conflicts += limits_in_the_way(problem, groups, looking, briefly, asked=asked, low=low)[0]
    return plans, replace(told, conflicts=conflicts)


def _counted(
    problem: SitingProblem, groups: Groups, low: tuple[LoweredFloor, ...], looking: Looking, briefly: Looking
) -> tuple[tuple[LoweredFloor, ...], Sought]:
    """Floors that no plan keeps, as much of them as can be had together beside all others; and what would do then."""
    sought = sought_exactly(with_lowered(problem, low), groups, looking, briefly)
    beside = beside_others(problem, groups, low, looking) if sought.is_never else ()
    if not _are_held(beside):
        return low, sought
    return beside, sought_exactly(with_lowered(problem, beside), groups, looking, briefly)


def _are_held(low: tuple[LoweredFloor, ...]) -> bool:
    """Whether less can be had of them together than of each by itself."""
    return any(item.beside is not None for item in low)


def _told(
    problem: SitingProblem,
    groups: Groups,
    looking: Looking,
    briefly: Looking,
    *,
    asked: SitingProblem,
    begun: tuple[list[Built], Kept, Sought],
    low: tuple[LoweredFloor, ...] = (),
) -> tuple[list[Built], Kept]:
    """What plans keep of floors that can be kept, and what would keep all of them, where that is not all."""
    plans, best, sought = begun
    if sought.enough is not None and is_within(problem, sought.enough):
        plans.append(sought.enough.plan)
        best = kept(problem, groups, sought.enough.plan)
    if best.conflicts and (even := evenly(problem, groups, best, looking, briefly)) is not None:
        plans += [] if even[0] is None else [even[0]]
        # With lower floors to begin with, a search may have come to a plan that keeps those asked for.
        best = even[1]
    wished = with_forced(problem, together(asked, asked.wishes.force))
    left_out = tuple(sorted(wished.wishes.force - problem.wishes.force))
    if not best.conflicts and not left_out:
        return plans, replace(best, conflicts=first_charger(problem, groups))
    known = None if left_out else sought
    told, more = nearest(wished, groups, looking, briefly, known=known, left_out=left_out)
    if more is not None and not told:
        # With more to begin with, a search has come to a plan that needs no more.
        return [*plans, more], kept(problem, groups, more)
    floors = best.conflicts
    if told:
        is_sure = is_proven(problem, groups, looking, briefly) if left_out else told[0].is_impossible
        return plans, replace(best, conflicts=floors_given_up(floors, told, is_proven=is_sure))
    conflicts = nothing_would_do(wished, groups, floors, looking, briefly, asked=asked, low=low)
    more_sites = sites_would_do(wished, left_out) if left_out else first_charger(problem, groups, conflicts)
    return plans, replace(best, conflicts=(*conflicts, *more_sites))


def _plans_for_floors(problem: SitingProblem, groups: Groups, looking: Looking) -> tuple[list[Built], Kept]:
    """Plans at once, and searched for where these miss floors; and the floors that the fairest of them keeps."""
    plans = plans_at_once(problem, groups)
    reached = [kept(problem, groups, plan) for plan in plans]
    fairest = min(range(len(plans)), key=lambda number: missed(reached[number]))
    if reached[fairest].conflicts:
        for plan in searched_for_floors(problem, groups, plans[fairest], looking):
            plans.append(plan)
            reached.append(kept(problem, groups, plan))
            if not reached[-1].conflicts:
                break
    return plans, min(reached, key=missed)
